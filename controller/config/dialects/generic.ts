import type { Dialect } from '../dialect.ts';

const indented = {
  syntax: 'indent',
  comments: ['!', '#'],
  exits: ['exit', 'end', 'quit', 'exit-address-family', 'exit-vrf', 'end-policy', 'end-set', 'return'],
  removal: 'line',
  negated: 'kept',
  sections: { root: [] },
  versions: [],
} as const;

/** Indented text, `no` takes a line back. */
export const genericNo: Dialect = { ...indented, platform: 'generic', negation: ['no'], exit: 'exit' };
/** Indented text, `undo` takes a line back. */
export const genericUndo: Dialect = { ...indented, platform: 'generic-undo', negation: ['undo'], exit: 'quit' };
