import type { NetBoxFacts, NetBoxObject } from '../api/index.ts';
import { PlumblineError } from '../lib/index.ts';
import type { Lists } from './changes.ts';
import { partText, type Resource } from './resource.ts';
import { type Kind, kindsOf, resources } from './resources.ts';

/** Lists that the token may not view, with what NetBox said to each. */
export type Forbidden = ReadonlyMap<Kind, PlumblineError>;

/** Reads one list; what forbids it where the token has no right to it. Every other failure is one of the whole look. */
export async function unlessForbidden<T>(read: () => Promise<T>): Promise<T | PlumblineError> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof PlumblineError && error.code === 'NetBoxForbidden') return error;
    throw error;
  }
}

/**
 * Kinds of which nothing can be said without the forbidden lists: those themselves, and what is found through them, each with the list that it takes.
 * Throws what forbids it where one of `needs` is among them.
 */
export function unseenKinds(forbidden: Forbidden, lists: Lists, needs: readonly Kind[]): NetBoxFacts['unseen'] {
  if (forbidden.size === 0) return undefined;
  const unseen = new Map<Kind, Kind>([...forbidden.keys()].map((kind) => [kind, kind]));
  for (let before = 0; before < unseen.size; ) {
    before = unseen.size;
    for (const kind of lists.keys()) {
      const { fields, foundBy = [] }: Resource = resources[kind];
      const cause = foundBy.map((field) => unseen.get(fields[field]?.to as Kind)).find((each) => each !== undefined);
      if (cause !== undefined && !unseen.has(kind)) unseen.set(kind, cause);
    }
  }
  for (const kind of needs) {
    const error = forbidden.get(unseen.get(kind) ?? kind);
    if (error) throw error;
  }
  return Object.fromEntries(unseen);
}

/**
 * Objects of such a kind that are known all the same: those that name nothing unseen, where nothing else of the same address or network does. Whoever
 * looks for one of them finds what a token that sees all finds.
 */
export function withoutUncertain(
  kind: Kind,
  objects: readonly NetBoxObject[],
  unseen: Readonly<Record<string, string>>,
): readonly NetBoxObject[] {
  const { fields, filters, foundBy = [], foundAt }: Resource = resources[kind];
  const part = foundAt ?? Object.values(filters).at(-1) ?? 'id';
  const field = typeof part === 'string' ? part : part.field;
  const nameOf = ({ values }: NetBoxObject) => partText(part, values[field] ?? null);
  const isUncertain = ({ values }: NetBoxObject) =>
    foundBy.some((each) => (values[each] ?? null) !== null && (fields[each]?.to ?? '') in unseen);
  const uncertain = new Set(objects.filter(isUncertain).map(nameOf));
  return objects.filter((object) => !uncertain.has(nameOf(object)));
}

/** Whether every list of this server was read or forbidden, and no other. */
export function isEveryList(server: Parameters<typeof kindsOf>[0], lists: Lists, forbidden: Forbidden): boolean {
  const kinds = kindsOf(server);
  return kinds.length === lists.size + forbidden.size && kinds.every((kind) => lists.has(kind) || forbidden.has(kind));
}
