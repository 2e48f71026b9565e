import type { PlumblineError } from '../../lib/index.ts';
import type { Builder } from '../builder.ts';
import type { Document, Structured } from '../dialect.ts';
import { errors } from '../errors.ts';
import type { Node } from '../types.ts';
import { sayPrefix } from './addresses.ts';
import { countedOnce } from './differences.ts';
import { createEmitter } from './emitter.ts';
import { isMap, type JsonMap, type JsonValue, nowhere, type Places, readJson, type ReadJson, textOf } from './json.ts';
import { mergeMaps } from './merge.ts';
import { findSecrets } from './secrets.ts';
import { giveIds, writeServer } from './server.ts';

/** Servers that a dialect speaks of, as their configurations are called. */
export type Root = 'Dhcp4' | 'Dhcp6';

/** True for JSON; canonical lines begin with `Dhcp4` or `Dhcp6`. */
function isJsonText(text: string): boolean {
  const start = /\S/.exec(text)?.index ?? text.length;
  return !/^(?:Dhcp[46]\s*)?$/.test(text.slice(start, start + 200).split('\n', 1)[0] ?? '');
}

/** The text as JSON, as fast as can be where nobody asks on which line things stand, and nothing is wrong. */
function readDocuments(
  text: string,
  options: { file?: string; onComment?: (said: string, line: number) => void; placed: boolean; strict: boolean },
): ReadJson {
  if (!options.placed) {
    try {
      const value = JSON.parse(text) as JsonValue;
      if (!options.strict || countKeys(value) === countKeyMarks(text)) return { values: [value], problems: [], ...nowhere };
    } catch {
      // A comment, a comma too many, or a mistake: the slow way tells which.
    }
  }
  return readJson(text, options);
}

/** Fewer than the text has: a key stands twice. */
function countKeys(value: JsonValue): number {
  if (typeof value !== 'object' || value === null) return 0;
  let count = 0;
  if (Array.isArray(value)) for (const each of value) count += typeof each === 'object' ? countKeys(each) : 0;
  else
    for (const key in value) {
      const each = value[key];
      count += 1 + (typeof each === 'object' && each !== null ? countKeys(each) : 0);
    }
  return count;
}

/** Quotes that a colon follows: the ends of all keys, and of odd values, which make it too many and the reading slow, never wrong. */
function countKeyMarks(text: string): number {
  let count = 0;
  for (let at = text.indexOf(':'); at >= 0; at = text.indexOf(':', at + 1)) {
    let before = at - 1;
    while (isSpace(text.charCodeAt(before))) before--;
    if (text.charCodeAt(before) === 34) count++;
  }
  return count;
}

function isSpace(letter: number): boolean {
  return letter === 32 || letter === 10 || letter === 13 || letter === 9;
}

/**
 * The configurations in what a server says or a file holds: bare, in the reply to `config-get` (one or a list of them), or in a command. Problems are
 * told for replies that say no configuration: an error is not an empty server.
 */
function unwrap(
  value: JsonValue,
  roots: readonly Root[],
  places: Places = nowhere,
  file = 'config',
): { servers: { root: Root; map: JsonMap }[]; problems: PlumblineError[] } {
  const servers: { root: Root; map: JsonMap }[] = [];
  const problems: PlumblineError[] = [];
  const at = (map: JsonMap, key: string) => ({ at: { file, line: Math.max(1, places.lineOfKey(map, key)), col: 1 } });
  const look = (each: JsonValue): void => {
    if (Array.isArray(each)) return each.forEach(look);
    if (!isMap(each)) return;
    if (typeof each['result'] === 'number' && each['result'] !== 0)
      return void problems.push(
        errors.NoConfiguration({ what: `the reply says result ${each['result']}: ${textOf(each['text'])}` }, at(each, 'result')),
      );
    if (isMap(each['arguments'])) return look(each['arguments']);
    for (const root of ['Dhcp4', 'Dhcp6'] as const) {
      const map = each[root];
      if (map === undefined || !roots.includes(root)) continue;
      if (isMap(map)) servers.push({ root, map });
      else problems.push(errors.ConfigSyntax({ what: `"${root}" is no map`, instead: `Write "${root}": { … }.` }, at(each, root)));
    }
  };
  look(value);
  if (servers.length === 0 && problems.length === 0) {
    const keys = isMap(value) ? Object.keys(value).slice(0, 5) : [];
    const found = keys.length === 0 ? 'nothing' : keys.map((key) => JSON.stringify(key)).join(', ');
    problems.push(
      errors.NoConfiguration(
        { what: `no ${roots.map((root) => `"${root}"`).join(' or ')} at the top, where ${found} stands` },
        isMap(value) ? at(value, keys[0] ?? '') : { at: { file, line: 1, col: 1 } },
      ),
    );
  }
  return { servers, problems };
}

