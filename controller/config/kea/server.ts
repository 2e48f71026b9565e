import type { Draft } from '../dialect.ts';
import {
  bounds,
  classDefaults,
  type Defaults,
  inherited,
  loggerDefaults,
  mapDefaults,
  outputDefaults,
  serverDefaults,
  socketDefaults,
  unseen,
  usualOf,
} from './defaults.ts';
import { canonicalValue, type Emitter, writeDefinitions, writeEntries, writeOptions } from './emitter.ts';
import { type Entry, entriesOf } from './entries.ts';
import { parametersOf } from './hooks.ts';
import { isMap, type JsonMap, type JsonValue, mapsIn, textOf } from './json.ts';
import { type Placed, type Settings, writeNetwork, writeSubnet } from './networks.ts';
import { type Known, knownOptions } from './options.ts';
import { writeReservations } from './reservations.ts';
import { sayName, sayNames } from './words.ts';

export interface ServerFacts {
  readonly version: string;
  /** Id of the subnet with this prefix where it was seen before: for one that has none. */
  readonly idOf: (prefix: string) => string | undefined;
  /** Subnets that were seen there. */
  readonly seen: number;
}

/** `Dhcp4` or `Dhcp6` with everything in it. */
export function writeServer(emit: Emitter, root: Draft, map: JsonMap, family: 4 | 6, { version, ...ids }: ServerFacts): void {
  const name = family === 4 ? 'ipv4' : 'ipv6';
  const known = knownOptions(name, map['option-def']);
  const defaults = serverDefaults(name, version);
  const entries = entriesOf(map, emit.places, ['control-socket', 'hosts-database']);
  const take = (key: string): Entry | undefined => {
    const entry = entries.get(key);
    entries.delete(key);
    return entry;
  };
  for (const key of unseen(version)) take(key);
  const classes = take('client-classes');
  const hooks = take('hooks-libraries');
  const loggers = take('loggers');
  const sockets = take('control-sockets');
  const hosts = take('hosts-databases');
  for (const key of ['option-data', 'option-def', 'shared-networks', `subnet${family}`, 'reservations']) take(key);

  for (const [key, usual] of Object.entries(mapDefaults(name, version))) {
    const entry = take(key);
    if (entry && isMap(entry.value)) writeMapBlock(emit, root, entry, usual);
    else if (entry) entries.set(key, entry);
    else if (key === 'interfaces-config')
      writeMapBlock(emit, root, { key, value: { 're-detect': false }, line: emit.places.lineOf(map) }, usual);
  }
  const settings = serverSettings(entries, defaults);
  writeEntries(emit, root, entries.values(), { defaults });
  writeSockets(emit, root, sockets);
  writeNumbered(emit, root, hosts, (each) => `hosts-database ${sayName(textOf(each['type'], '?'))}`, ['type']);
  writeLoggers(emit, root, loggers);
  writeHooks(emit, root, hooks, version);
  writeDefinitions(emit, root, map['option-def'], known);
  writeOptions(emit, root, map['option-data'], known);
  writeClasses(emit, root, classes, known);
  writeNetworks(emit, root, map, family, known, settings, ids);
  writeReservations(emit, root, map['reservations'], known);
}

/** What subnets and shared networks take over from their server. */
export function serverSettings(entries: ReadonlyMap<string, Entry>, defaults: Defaults): Settings {
  const own = (key: string): JsonValue | undefined => {
    const entry = entries.get(key);
    return entry && canonicalValue(key, entry.value, defaults);
  };
  const isBound = new Set(bounds.map(([key]) => key));
  const said = (key: string): JsonValue | undefined => (isBound.has(key) ? own(key) : undefined);
  return { values: (key) => (inherited.has(key) ? (own(key) ?? usualOf(defaults, key)) : undefined), relay: [], said, shown: said };
}

function writeMapBlock(emit: Emitter, root: Draft, { key, value, line }: Entry, defaults: ReturnType<typeof mapDefaults>[string]): void {
  const map = value as JsonMap;
  const block = emit.put(root, key, line);
  writeEntries(emit, block, entriesOf(map, emit.places).values(), { defaults });
}

