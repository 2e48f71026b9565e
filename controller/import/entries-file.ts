import type { Kind } from '../api/index.ts';
import type { Spec } from './found.ts';

/** Entries that stand better in a file of their own, as IRR tools write them. */
const longest = 100;

interface Entry {
  prefix: string;
  ge?: number;
  le?: number;
  action?: string;
  sequence?: number;
}

/** A long prefix set without exceptions, its entries in a file. */
export function splitEntries(kind: Kind, name: string, spec: Spec): { rest: Spec; path: string | undefined; text: string } {
  const entries = (kind === 'PrefixSet' ? (spec['entries'] ?? []) : []) as readonly Entry[];
  if (entries.length <= longest || entries.some(({ action, sequence }) => (action ?? sequence) !== undefined))
    return { rest: spec, path: undefined, text: '' };
  const { entries: _entries, ...rest } = spec;
  const path = `prefix-sets/${name}.txt`;
  const lines = entries.map(
    ({ prefix, ge, le }) => `${prefix}${ge === undefined ? '' : ` ge ${ge}`}${le === undefined ? '' : ` le ${le}`}\n`,
  );
  return { rest: { ...rest, entriesFile: path }, path, text: lines.join('') };
}
