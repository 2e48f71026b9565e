import type { JsonMap, JsonValue } from '../../../controller/config/index.ts';

export interface SingleEdit {
  what: string;
  edited: JsonMap;
}

/** The configuration with one thing changed, for each thing: a value is another one, an object is gone, or there is one more. */
export function* editsOf(config: JsonMap): Iterable<SingleEdit> {
  const copy = structuredClone(config);
  for (const what of walk(copy, '')) yield { what, edited: structuredClone(copy) };
}

/** Stops with the one edit done, and undoes it before the next. */
function* walk(value: JsonValue, path: string): Iterable<string> {
  if (Array.isArray(value)) yield* walkList(value, path);
  else if (typeof value === 'object' && value !== null) yield* walkMap(value, path);
}

function* walkList(list: JsonValue[], path: string): Iterable<string> {
  for (let at = 0; at < list.length; at++) {
    const member = list[at] ?? null;
    yield* walk(member, `${path}/${at}`);
    list.splice(at, 1);
    yield `${path}/${at} taken away`;
    list.splice(at, 0, member);
    for (const other of valuesBeside(member, path)) {
      list[at] = other;
      yield `${path}/${at} is ${JSON.stringify(other)}`;
      list[at] = member;
    }
  }
  const more = another(list.at(-1) ?? null, list);
  if (more === undefined) return;
  list.push(more);
  yield `${path} has one more`;
  list.pop();
}

function* walkMap(map: JsonMap, path: string): Iterable<string> {
  // Keys keep their order: what the edit is must not depend on it.
  for (const [key, before] of Object.entries(map)) {
    const here = `${path}/${key}`;
    yield* walk(before, here);
    for (const other of valuesBeside(before, key)) {
      map[key] = other;
      yield `${here} is ${JSON.stringify(other)}`;
      map[key] = before;
    }
    if (path === '' || typeof before !== 'object' || before === null || Object.keys(before).length === 0) continue;
    delete map[key];
    yield `${here} taken away`;
    map[key] = before;
  }
}

/** Other values of the same kind. */
function valuesBeside(value: JsonValue, key: string): JsonValue[] {
  if (typeof value === 'boolean') return [!value];
  if (typeof value === 'number') return [Number.isInteger(value) ? value + 1 : value / 2];
  if (typeof value !== 'string' || value === '') return [];
  // The same range, whichever address of it is named.
  if (key === 'pool' && value.includes('/')) return [];
  const words = wordsOf[key]?.filter((word) => word !== value);
  if (words) return words.slice(0, 1);
  if (/^[\da-f.:]+(?:\/\d+)?$|^[\da-f.:/ -]+$/i.test(value))
    return [value.replace(/[\da-f](?=[^\da-f]*(?:\/\d+)?\s*$)/i, (digit) => (digit === '1' ? '2' : '1'))];
  return [`${value}x`];
}

const wordsOf: Readonly<Record<string, readonly string[]>> = {
  severity: ['INFO', 'WARN'],
  'dhcp-socket-type': ['raw', 'udp'],
  'outbound-interface': ['same-as-inbound', 'use-routing'],
  'reservation-mode': ['all', 'global', 'disabled'],
  'lease-checks': ['warn', 'fix'],
  'ddns-replace-client-name': ['never', 'always'],
  'replace-client-name': ['never', 'always'],
  test: ["member('KNOWN')", "member('ALL')"],
};

/** One more of the kind, that is none of those there. */
function another(member: JsonValue, list: readonly JsonValue[]): JsonValue | undefined {
  if (typeof member === 'string') return `${member}0`;
  if (typeof member !== 'object' || member === null || Array.isArray(member)) return undefined;
  const copy = structuredClone(member);
  for (const key of ['id', 'code'])
    if (typeof copy[key] === 'number') copy[key] = Math.max(...list.map((each) => Number((each as JsonMap)[key] ?? 0))) + 1;
  for (const key of [
    'name',
    'output',
    'library',
    'subnet',
    'pool',
    'prefix',
    'hw-address',
    'duid',
    'client-id',
    'circuit-id',
    'flex-id',
    'ip-address',
  ]) {
    const said = copy[key];
    if (typeof said === 'string') copy[key] = (key === 'name' ? `${said}-more` : valuesBeside(said, key)[0]) ?? said;
  }
  return copy;
}
