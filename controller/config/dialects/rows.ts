import type { Row } from '../dialect.ts';

/** Rows of lines that are words and a value: `mtu` knows `mtu 9000`; taken back by the words alone. */
export function values(...heads: string[]): Row[] {
  return heads.map((head) => ({ match: `${head} <value*>` }));
}

/** Rows that open a block: pattern and the section of the lines inside. */
export function blocks(section: string, ...patterns: string[]): Row[] {
  return patterns.map((match) => ({ match, opens: section }));
}

/** Lines of which several may stand, each taken back in full. */
export function members(...patterns: string[]): Row[] {
  return patterns.map((match) => ({ match, remove: undefined }) as Row);
}

/** A value that has to be taken back before another one is accepted. */
export function cleared(...heads: string[]): Row[] {
  return heads.map((head) => ({ match: `${head} <value*>`, change: 'recreate' }));
}
