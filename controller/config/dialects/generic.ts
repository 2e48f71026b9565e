import type { Dialect } from '../dialect.ts';
import { genericBraces, genericSet } from './flat.ts';

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

/** The generic dialect that a text looks like: most of its lines begin with `set`, or close a brace or a statement, or some with `undo`. */
export function genericFor(sample: string): Dialect {
  const lines = sample
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !/^[!#]/.test(line));
  const share = (pattern: RegExp): number => lines.filter((line) => pattern.test(line)).length / Math.max(1, lines.length);
  if (share(/^(set|delete) /) > 0.5) return genericSet;
  if (share(/[{};]$/) > 0.5) return genericBraces;
  return share(/^undo /) > share(/^no /) ? genericUndo : genericNo;
}