/** Members of a list under the name that tells them apart. */
function writeNumbered(
  emit: Emitter,
  root: Draft,
  entry: Entry | undefined,
  headOf: (map: JsonMap) => string,
  without: readonly string[],
  defaults = {},
): void {
  for (const map of mapsIn(entry?.value)) {
    const node = emit.member(root, headOf(map), '', emit.places.lineOf(map));
    const entries = entriesOf(map, emit.places);
    for (const key of without) entries.delete(key);
    // Where passwords would be looked for: servers print that there is no such place.
    const access = entries.get('authentication');
    if (access && isMap(access.value) && access.value['directory'] === '') {
      const { directory: _none, ...value } = access.value;
      entries.set('authentication', { ...access, value });
    }
    writeEntries(emit, node, entries.values(), { defaults });
  }
}

function writeSockets(emit: Emitter, root: Draft, entry: Entry | undefined): void {
  writeNumbered(
    emit,
    root,
    entry,
    (each) => `control-socket ${sayName(textOf(each['socket-type'], 'unix'))}`,
    ['socket-type'],
    socketDefaults,
  );
}

function writeLoggers(emit: Emitter, root: Draft, entry: Entry | undefined): void {
  for (const map of mapsIn(entry?.value)) {
    const node = emit.member(root, `logger ${sayName(textOf(map['name']))}`, '', emit.places.lineOf(map));
    const entries = entriesOf(map, emit.places);
    const outputs = entries.get('output-options');
    for (const key of ['name', 'output-options']) entries.delete(key);
    writeEntries(emit, node, entries.values(), { defaults: loggerDefaults });
    for (const output of mapsIn(outputs?.value)) {
      const to = textOf(output['output']);
      const inside = emit.member(node, `output ${sayName(to)}`, '', emit.places.lineOf(output));
      const own = entriesOf(output, emit.places);
      // Only files grow.
      for (const key of ['output', ...(/^(?:stdout|stderr|syslog\b.*)$/.test(to) ? ['maxsize', 'maxver'] : [])]) own.delete(key);
      writeEntries(emit, inside, own.values(), { defaults: outputDefaults });
    }
  }
}

