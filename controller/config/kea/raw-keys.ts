import { isAtLeast } from './defaults.ts';
import { movedFromDdns, pluralOf, renamed } from './entries.ts';
import { isMap, type JsonMap, type JsonValue, textOf } from './json.ts';

/** Today's words and the words of the server, for values that are put into its own configuration. */

const oldOf: Readonly<Record<string, readonly string[]>> = {
  ...Object.fromEntries(Object.entries(renamed).map(([old, key]) => [key, [old]])),
  'ddns-conflict-resolution-mode': ['ddns-use-conflict-resolution'],
  'client-classes': ['client-class'],
  'user-context': ['comment'],
};

/** Takes a setting away, under whatever name it stands. */
export function removeKey(map: JsonMap, key: string): void {
  if (key === 'user-context' && isMap(map[key]) && isMap(map[key]['plumbline'])) {
    map[key] = { plumbline: map[key]['plumbline'] };
    return;
  }
  delete map[key];
  for (const old of oldOf[key] ?? []) delete map[old];
  spellOutMode(map, key);
  const ddns = Object.entries(movedFromDdns).find(([, moved]) => moved === key)?.[0];
  if (ddns !== undefined && isMap(map['dhcp-ddns']) && Object.hasOwn(map['dhcp-ddns'], ddns)) {
    const { [ddns]: _moved, ...rest } = map['dhcp-ddns'];
    map['dhcp-ddns'] = rest;
  }
}

/** Gives a setting a value, in the words of the server's version. `inClass`: `client-classes` of one is `client-class` on older ones. */
export function setKey(map: JsonMap, key: string, value: JsonValue, version: string): void {
  removeKey(map, key);
  const [old, said] = inOldWords(key, value, version);
  map[old] = said;
}

function inOldWords(key: string, value: JsonValue, version: string): readonly [key: string, value: JsonValue] {
  const isOld = !isAtLeast(version, '2.7.4');
  if (key === 'evaluate-additional-classes' && isOld) return ['require-client-classes', value];
  if (key === 'only-in-additional-list' && isOld) return ['only-if-required', value];
  if (key === 'client-classes' && isOld && Array.isArray(value) && value.length === 1) return ['client-class', textOf(value[0])];
  if (key === 'ddns-conflict-resolution-mode' && !isAtLeast(version, '2.5.0') && /^(?:no-)?check-with-dhcid$/.test(textOf(value)))
    return ['ddns-use-conflict-resolution', value === 'check-with-dhcid'];
  return [key, value];
}

/** `reservation-mode` says three things at once: it makes room for them when one of them changes. */
function spellOutMode(map: JsonMap, key: string): void {
  const mode = map['reservation-mode'];
  if (mode === undefined || !/^reservations-(?:global|in-subnet|out-of-pool)$/.test(key)) return;
  delete map['reservation-mode'];
  const values: JsonMap = {
    'reservations-global': mode === 'global',
    'reservations-in-subnet': mode === 'all' || mode === 'out-of-pool',
    'reservations-out-of-pool': mode === 'out-of-pool',
  };
  for (const [each, value] of Object.entries(values)) if (each !== key) map[each] ??= value;
}

/** The name under which the server keeps a list of which there was once only one. */
export function listKey(map: JsonMap, key: 'control-sockets' | 'hosts-databases', version: string): string {
  const single = Object.entries(pluralOf).find(([, list]) => list === key)?.[0] ?? key;
  if (map[key] !== undefined) return key;
  return map[single] !== undefined || (key === 'control-sockets' && !isAtLeast(version, '2.7.2')) ? single : key;
}
