import type { Node } from './types.ts';

/**
 * A block of a tree that the text being read is mostly like, and how far the reading has come in it. A line that stands there word for word
 * is known: its row, its key and its canonical form need not be looked for again.
 */
export interface Likeness {
  readonly nodes: readonly Node[];
  at: number;
  /** Lines in a row that were not found. */
  missed: number;
  /** Places by text: made when too many lines in a row are not where they were expected. */
  places?: Map<string, number>;
}

/** So far ahead is looked for a line, and so many lines in a row may be missed, before the places are made. */
const near = 4;
const patience = 8;

export function likeBlock(nodes: readonly Node[]): Likeness {
  return { nodes, at: 0, missed: 0 };
}

/** The node with this text, behind the one found last: forward only, so that none is found twice. */
export function findLike(like: Likeness, text: string): Node | undefined {
  const { nodes } = like;
  let at = like.at;
  while (at < nodes.length && at < like.at + near && nodes[at]?.text !== text) at++;
  if (at === like.at + near || at >= nodes.length) {
    if (++like.missed < patience) return undefined;
    like.places ??= new Map(nodes.map((node, place) => [node.text, place]));
    at = like.places.get(text) ?? -1;
    if (at < like.at) return undefined;
  }
  like.missed = 0;
  like.at = at + 1;
  return nodes[at];
}
