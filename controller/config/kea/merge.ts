import { readRange, sayPrefix } from './addresses.ts';
import { isSame } from './defaults.ts';
import { isMap, type JsonMap, type JsonValue, type Places, textOf } from './json.ts';
import { sayWho } from './reservations.ts';

/** A value that two documents say, and the lines of both. */
export interface Twice {
  readonly item: string;
  readonly first: number;
  readonly second: number;
}

export interface Merged extends Places {
  readonly map: JsonMap;
  readonly twice: readonly Twice[];
}

type Identity = (map: JsonMap) => string;

const byName: Identity = (map) => textOf(map['name']);
const byCode: Identity = (map) =>
  `${textOf(map['space'])} ${textOf(map['code']) || textOf(map['name'])} ${JSON.stringify(map['client-classes'] ?? [])}`;

/** Lists whose members are told apart by what they are, not by their place. */
const identities: Readonly<Record<string, Identity>> = {
  subnet4: subnetOf,
  subnet6: subnetOf,
  'shared-networks': byName,
  'client-classes': byName,
  'option-data': byCode,
  'option-def': byCode,
  interfaces: () => '',
  pools: (map) => readRange(textOf(map['pool']))?.first ?? textOf(map['pool']),
  'pd-pools': (map) => sayPrefix(`${textOf(map['prefix'])}/${textOf(map['prefix-len'])}`),
  reservations: sayWho,
  'hooks-libraries': (map) => textOf(map['library']).replace(/^.*\//, ''),
  loggers: byName,
  'output-options': (map) => textOf(map['output']),
  output_options: (map) => textOf(map['output']),
  'control-sockets': (map) => `${textOf(map['socket-type'])} ${textOf(map['socket-address'])} ${textOf(map['socket-port'])}`,
};

function subnetOf(map: JsonMap): string {
  return textOf(map['id']) || sayPrefix(textOf(map['subnet']));
}

/** Several configurations of one server as one: maps key by key, lists member by member. The maps are changed. */
export function mergeMaps(maps: readonly JsonMap[], places: Places): Merged {
  const [map = {}, ...more] = maps;
  const moved = new WeakMap<JsonMap, Map<string, number>>();
  const twice: Twice[] = [];
  const lineOfKey = (of: JsonMap, key: string): number => moved.get(of)?.get(key) ?? places.lineOfKey(of, key);

  const mergeInto = (to: JsonMap, from: JsonMap): void => {
    for (const [key, value] of Object.entries(from)) {
      const there = to[key];
      if (there === undefined) {
        to[key] = value;
        const lines = moved.get(to) ?? new Map<string, number>();
        lines.set(key, lineOfKey(from, key));
        moved.set(to, lines);
      } else if (isMap(there) && isMap(value)) mergeInto(there, value);
      else if (Array.isArray(there) && Array.isArray(value) && identities[key]) mergeLists(there, value, identities[key]);
      else if (isIdentity(key, there, value)) continue;
      else twice.push({ item: `${key} ${JSON.stringify(value)}`, first: lineOfKey(to, key), second: lineOfKey(from, key) });
    }
  };
  const mergeLists = (to: JsonValue[], from: readonly JsonValue[], identity: Identity): void => {
    const index = new Map(to.flatMap((each) => (isMap(each) ? [[identity(each), each] as const] : [])));
    for (const each of from) {
      const there = isMap(each) ? index.get(identity(each)) : undefined;
      if (there && isMap(each)) mergeInto(there, each);
      else if (!to.includes(each)) to.push(each);
    }
  };
  for (const each of more) mergeInto(map, each);
  return { map, twice, lineOf: places.lineOf, lineOfKey };
}

/** What says which member is meant is said by everybody. */
function isIdentity(key: string, there: JsonValue, value: JsonValue): boolean {
  return (
    /^(?:id|name|space|code|subnet|pool|prefix|prefix-len|library|output|socket-type|hw-address|duid|client-id|circuit-id|flex-id)$/.test(
      key,
    ) && isSame(there, value)
  );
}
