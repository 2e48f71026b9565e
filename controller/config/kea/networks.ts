import type { Draft } from '../dialect.ts';
import { readRange, sayAddress, sayPrefix, sortKey } from './addresses.ts';
import { bounds, inherited, isSame, networkDefaults, poolDefaults, usualOf } from './defaults.ts';
import { type Around, canonicalValue, type Emitter, writeEntries, writeOptions } from './emitter.ts';
import { type Entry, entriesOf } from './entries.ts';
import { isMap, type JsonMap, type JsonValue, mapsIn, type Places, textOf } from './json.ts';
import type { Known } from './options.ts';
import { writeReservations } from './reservations.ts';
import { asWord, sayName, sayWord } from './words.ts';

/** What holds in a place and in those inside it. */
export interface Settings {
  readonly values: Around;
  readonly relay: readonly string[];
  /** Bounds of lifetimes that this place or one around it says, and those of them that have a line. */
  readonly said: Around;
  readonly shown: Around;
}

/** `shared-network NAME` with its settings and options. Its subnets stand beside it, and name it. */
export function writeNetwork(emit: Emitter, block: Draft, map: JsonMap, known: Known, around: Settings): Settings {
  const node = emit.member(block, `shared-network ${sayName(textOf(map['name']))}`, '', emit.places.lineOf(map));
  const settings = writeSettings(emit, node, map, around);
  writeOptions(emit, node, map['option-data'], known);
  return settings;
}

/** A subnet, and what it stands in. */
export interface Placed {
  readonly map: JsonMap;
  readonly id: JsonValue;
  readonly network?: string;
  readonly around: Settings;
}

/**
 * `subnet ID` with everything in it. `plain`: for each place the last subnet in it that has no settings of its own. Servers print all settings in
 * each of thousands of subnets, and what says the same as that one has none either.
 */
export function writeSubnet(
  emit: Emitter,
  block: Draft,
  { map, id, network, around }: Placed,
  known: Known,
  plain: Map<Settings, JsonMap>,
): void {
  const line = emit.places.lineOf(map);
  const node = emit.member(block, `subnet ${sayName(textOf(id))}`, '', line);
  if (typeof map['subnet'] === 'string') emit.put(node, `prefix ${asWord(sayPrefix(map['subnet']))}`, emit.places.lineOfKey(map, 'subnet'));
  if (network !== undefined) emit.put(node, `shared-network ${sayName(network)}`, line);
  const last = plain.get(around);
  if (!last || !hasSameSettings(map, last)) {
    const before = node.children.length;
    writeSettings(emit, node, map, around);
    if (node.children.length === before) plain.set(around, map);
  }
  writeOptions(emit, node, map['option-data'], known);
  writePools(emit, node, map['pools'], known);
  writeDelegated(emit, node, map['pd-pools'], known);
  writeReservations(emit, node, map['reservations'], known);
}

const beside = ['id', 'name', 'subnet', 'subnet4', 'subnet6', 'pools', 'pd-pools', 'reservations', 'relay', 'option-data'];

const noSettings = new Set([...beside.filter((key) => key !== 'relay'), 'metadata']);

function hasSameSettings(a: JsonMap, b: JsonMap): boolean {
  let more = 0;
  for (const key in a) {
    if (noSettings.has(key)) continue;
    if (!isSame(a[key], b[key])) return false;
    more++;
  }
  for (const key in b) if (!noSettings.has(key)) more--;
  return more === 0;
}

/**
 * The settings of a subnet or shared network, but for those that it takes over: servers print these in every subnet, whoever said them. A bound
 * of a lifetime is taken over where somebody around says it; else it is the lifetime of the place itself.
 */
