import type { PlannedCommand } from '../../api/index.ts';
import type { Dialect, Row } from '../dialect.ts';
import type { Tree } from '../types.ts';
import { genericNo } from './generic.ts';
import { parts } from './rows.ts';

/** Menus without entries, which hold one line of settings. */
const menus = parts([
  '/system identity; /system clock; /system ntp client; /system ntp server; /system note; /ip dns; /ip ssh; /ip settings; /ipv6 settings',
  '/ip cloud; /ip proxy; /ip socks; /ip upnp; /ip traffic-flow; /ip neighbor discovery-settings; /ip firewall connection tracking; /snmp',
  '/interface bridge settings; /interface detect-internet; /tool bandwidth-server; /tool mac-server; /tool romon; /radius incoming; /user aaa',
]);

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
    root: [
      ...menus.map((match): Row => ({ match, opens: 'settings', remove: null, emptyIsAbsent: true })),
      { match: '{path*}', opens: 'table', remove: null, emptyIsAbsent: true },
    ],
    settings: [{ match: 'set <values*>', remove: null }],
    table: [
      { match: 'add {entry*}', remove: 'remove {entry*}' },
      { match: 'set {which} <values*>', remove: null },
      { match: 'file {name} <contents*>', remove: 'remove name={name}' },
      { match: 'import public-key-file={file} user={user}' },
    ],
  },
  prepare: nestPaths,
  phrase: (commands, live, want) => sayPaths(inPlace(commands, live, want)),
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

/** Tables in which the first entry that fits is the one that counts. */
const ordered = /^\/(?:ipv6|ip) firewall (?:filter|nat|mangle|raw)$|^\/interface bridge filter$|^\/routing filter rule$|^\/queue simple$/;

/** An entry with a name that only changes keeps its place and is set; a new one in a table whose order counts goes ahead of the one behind it. */
function inPlace(commands: readonly PlannedCommand[], live: Tree, want: Tree): PlannedCommand[] {
  const comes = new Map<string, PlannedCommand>();
  for (const command of commands) {
    const name = nameOf(command, 'add');
    if (name !== undefined) comes.set(name, command);
  }
  const sets = new Map<PlannedCommand, string>();
  const gone = new Set<PlannedCommand>();
  for (const command of commands) {
    const name = nameOf(command, 'remove');
    const next = name === undefined ? undefined : comes.get(name);
    const said = next && settings(command.text, next.text);
    if (!next || said === undefined) continue;
    gone.add(command);
    sets.set(next, said);
  }
  return commands.flatMap((command) => {
    if (gone.has(command)) return [];
    const [path = ''] = command.path;
    const text =
      sets.get(command) ?? (command.text.startsWith('add ') && ordered.test(path) ? placed(command.text, path, live, want) : command.text);
    return [{ path: command.path, text }];
  });
}

function nameOf({ path, text }: PlannedCommand, verb: 'add' | 'remove'): string | undefined {
  const name = text.startsWith(`${verb} `) ? attributes(text).get('name') : undefined;
  return name === undefined ? undefined : `${path.join(' ')} ${name}`;
}

function attributes(text: string): Map<string, string> {
  return new Map([...text.matchAll(/([\w-]+)=("(?:[^"\\]|\\.)*"|\S*)/g)].map(([, key = '', value = '']) => [key, value]));
}

/** What to set, unless a value has to go, of which we do not know what it falls back to. */
function settings(old: string, next: string): string | undefined {
  const [had, has] = [attributes(old), attributes(next)];
  if ([...had.keys()].some((key) => !has.has(key))) return undefined;
  const changed = [...has].filter(([key, value]) => had.get(key) !== value).map(([key, value]) => `${key}=${value}`);
  return `set [ find name=${has.get('name') ?? ''} ] ${changed.join(' ')}`;
}

function placed(text: string, path: string, live: Tree, want: Tree): string {
  const linesIn = (tree: Tree): string[] => tree.roots.find((node) => node.text === path)?.children.map((node) => node.text) ?? [];
  const there = new Set(linesIn(live));
  const wanted = linesIn(want);
  const next = wanted.slice(wanted.indexOf(text) + 1).find((line) => there.has(line));
  return next === undefined ? text : `${text} place-before=[ find ${next.replace(/^add /, '')} ]`;
}
