import { isMap, type JsonMap, type JsonValue, type Places } from './json.ts';

/** One thing that a map says, in today's words, and its line. */
export interface Entry {
  readonly key: string;
  readonly value: JsonValue;
  readonly line: number;
}

/** Keys that were given another name; the new one is what lines say. */
export const renamed: Readonly<Record<string, string>> = {
  'require-client-classes': 'evaluate-additional-classes',
  'only-if-required': 'only-in-additional-list',
  output_options: 'output-options',
};

/** Keys of which there may be several now, under the name of the list. */
export const pluralOf: Readonly<Record<string, string>> = {
  'client-class': 'client-classes',
  'control-socket': 'control-sockets',
  'hosts-database': 'hosts-databases',
  'ip-address': 'ip-addresses',
};

const modes: Readonly<Record<string, readonly [global: boolean, inSubnet: boolean, outOfPool: boolean]>> = {
  all: [false, true, false],
  'out-of-pool': [false, true, true],
  global: [true, false, false],
  disabled: [false, false, false],
};

/** The word for three flags, where there is one. */
export function modeOf(flags: readonly boolean[]): string | undefined {
  return Object.entries(modes).find(([, mode]) => mode.every((flag, at) => flag === flags[at]))?.[0];
}

/** What `dhcp-ddns` once said for the whole server. */
export const movedFromDdns: Readonly<Record<string, string>> = {
  'generated-prefix': 'ddns-generated-prefix',
  'qualifying-suffix': 'ddns-qualifying-suffix',
  'replace-client-name': 'ddns-replace-client-name',
  'override-no-update': 'ddns-override-no-update',
  'override-client-update': 'ddns-override-client-update',
  'hostname-char-set': 'hostname-char-set',
  'hostname-char-replacement': 'hostname-char-replacement',
};

/** The entries of a map in today's words. `plural`: keys of which this map may hold one or a list. */
export function entriesOf(map: JsonMap, places: Places, plural: readonly string[] = []): Map<string, Entry> {
  const entries = new Map<string, Entry>();
  const set = (key: string, value: JsonValue, line: number): void => void entries.set(key, { key, value, line });
  const weak: Entry[] = [];
  for (const [key, value] of Object.entries(map)) {
    const line = places.lineOfKey(map, key);
    if (key === 'metadata') continue;
    if (plural.includes(key)) {
      const list = pluralOf[key] ?? key;
      if (value !== '' && value !== null && !(isMap(value) && Object.keys(value).length === 0))
        weak.push({ key: list, value: [value], line });
    } else if (key === 'reservation-mode' && typeof value === 'string') {
      const [global, inSubnet, outOfPool] = modes[value] ?? [false, true, false];
      weak.push({ key: 'reservations-global', value: global, line }, { key: 'reservations-in-subnet', value: inSubnet, line });
      weak.push({ key: 'reservations-out-of-pool', value: outOfPool, line });
    } else if (key === 'ddns-use-conflict-resolution') {
      weak.push({ key: 'ddns-conflict-resolution-mode', value: value === false ? 'no-check-with-dhcid' : 'check-with-dhcid', line });
    } else if (key === 'comment') {
      const context = map['user-context'];
      set('user-context', { ...(isMap(context) && context), comment: value }, line);
    } else if (key === 'user-context') {
      if (!Object.hasOwn(map, 'comment')) set(key, value, line);
    } else if (key === 'dhcp-ddns' && isMap(value)) {
      const own: JsonMap = {};
      for (const [inner, said] of Object.entries(value)) {
        const moved = movedFromDdns[inner];
        if (moved === undefined) own[inner] = said;
        else weak.push({ key: moved, value: said, line: places.lineOfKey(value, inner) });
      }
      set(key, own, line);
    } else set(renamed[key] ?? key, coerce(value), line);
  }
  // Today's word wins where both are said.
  for (const entry of weak) if (!entries.has(entry.key)) entries.set(entry.key, entry);
  return entries;
}

/** People quote numbers and truth; servers do not. */
function coerce(value: JsonValue): JsonValue {
  if (value === 'true') return true;
  if (value === 'false') return false;
  return value;
}

/** What our own receipt and marks hold is not configuration. */
export function contextOf(value: JsonValue): JsonMap | undefined {
  if (!isMap(value)) return undefined;
  const { plumbline: _ours, ...rest } = value;
  return Object.keys(rest).length > 0 ? rest : undefined;
}
