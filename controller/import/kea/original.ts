import {
  dialectFor, editJson, errors, isMap, type JsonMap, type JsonValue, parse, parseDocument, planPatch, readServers, redact, type ServerFound, type Tree,
} from '../../config/index.ts'; // biome-ignore format: one list
import type { OriginalText } from '../original.ts';

/** The servers of one device as they were found, with tokens in place of secret values. */
export interface KeaOriginal {
  readonly device: string;
  readonly from: string;
  readonly servers: readonly ServerFound[];
  /** Versions in which the result has to be the same: the one that is known, or all. */
  readonly versions: readonly string[];
  /** Token to value, where the values are known. */
  readonly values: ReadonlyMap<string, string>;
}

export const kea = dialectFor('kea');

/** Platforms whose configurations are read here. */
export function isKea(platform: string): boolean {
  return platform in rootsOf;
}

const rootsOf: Readonly<Record<string, readonly ServerFound['root'][]>> = {
  kea: ['Dhcp4', 'Dhcp6'],
  'kea-dhcp4': ['Dhcp4'],
  'kea-dhcp6': ['Dhcp6'],
};

/**
 * Reads what people wrote, what a server printed, or canonical lines. People's words are kept; what a server prints is mostly what it does anyway, and is
 * reduced to what somebody said. Throws the first problem.
 */
export function readKea(input: OriginalText, tokenOf: (value: string) => string): KeaOriginal {
  const roots = rootsOf[input.platform] ?? [];
  const original = readText(input, roots, tokenOf);
  if (original.servers.length > 0) return original;
  const what = `no ${roots.map((root) => `"${root}"`).join(' or ')} in it`;
  throw errors.NoConfiguration({ what }, { at: { file: input.from, line: 1, col: 1 } });
}

function readText(input: OriginalText, roots: readonly ServerFound['root'][], tokenOf: (value: string) => string): KeaOriginal {
  const values = new Map<string, string>();
  const { text } = redact(input.text, kea, (value) => {
    const token = tokenOf(value);
    values.set(token, value);
    return token;
  });
  const { device, from } = input;
  if (!kea.structured?.isDocument(text)) {
    const tree = parse(text, kea, input.version === undefined ? {} : { version: input.version });
    const servers = roots.flatMap((root) => normalise(root, tree) ?? []).map((found) => ({ ...found, numbered: [] }));
    return { device, from, servers, versions: [tree.version], values };
  }
  const found = readServers(text, roots, from);
  const version = found.version === undefined ? undefined : (input.version ?? found.version);
  if (version === undefined) {
    const servers = found.servers.map((server) => ({ ...server, map: withoutMark(server.map) }));
    return { device, from, servers, versions: kea.versions, values };
  }
  const servers = found.servers.map((server) => {
    const tree = parseDocument({ [server.root]: server.map }, kea, { version });
    return { ...server, ...normalise(server.root, tree) };
  });
  return { device, from, servers, versions: [version], values };
}

/** JSON that says what the lines say, and no more. */
function normalise(root: ServerFound['root'], tree: Tree): { root: ServerFound['root']; map: JsonMap } | undefined {
  const roots = tree.roots.filter(({ text }) => text === root);
  if (roots.length === 0) return undefined;
  const bare = { [root]: {} };
  const empty = parseDocument(bare, kea, { version: tree.version });
  const { commands } = planPatch(empty, { ...tree, roots }, kea, { scope: 'all' });
  const map = editJson(bare, commands, kea, (token) => token)[root];
  return { root, map: isMap(map) ? map : {} };
}

/** Without what Plumbline itself left on the server. */
function withoutMark(map: JsonMap): JsonMap {
  const { 'user-context': context, ...rest } = map;
  if (!isMap(context) || context['plumbline'] === undefined) return map;
  const { plumbline: _mark, ...own } = context;
  return Object.keys(own).length === 0 ? rest : { ...rest, 'user-context': own };
}

/** The original as lines, each token as `say` has it. */
export function treeOf({ servers }: KeaOriginal, version: string, say: (token: string) => string): Tree {
  const document: JsonMap = Object.fromEntries(servers.map(({ root, map }) => [root, mapTexts(map, say)]));
  return parseDocument(document, kea, { version });
}

/** A copy with every text as `say` has it. */
export function mapTexts(
  value: JsonValue,
  say: (text: string, path: readonly string[]) => string,
  path: readonly string[] = [],
): JsonValue {
  if (typeof value === 'string') return say(value, path);
  if (Array.isArray(value)) return value.map((each) => mapTexts(each, say, path));
  if (!isMap(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, mapTexts(each, say, [...path, key])]));
}
