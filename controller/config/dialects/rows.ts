import type { Row } from '../dialect.ts';

/** Lists of words may stand in one string, parted by `; `. */
export function parts(lists: readonly string[]): string[] {
  return lists.flatMap((list) => list.split('; '));
}

/** Rows of lines that are words and a value: `mtu` knows `mtu 9000`; taken back by the words alone. */
export function values(...heads: string[]): Row[] {
  return parts(heads).map((head) => ({ match: `${head} <value*>` }));
}

/** Rows that open a block: pattern and the section of the lines inside. */
export function blocks(section: string, ...patterns: string[]): Row[] {
  return parts(patterns).map((match) => ({ match, opens: section }));
}

/** A value that has to be taken back before another one is accepted. */
export function cleared(...heads: string[]): Row[] {
  return parts(heads).map((head) => ({ match: `${head} <value*>`, change: 'recreate' }));
}