export function ownSettings(map: JsonMap, places: Places, around: Settings): { entries: Map<string, Entry>; settings: Settings } {
  const entries = entriesOf(map, places, ['client-class']);
  for (const key of beside) entries.delete(key);
  // Servers take an empty text here for none.
  for (const key of ['boot-file-name', 'server-hostname']) if (entries.get(key)?.value === '') entries.delete(key);
  const own = new Map<string, JsonValue>();
  for (const { key, value } of entries.values()) if (inherited.has(key)) own.set(key, canonicalValue(key, value, networkDefaults));
  const values: Around = (key) => own.get(key) ?? around.values(key);
  const [said, shown] = [new Map<string, JsonValue>(), new Map<string, JsonValue>()];
  for (const [key, of] of bounds) {
    const entry = entries.get(key);
    if (entry) said.set(key, canonicalValue(key, entry.value, networkDefaults));
    const value = said.get(key) ?? around.said(key) ?? values(of);
    if (value === undefined || isSame(value, around.shown(key) ?? values(of))) entries.delete(key);
    else {
      shown.set(key, value);
      if (!entry) entries.set(key, { key, value, line: places.lineOf(map) });
    }
  }
  for (const [key, value] of own) if (isSame(value, around.values(key) ?? usualOf(networkDefaults, key))) entries.delete(key);
  const settings: Settings = {
    values,
    relay: relaysOf(map) ?? around.relay,
    said: (key) => said.get(key) ?? around.said(key),
    shown: (key) => shown.get(key) ?? around.shown(key),
  };
  return { entries, settings };
}

function writeSettings(emit: Emitter, block: Draft, map: JsonMap, around: Settings): Settings {
  const { entries, settings } = ownSettings(map, emit.places, around);
  writeEntries(emit, block, entries.values(), { defaults: networkDefaults, whole: inherited });
  const relay = relaysOf(map);
  if (relay !== undefined && !isSame([...relay], [...around.relay]))
    emit.put(block, `relay ${relay.length === 0 ? 'none' : relay.map(asWord).join(' ')}`, emit.places.lineOfKey(map, 'relay'));
  return settings;
}

/** Addresses of relays; an empty list keeps those of the shared network away. */
function relaysOf(map: JsonMap): readonly string[] | undefined {
  const { relay } = map;
  if (!isMap(relay)) return undefined;
  const list = Array.isArray(relay['ip-addresses'])
    ? relay['ip-addresses']
    : relay['ip-address'] === undefined
      ? []
      : [relay['ip-address']];
  return list.map((each) => sayAddress(textOf(each))).filter((each) => each !== '');
}

function writePools(emit: Emitter, block: Draft, list: JsonValue | undefined, known: Known): void {
  const pools = mapsIn(list).map((map) => ({ map, range: typeof map['pool'] === 'string' ? readRange(map['pool']) : undefined }));
  pools.sort((a, b) => (sortKey(a.range?.first ?? '') < sortKey(b.range?.first ?? '') ? -1 : 1));
  for (const { map, range } of pools) {
    const [first, last] = range ? [asWord(range.first), asWord(range.last)] : [sayWord(map['pool'] ?? ''), '?'];
    const node = emit.member(block, `pool ${first}`, `- ${last}`, emit.places.lineOf(map));
    writePool(emit, node, map, known, ['pool']);
  }
}

/** `pd-pool PREFIX/LENGTH delegated-len N [excluded PREFIX/LENGTH]`. */
function writeDelegated(emit: Emitter, block: Draft, list: JsonValue | undefined, known: Known): void {
  const pools = [...mapsIn(list)].sort((a, b) => (sortKey(textOf(a['prefix'])) < sortKey(textOf(b['prefix'])) ? -1 : 1));
  for (const map of pools) {
    const excluded = `${sayAddress(textOf(map['excluded-prefix'], '::'))}/${textOf(map['excluded-prefix-len'], '0')}`;
    const rest = `delegated-len ${asWord(textOf(map['delegated-len']))}${excluded === '::/0' ? '' : ` excluded ${asWord(excluded)}`}`;
    const head = `pd-pool ${asWord(`${sayAddress(textOf(map['prefix']))}/${textOf(map['prefix-len'])}`)}`;
    const node = emit.member(block, head, rest, emit.places.lineOf(map));
    writePool(emit, node, map, known, ['prefix', 'prefix-len', 'delegated-len', 'excluded-prefix', 'excluded-prefix-len']);
  }
}

function writePool(emit: Emitter, node: Draft, map: JsonMap, known: Known, said: readonly string[]): void {
  if (saysNoMore(map, said)) return;
  const entries = entriesOf(map, emit.places, ['client-class']);
  for (const key of [...said, 'option-data']) entries.delete(key);
  writeEntries(emit, node, entries.values(), { defaults: poolDefaults });
  writeOptions(emit, node, map['option-data'], known);
}

/** Most pools are a range and nothing else. */
function saysNoMore(map: JsonMap, said: readonly string[]): boolean {
  for (const key in map) if (!said.includes(key) && !(Array.isArray(map[key]) && map[key].length === 0)) return false;
  return true;
}
