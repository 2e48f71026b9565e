import type { BGPSessionSpec, SessionEndFamily, ValuePath } from '../../api/index.ts';
import type { PlumblineError } from '../../lib/index.ts';
import { errors } from './errors.ts';
import { type Named, nameOf } from './input.ts';

const internalOnly = ['routeReflectorClient'] as const;
const externalOnly = ['routeServerClient', 'asOverride', 'removePrivateAs'] as const;

/** Options of a session, or of a group of them, that do nothing on sessions of this type. */
export function misplacedOptions(
  object: Named,
  type: BGPSessionSpec['type'],
  options: SessionEndFamily,
  path: ValuePath,
): PlumblineError[] {
  const isExternal = type === 'External';
  const raise = isExternal ? errors.InternalOnly : errors.ExternalOnly;
  return (isExternal ? internalOnly : externalOnly)
    .filter((field) => options[field])
    .map((field) => raise({ object: nameOf(object), field }, { at: object.locate([...path, field]) }));
}