/** The version that a whole configuration looks like it was printed by; undefined for what people wrote. */
export function guessVersion(values: readonly JsonValue[], roots: readonly Root[]): string | undefined {
  for (const value of values) {
    for (const { map } of unwrap(value, roots).servers) {
      // Servers print all of these, people none; one may have been taken out by hand.
      if (['parked-packet-limit', 'statistic-default-sample-age', 'dhcp-queue-control'].filter((key) => Object.hasOwn(map, key)).length < 2)
        continue;
      if (Object.hasOwn(map, 'ddns-use-conflict-resolution') && !Object.hasOwn(map, 'allocator')) return '2.2.0';
      if (!Object.hasOwn(map, 'ddns-conflict-resolution-mode')) return '2.4.0';
      return Object.hasOwn(map, 'cache-threshold') || Object.hasOwn(map, 'stash-agent-options') ? '3.0.0' : '2.6.0';
    }
  }
  return undefined;
}

/** Lines of the documents, put together by identity: what two of them say of one thing is one block. */
function writeDocuments(
  builder: Builder,
  read: ReadJson,
  roots: readonly Root[],
  {
    version,
    like,
    file,
    onTwice,
  }: { version: string; file: string | undefined } & Pick<Parameters<Document['write']>[1], 'like' | 'onTwice'>,
): PlumblineError[] {
  const found = read.values.map((value) => unwrap(value, roots, read, file));
  const servers = Map.groupBy(
    found.flatMap((each) => each.servers),
    ({ root }) => root,
  );
  for (const root of roots) {
    const maps = servers.get(root)?.map(({ map }) => map);
    if (!maps) continue;
    const merged = mergeMaps(maps, read);
    for (const { item, first, second } of merged.twice) onTwice?.(item, first, second);
    // Owners are told of every line: those of another tree are no help then.
    const emit = createEmitter(builder, merged, builder.onPut ? undefined : like && blocksIn(like, root));
    const block = emit.put(builder.root, root, read.lineOf(merged.map));
    const ids = like && idsIn(like, root);
    writeServer(emit, block, merged.map, root === 'Dhcp4' ? 4 : 6, {
      version,
      idOf: (prefix) => ids?.get(sayPrefix(prefix)),
      seen: ids?.size ?? 0,
    });
  }
  return found.flatMap(({ problems }) => problems);
}

function blocksIn(roots: readonly Node[], root: Root): ReadonlyMap<string, Node> {
  const server = roots.find(({ text }) => text === root);
  return new Map(server ? [server, ...server.children].map((node) => [node.key, node]) : []);
}

function idsIn(roots: readonly Node[], root: Root): ReadonlyMap<string, string> {
  const ids = new Map<string, string>();
  for (const subnet of roots.find(({ text }) => text === root)?.children ?? []) {
    if (!subnet.text.startsWith('subnet ')) continue;
    const prefix = subnet.children.find(({ text }) => text.startsWith('prefix '))?.text.slice('prefix '.length);
    if (prefix !== undefined) ids.set(prefix, subnet.text.slice('subnet '.length));
  }
  return ids;
}

/** One server as its configuration says it. */
export interface ServerFound {
  readonly root: Root;
  readonly map: JsonMap;
  /** Prefixes of subnets that had no id, and have the one now that the server gives them. */
  readonly numbered: readonly string[];
}

/** The servers in a text as maps, for whoever takes them apart, and the version by which they were printed, if they were. Throws the first problem. */
export function readServers(
  text: string,
  roots: readonly Root[],
  file: string,
): { servers: readonly ServerFound[]; version: string | undefined } {
  const read = readDocuments(text, { file, placed: false, strict: true });
  const found = read.values.map((value) => unwrap(value, roots, read, file));
  const [problem] = [...read.problems, ...found.flatMap(({ problems }) => problems)];
  if (problem) throw problem;
  const servers = roots.flatMap((root): ServerFound[] => {
    const maps = found.flatMap((each) => each.servers.flatMap((server) => (server.root === root ? [structuredClone(server.map)] : [])));
    if (maps.length === 0) return [];
    const { map } = mergeMaps(maps, nowhere);
    return [{ root, map, numbered: giveIds(map, root === 'Dhcp4' ? 4 : 6) }];
  });
  return { servers, version: guessVersion(read.values, roots) };
}

/** How the documents of servers become lines. */
export function structuredFor(roots: readonly Root[]): Structured {
  const documentOf = (read: ReadJson, file?: string): Document => ({
    version: guessVersion(read.values, roots),
    problems: read.problems,
    write: (builder, facts) => writeDocuments(builder, read, roots, { ...facts, file }),
  });
  return {
    isDocument: isJsonText,
    open: (text, { file, placed, strict, onComment }) =>
      documentOf(
        readDocuments(text, {
          placed,
          strict,
          ...(file !== undefined && { file }),
          ...(onComment && { onComment: (said, line) => onComment(`# ${said}`, line) }),
        }),
        file,
      ),
    wrap: (value) => documentOf({ values: [value as JsonValue], problems: [], ...nowhere }),
    countedOnce,
    secrets: findSecrets,
  };
}
