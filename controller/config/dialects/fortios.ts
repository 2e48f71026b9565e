import type { Dialect, Row } from '../dialect.ts';

/** Fortinet FortiOS: `config` opens a table, `edit` an entry, `set` a value; the words say the depth. */
const inside: readonly Row[] = [
  { match: 'set {name} <value*>', remove: 'unset {name}' },
  { match: 'edit {name*}', opens: 'table', close: 'next', remove: 'delete {name}' },
  { match: 'config {path*}', opens: 'table', close: 'end', remove: null, emptyIsAbsent: true },
];

export const fortios: Dialect = {
  platform: 'fortios',
  syntax: 'indent',
  negation: ['unset', 'delete'],
  comments: ['#'],
  exits: ['next', 'end'],
  exit: 'end',
  removal: 'key',
  negated: 'deletes',
  sections: { root: inside, table: inside },
  prepare: indentByWords,
  versions: [],
};

/** Text without indentation gets the one that its words imply. */
function indentByWords(text: string): string {
  let depth = 0;
  return text
    .split('\n')
    .map((line) => {
      const said = line.trim();
      if (/^(next|end)$/.test(said)) depth = Math.max(0, depth - 1);
      const written = said === '' ? '' : ' '.repeat(depth) + said;
      if (/^(config|edit) /.test(said)) depth++;
      return written;
    })
    .join('\n');
}