/** Hooks are called in the order in which they are loaded. */
function writeHooks(emit: Emitter, root: Draft, entry: Entry | undefined, version: string): void {
  const list = mapsIn(entry?.value);
  if (!entry || list.length === 0) return;
  const block = emit.put(root, 'hooks-libraries', entry.line);
  const nameOf = (map: JsonMap): string => textOf(map['library']).replace(/^.*\//, '');
  writeOrder(emit, block, list.map(nameOf), entry.line);
  for (const map of list) {
    const node = emit.member(block, `hook ${sayName(nameOf(map))}`, sayName(textOf(map['library'])), emit.places.lineOf(map));
    const entries = entriesOf(map, emit.places);
    entries.delete('library');
    const parameters = entries.get('parameters');
    if (parameters) entries.set('parameters', { ...parameters, value: parametersOf(nameOf(map), parameters.value, version) });
    writeEntries(emit, node, entries.values(), { defaults: {} });
  }
}

/** Classes are looked at in their order. */
function writeClasses(emit: Emitter, root: Draft, entry: Entry | undefined, known: Known): void {
  const list = mapsIn(entry?.value);
  if (!entry || list.length === 0) return;
  const block = emit.put(root, 'client-classes', entry.line);
  writeOrder(
    emit,
    block,
    list.map((map) => textOf(map['name'])),
    entry.line,
  );
  for (const map of list) {
    const node = emit.member(block, `client-class ${sayName(textOf(map['name']))}`, '', emit.places.lineOf(map));
    const entries = entriesOf(map, emit.places);
    for (const key of ['name', 'option-data', 'option-def']) entries.delete(key);
    for (const [key, of] of bounds)
      if (JSON.stringify(entries.get(key)?.value) === JSON.stringify(entries.get(of)?.value)) entries.delete(key);
    writeEntries(emit, node, entries.values(), { defaults: classDefaults });
    const own = knownOptions(known.family, map['option-def'], known);
    writeDefinitions(emit, node, map['option-def'], known);
    writeOptions(emit, node, map['option-data'], own);
  }
}

function writeOrder(emit: Emitter, block: Draft, names: readonly string[], line: number): void {
  if (names.length > 1) emit.put(block, `order ${sayNames(names)}`, line);
}

/** Subnets by their id, wherever they stand: the shared network is something that a subnet says. */
function writeNetworks(emit: Emitter, root: Draft, map: JsonMap, family: 4 | 6, known: Known, settings: Settings, ids: SeenIds): void {
  const key = `subnet${family}`;
  const all: Placed[] = [];
  const networks = mapsIn(map['shared-networks']);
  networks.sort((a, b) => (textOf(a['name']) < textOf(b['name']) ? -1 : 1));
  const subnets = [...mapsIn(map['shared-networks']).flatMap((network) => mapsIn(network[key])), ...mapsIn(map[key])];
  const numbers = numberSubnets(subnets, ids);
  for (const network of networks) {
    const inside = writeNetwork(emit, root, network, known, settings);
    const name = textOf(network['name']);
    for (const subnet of mapsIn(network[key])) all.push({ map: subnet, id: numbers.get(subnet) ?? 0, network: name, around: inside });
  }
  for (const subnet of mapsIn(map[key])) all.push({ map: subnet, id: numbers.get(subnet) ?? 0, around: settings });
  all.sort((a, b) => Number(a.id) - Number(b.id));
  const plain = new Map<Settings, JsonMap>();
  for (const each of all) writeSubnet(emit, root, each, known, plain);
}

type SeenIds = Pick<ServerFacts, 'idOf' | 'seen'>;

/** Writes the id that the server uses into each subnet that has none; gives their prefixes. The map is changed. */
export function giveIds(map: JsonMap, family: 4 | 6): string[] {
  const key = `subnet${family}`;
  const subnets = [...mapsIn(map['shared-networks']).flatMap((network) => mapsIn(network[key])), ...mapsIn(map[key])];
  return [...numberSubnets(subnets, { idOf: () => undefined, seen: 0 })].flatMap(([subnet, id]) => {
    if (subnet['id'] === id) return [];
    subnet['id'] = id;
    return [textOf(subnet['subnet'])];
  });
}

/**
 * Ids by subnet. What has none is numbered as the server does, in the order in which it reads: shared networks first; but a prefix keeps the id that
 * it was seen with, or one subnet less would give all behind it to other clients. An id that numbering cannot have given is not kept.
 */
function numberSubnets(subnets: readonly JsonMap[], { idOf, seen: count }: SeenIds): ReadonlyMap<JsonMap, JsonValue> {
  const numbers = new Map<JsonMap, JsonValue>();
  const without: { map: JsonMap; place: number; seen: number }[] = [];
  const seenId = (prefix: JsonValue | undefined): number => {
    const id = typeof prefix === 'string' ? Number(idOf(prefix)) : 0;
    return id <= Math.max(count, subnets.length) ? id : 0;
  };
  let place = 0;
  for (const map of subnets) {
    const id = map['id'];
    if (id !== undefined && id !== 0) numbers.set(map, id);
    else without.push({ map, place: ++place, seen: seenId(map['subnet']) });
  }
  // A prefix that stands there twice was seen once: where it stood, or where it comes first.
  const owners = new Map<number, { place: number }>();
  for (const each of without) if (!owners.has(each.seen) || each.place === each.seen) owners.set(each.seen, each);
  const kept = rising(without.map((each) => (owners.get(each.seen) === each ? each.seen : 0)));
  const taken = new Set([...numbers.values()].map(String));
  for (const at of kept) taken.add(String(without[at]?.seen));
  for (const [at, { map, place: first, seen }] of without.entries()) {
    let id = seen;
    if (!kept.has(at)) for (id = first; taken.has(String(id)); ) id++;
    taken.add(String(id));
    numbers.set(map, id);
  }
  return numbers;
}

/** Places of the longest row of numbers that grow. What is zero is none. */
function rising(numbers: readonly number[]): ReadonlySet<number> {
  const ends: number[] = [];
  const before: number[] = [];
  for (const [at, number] of numbers.entries()) {
    if (number === 0) continue;
    let [low, high] = [0, ends.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((numbers[ends[middle] ?? 0] ?? 0) < number) low = middle + 1;
      else high = middle;
    }
    before[at] = low === 0 ? -1 : (ends[low - 1] ?? -1);
    ends[low] = at;
  }
  const places = new Set<number>();
  for (let at = ends.at(-1) ?? -1; at >= 0; at = before[at] ?? -1) places.add(at);
  return places;
}
