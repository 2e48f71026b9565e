import { selects } from '../../api/index.ts';
import type { DesiredObject } from '../../api/index.ts';
import type { PlumblineError } from '../../lib/index.ts';
import { isSecretName } from '../issues.ts';
import { errors } from './errors.ts';
import { type CheckInput, nameOf, onItsOwn } from './input.ts';
import { everyObject } from './references.ts';

/** Labels and annotations: no secrets in them, and selectors that select something. */
export function checkMetadata({ objects, unread }: CheckInput): PlumblineError[] {
  const problems: PlumblineError[] = [];
  for (const object of everyObject(objects)) for (const problem of findSecrets(object)) problems.push(problem);
  const devices = [...objects.Device.values()];
  // A device that cannot be read may carry the label.
  if (!unread.isEmpty) return problems;
  for (const rule of [...objects.ReconcilePolicy.values(), ...objects.ChangeWindow.values()]) {
    if (devices.some((device) => selects(rule.spec.selector, device.metadata.labels))) continue;
    problems.push(errors.SelectsNothing({ object: nameOf(rule) }, { at: rule.locate(['spec', 'selector']) }));
  }
  return problems;
}

const findSecrets = onItsOwn((object: DesiredObject) =>
  (['labels', 'annotations'] as const).flatMap((list) =>
    Object.keys(object.metadata[list])
      .filter((key) => isSecretName(key.split('/').at(-1)))
      .map((key) => {
        const facts = { object: nameOf(object), key: `metadata.${list}.${key}` };
        return errors.SecretInMetadata(facts, { at: object.locate(['metadata', list, key]) });
      }),
  ),
);
