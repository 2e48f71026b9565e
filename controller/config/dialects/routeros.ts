import type { PlannedCommand } from '../../api/index.ts';
import type { Dialect } from '../dialect.ts';
import { genericNo } from './generic.ts';

/** RouterOS: a path, then `add` and `set` in it; removal finds an entry by its words. Files and keys are printed as tables. */
export const routeros: Dialect = {
  ...genericNo,
  platform: 'routeros',
  negation: ['remove'],
  comments: ['#'],
  exit: '',
  exits: [],
  removal: 'line',
  negated: 'deletes',
  sections: {
    root: [{ match: '{path*}', opens: 'table', remove: null, emptyIsAbsent: true }],
    table: [
      { match: 'add {entry*}', remove: 'remove {entry*}' },
      { match: 'set {which} <values*>', remove: null },
      { match: 'file {name} <contents*>', remove: 'remove name={name}' },
      { match: 'import public-key-file={file} user={user}' },
    ],
  },
  prepare: nestPaths,
  phrase: (commands) => sayPaths(commands),
};

const fileEntry = /^\d+ name="([^"]*)".*?(?: contents=(.*))?$/;
const keyEntry = /^\d+ \S+ user=(\S+) .*key-owner=(\S+)$/;

/** Lines below a path are inside it, a line that ends with a backslash goes on in the next. */
function nestPaths(text: string): string {
  const lines = text.split('\n');
  for (let i = lines.length - 2; i >= 0; i--) {
    if (!(lines[i] ?? '').endsWith('\\')) continue;
    lines[i] = `${(lines[i] ?? '').slice(0, -1).trimEnd()} ${(lines[i + 1] ?? '').trim()}`;
    lines[i + 1] = '';
  }
  let path = '';
  return lines
    .map((line) => {
      if (line.startsWith('/')) {
        path = line.trim();
        return line;
      }
      const said = line.trim();
      const file = path === '/file' ? fileEntry.exec(said) : null;
      if (file) return ` file ${file[1] ?? ''} ${file[2] ?? ''}`;
      const key = path === '/user ssh-keys' ? keyEntry.exec(said) : null;
      return key ? ` import public-key-file=${key[2] ?? ''}.ssh_key.txt user=${key[1] ?? ''}` : ` ${said}`;
    })
    .join('\n');
}

/** The path before each command; a file is made by printing into it, then filled. */
export function sayPaths(commands: readonly PlannedCommand[]): PlannedCommand[] {
  const prints: string[] = [];
  const said = commands.flatMap(({ path, text }): string[] => {
    const at = path.join(' ');
    if (path.length === 0) return [];
    const [, name, contents] = /^file (\S+) ?(.*)$/.exec(text) ?? [];
    if (name !== undefined) {
      prints.push(`${at} print file=${name}`);
      return contents ? [`${at} set ${name} contents="${contents}"`] : [];
    }
    return [`${at} ${text.replace(/^remove (.*)$/, 'remove [ find $1 ]')}`];
  });
  const filled = said.findIndex((text) => / set \S+ contents=/.test(text));
  const at = filled < 0 ? said.length : filled;
  return [...said.slice(0, at), ...prints, ...said.slice(at)].map((text) => ({ path: [], text }));
}
