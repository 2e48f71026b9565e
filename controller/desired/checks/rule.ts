import type { DesiredObject, Kind, Metadata, Specs } from '../../api/index.ts';
import type { PlumblineError } from '../../lib/index.ts';
import type { CheckInput } from './input.ts';

/**
 * What a rule looks at: all of the objects of a kind, or these fields of their specs; with an empty list no more than that they are there.
 * Kinds that it does not name it does not get, so a rule whose part stayed the same need not be asked again.
 */
export type Sees = { readonly [K in Kind]?: 'all' | readonly (keyof Specs[K])[] };

/** An object as a rule gets it that sees `What` of its kind. */
export type SeenObject<K extends Kind, What> = What extends readonly (infer Field)[]
  ? Pick<DesiredObject<K>, 'kind' | 'locate'> & { metadata: Pick<Metadata, 'name'>; spec: Pick<Specs[K], Field & keyof Specs[K]> }
  : DesiredObject<K>;

export type SeenObjects<S extends Sees> = { readonly [K in keyof S & Kind]: ReadonlyMap<string, SeenObject<K, S[K]>> };

/** A rule over the desired state. Pure; finds everything it can find. */
export type Rule =
  | { scope: 'load'; check: (input: CheckInput) => readonly PlumblineError[] }
  | { scope: 'between'; sees: Sees; check: (input: CheckInput) => readonly PlumblineError[] }
  | { scope: 'within'; kinds: readonly Kind[]; check: (object: DesiredObject) => readonly PlumblineError[] };

/** A rule that asks for more than objects, the time for example: asked at every load. */
export function ofLoad(check: (input: CheckInput) => readonly PlumblineError[]): Rule {
  return { scope: 'load', check };
}

/** A rule between objects, that gets what it says that it sees. */
export function between<const S extends Sees>(
  sees: S,
  check: (input: Pick<CheckInput, 'broken' | 'unread'> & { objects: SeenObjects<S> }) => readonly PlumblineError[],
): Rule {
  // All of a kind is more than some fields of it, which the compiler does not see through a type variable.
  return { scope: 'between', sees, check: ({ objects, ...rest }) => check({ ...rest, objects: objects as unknown as SeenObjects<S> }) };
}

/** A rule over one object alone. */
export function within<K extends Kind>(kinds: K | readonly K[], check: (object: DesiredObject<K>) => readonly PlumblineError[]): Rule {
  return {
    scope: 'within',
    kinds: typeof kinds === 'string' ? [kinds] : kinds,
    check: check as (object: DesiredObject) => readonly PlumblineError[],
  };
}
