import type { Dialect } from './dialect.ts';
import { namesOf, type Place, walk } from './names.ts';
import { compileDialect, isNegated, positiveWords } from './rules.ts';
import type { Node } from './types.ts';

/** A line with all that its names are relative to. */
export interface Placed {
  readonly node: Node;
  readonly place: Place;
  readonly object: string | undefined;
}

/**
 * Of the lines that Git dropped those that lines of others still need: a route-map that somebody else's neighbor is bound to, the
 * prefix-list in it. Taking them away would change what others have (FRR denies everything where a route-map is missing, and deletes the
 * members of a peer group with it), so the whole object stays.
 */
export function findStillUsed(
  dropped: readonly Placed[],
  others: readonly Placed[],
  want: readonly Node[],
  dialect: Dialect,
): readonly Node[] {
  const makers = dropped.filter(({ node }) => node.rule.defines.length > 0);
  if (makers.length === 0) return [];
  const { negations } = compileDialect(dialect);
  const say = (what: 'defines' | 'uses', { node, place }: Placed): readonly string[] =>
    isNegated(node.text, negations) ? [] : namesOf(node.rule[what], positiveWords(node.text, negations), node.rule, place);

  const made = new Set<string>();
  walk(want, dialect, (node, _key, place, object) => {
    for (const name of say('defines', { node, place, object })) made.add(name);
  });
  const makersOf = new Map<string, Placed[]>();
  for (const maker of makers) for (const name of say('defines', maker)) makersOf.set(name, [...(makersOf.get(name) ?? []), maker]);
  const members = Map.groupBy(dropped, ({ object, node }) => object ?? node);

  const kept = new Set<Node>();
  const needed = others.flatMap((other) => say('uses', other));
  for (let name = needed.pop(); name !== undefined; name = needed.pop()) {
    if (made.has(name)) continue;
    made.add(name);
    for (const maker of makersOf.get(name) ?? []) {
      for (const member of members.get(maker.object ?? maker.node) ?? []) {
        kept.add(member.node);
        needed.push(...say('uses', member));
      }
    }
  }
  return [...kept];
}
