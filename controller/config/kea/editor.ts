import { neededIn } from './defaults.ts';
import { findMember, newMember, readGeneric } from './generic.ts';
import { isMap, type JsonMap, type JsonValue, mapsIn, textOf } from './json.ts';
import { type MemberKind, memberKinds, splitMember } from './members.ts';
import { type Known, knownOptions, sayOption } from './options.ts';
import { listKey, removeKey, setKey } from './raw-keys.ts';
import { readNames, readText, sayName, splitWords } from './words.ts';
import type { Workbench } from './workbench.ts';

/** Carries out one line in the configuration of a server; `sections` are the lines around it, outermost first. */
export interface Editor {
  readonly set: (sections: readonly string[], line: string) => void;
  readonly remove: (sections: readonly string[], line: string) => void;
  readonly finish: () => void;
}

/** A place in the configuration: a map, or a list of maps that have no lines of their own form. */
interface Place {
  readonly kind: 'server' | 'subnet' | 'map' | 'list' | 'classes' | 'hooks' | 'logger' | 'known';
  readonly map: JsonMap;
  /** For a list: itself; the map is the one that holds it. */
  readonly list?: JsonValue[];
  readonly known: Known;
  /** Takes the place away from the one around it, when nothing is left in it. */
  readonly drop?: () => void;
  /** What the server wants to be told here in any case. */
  readonly needs?: JsonMap;
}

export function createEditor(server: JsonMap, family: 4 | 6, version: string, bench: Workbench): Editor {
  const subnetKey = `subnet${family}`;
  const top = (): Place => ({ kind: 'server', map: server, known: knownOptions(family === 4 ? 'ipv4' : 'ipv6', server['option-def']) });

  /** The place that a line opens; made when it is not there and somebody wants it. */
  function enter(place: Place, line: string, make: boolean): Place | undefined {
    const [word = ''] = splitWords(line);
    if (place.kind === 'server' && (line === 'client-classes' || line === 'hooks-libraries'))
      return { ...place, kind: line === 'hooks-libraries' ? 'hooks' : 'classes' };
    const kind = kindOf(place, word);
    if (kind) return enterMember(place, line, kind, make);
    if (place.list) return enterListed(place, place.list, line, make);
    return enterKey(place, line, make);
  }

  function kindOf({ kind, list }: Place, word: string): MemberKind | undefined {
    if (list || kind === 'map') return undefined;
    const found = Object.hasOwn(memberKinds, word) ? memberKinds[word] : undefined;
    if (kind === 'subnet' && word === 'shared-network') return undefined;
    return found;
  }

  /** The list of a kind in a place, and the key under which it stands. */
  function listOf(place: Place, kind: MemberKind, make: boolean): JsonValue[] | undefined {
    const { map } = place;
    if (kind.key === 'control-sockets' || kind.key === 'hosts-databases') return listOfSome(map, kind.key, make);
    const key = kind.key === 'output_options' && map['output-options'] !== undefined ? 'output-options' : kind.key;
    if (make) map[key] ??= [];
    return bench.list(map, key);
  }

  /** Kept as one map where the server knows only one. */
  function listOfSome(map: JsonMap, key: 'control-sockets' | 'hosts-databases', make: boolean): JsonValue[] | undefined {
    const name = listKey(map, key, version);
    if (name === key) {
      if (make) map[key] ??= [];
      return bench.list(map, key);
    }
    const one = bench.map(map, name);
    singles.set(name, map);
    const list = singleLists.get(name) ?? (one ? [one] : []);
    singleLists.set(name, list);
    return list;
  }
  const orders = new Map<'classes' | 'hooks', readonly string[]>();
  const singles = new Map<string, JsonMap>();
  const singleLists = new Map<string, JsonValue[]>();
  /** What became of them. */
  function settleSingles(): void {
    for (const [name, list] of singleLists) {
      const map = singles.get(name);
      const maps = mapsIn(list);
      if (!map) continue;
      const [only] = maps;
      if (maps.length === 0) delete map[name];
      else if (maps.length === 1 && only) map[name] = only;
      else {
        delete map[name];
        map[`${name}s`] = maps;
      }
    }
  }

  function enterMember(place: Place, line: string, kind: MemberKind, make: boolean): Place | undefined {
    const found = findIn(place, line, kind);
    const map = found ? bench.member(found.list, found.at) : make ? addMember(place, line, kind) : undefined;
    if (!map) return undefined;
    const known = kind.key === 'client-classes' ? knownOptions(place.known.family, map['option-def'], place.known) : place.known;
    return { kind: kind.key === 'subnet' ? 'subnet' : kind.key === 'loggers' ? 'logger' : 'known', map, known };
  }

  function findIn(place: Place, line: string, kind: MemberKind): { list: JsonValue[]; at: number; head: string } | undefined {
    const { head, nth } = splitMember(line, kind);
    for (const list of kind.key === 'subnet' ? subnetLists() : [listOf(place, kind, false)]) {
      const at = list ? bench.find(list, head, nth, (map) => kind.headOf(map, place.known)) : -1;
      if (list && at >= 0) return { list, at, head };
    }
    return undefined;
  }

  /** The lists that hold subnets: the server's own, and one in each shared network. */
  function subnetLists(): JsonValue[][] {
    const networks = bench.list(server, 'shared-networks') ?? [];
    const inside = [...networks.keys()].flatMap((at) => {
      const network = bench.member(networks, at);
      return network ? (bench.list(network, subnetKey) ?? []) && [bench.list(network, subnetKey)] : [];
    });
    return [bench.list(server, subnetKey), ...inside].filter((list) => list !== undefined);
  }

  function addMember(place: Place, line: string, kind: MemberKind): JsonMap {
    const { head, rest } = splitMember(line, kind);
    if (kind.key === 'subnet') server[subnetKey] ??= [];
    const list = kind.key === 'subnet' ? bench.list(server, subnetKey) : listOf(place, kind, true);
    const map = kind.read(head, rest, place.known);
    if (list) bench.add(list, map, head);
    return map;
  }

  function enterListed(place: Place, list: JsonValue[], line: string, make: boolean): Place | undefined {
    let at = findMember(list, line);
    if (at < 0) {
      if (!make) return undefined;
      list.push(bench.own(newMember(line)));
      at = list.length - 1;
    }
    const map = bench.member(list, at);
    return map && { kind: 'map', map, known: place.known };
  }

  function enterKey(place: Place, line: string, make: boolean): Place | undefined {
    const { key } = readGeneric(line);
    const { map, known } = place;
    const drop = (): void => {
      removeKey(map, key);
      if (Object.keys(map).length === 0) place.drop?.();
    };
    if (Array.isArray(map[key])) {
      const list = bench.list(map, key);
      return list && { kind: 'list', map, list, known, drop };
    }
    if (!isMap(map[key])) {
      if (!make) return undefined;
      if (key === 'user-context') removeKey(map, key);
      map[key] = {};
    }
    const inner = bench.map(map, key);
    const needs = place.kind === 'server' ? neededIn[key] : undefined;
    return (
      inner && { kind: 'map', map: needs ? Object.assign(inner, { ...needs, ...inner }) : inner, known, drop, ...(needs && { needs }) }
    );
  }

  function walk(sections: readonly string[], make: boolean, next: string): Place | undefined {
    let place: Place | undefined = top();
    for (const [at, line] of sections.entries()) {
      const inside: Place | undefined = enter(place, line, make);
      if (!inside) return undefined;
      place = asList(place, line, inside, sections[at + 1] ?? next);
    }
    return place;
  }

  /** A block that was made a map turns out to be a list. */
  function asList(around: Place, line: string, place: Place, inner: string): Place {
    if (place.kind !== 'map' || !inner.startsWith('- ') || Object.keys(place.map).length > 0) return place;
    around.map[readGeneric(line).key] = [];
    return enter(around, line, true) ?? place;
  }

  function set(sections: readonly string[], line: string): void {
    const place = walk(sections, true, line);
    if (!place) return;
    const [word = ''] = splitWords(line);
    const kind = kindOf(place, word);
    if (kind) setMember(place, line, kind);
    else if (word === 'order' && (place.kind === 'classes' || place.kind === 'hooks'))
      orders.set(place.kind, readNames(line.slice('order '.length)));
    else if (place.kind === 'subnet' && word === 'prefix') place.map['subnet'] = readText(line.slice('prefix '.length));
    else if (place.kind === 'subnet' && word === 'shared-network') moveSubnet(place.map, readText(line.slice('shared-network '.length)));
    else if (word === 'relay' && (place.kind === 'subnet' || place.kind === 'known')) {
      const addresses = splitWords(line).slice(1);
      place.map['relay'] = { 'ip-addresses': addresses[0] === 'none' ? [] : addresses };
    } else {
      const { key, value } = readGeneric(line);
      if (value === undefined || place.list) enter(place, line, true);
      else if (place.kind === 'map') place.map[key] = value;
      else setKey(place.map, key, value, version);
    }
    settleSingles();
  }

  function setMember(place: Place, line: string, kind: MemberKind): void {
    const found = findIn(place, line, kind);
    if (!found) {
      addMember(place, line, kind);
      if (kind.key === 'option-data') dropDerived(place);
      return;
    }
    const map = bench.member(found.list, found.at);
    const { head, rest } = splitMember(line, kind);
    if (!map) return;
    if (kind.key === 'option-data') dropDerived(place);
    const said = kind.read(head, rest, place.known);
    for (const key of kind.speaksOf) delete map[key];
    Object.assign(map, said);
  }

  /** The value of an option that is made of others is made anew. */
  function dropDerived(place: Place): void {
    const list = bench.list(place.map, 'option-data') ?? [];
    const spaces = new Set(mapsIn(list).map((map) => map['space']));
    for (const [at, each] of list.entries()) {
      if (!isMap(each) || textOf(each['data']) === '') continue;
      const said = sayOption(each, place.known, (space) => spaces.has(space));
      if (said && said.rest === sayOption({ ...each, data: '' }, place.known)?.rest) {
        const map = bench.member(list, at);
        if (map) {
          delete map['data'];
          delete map['csv-format'];
        }
      }
    }
  }

  /** When all are there: an order may name what only comes after it. */
  function sortMembers(order: 'classes' | 'hooks', names: readonly string[]): void {
    const place: Place = { ...top(), kind: order };
    const kind = memberKinds[order === 'classes' ? 'client-class' : 'hook'];
    const list = kind && listOf(place, kind, false);
    if (!list) return;
    const nameOf = (each: JsonValue): string => (isMap(each) ? readText(kind.headOf(each, place.known).replace(/^\S+ /, '')) : '');
    const rank = new Map(names.map((name, at) => [name, at]));
    const sorted = mapsIn(list).sort((a, b) => (rank.get(nameOf(a)) ?? names.length) - (rank.get(nameOf(b)) ?? names.length));
    place.map[kind.key] = bench.own(sorted);
  }

  /** To the shared network, or to none. */
  function moveSubnet(map: JsonMap, network: string | undefined): void {
    for (const list of subnetLists()) {
      const at = list.indexOf(map);
      if (at >= 0) bench.remove(list, at, memberKinds['subnet']?.headOf(map, top().known) ?? '');
    }
    const holder = network === undefined ? server : enter(top(), `shared-network ${sayName(network)}`, true)?.map;
    if (!holder) return;
    holder[subnetKey] ??= [];
    const list = bench.list(holder, subnetKey);
    if (list) bench.add(list, map, memberKinds['subnet']?.headOf(map, top().known) ?? '');
  }

  function remove(sections: readonly string[], line: string): void {
    const place = walk(sections, false, line);
    if (!place) return;
    const [word = ''] = splitWords(line);
    const kind = kindOf(place, word);
    if (kind) removeMember(place, line, kind);
    else if (place.list) {
      const at = findMember(place.list, line);
      if (at >= 0) place.list.splice(at, 1);
      if (place.list.length === 0) place.drop?.();
    } else if (place.kind === 'server' && (line === 'client-classes' || line === 'hooks-libraries')) delete place.map[line];
    else if (place.kind === 'server' && neededIn[line]) place.map[line] = { ...neededIn[line] };
    else if (place.kind === 'subnet' && word === 'shared-network') moveSubnet(place.map, undefined);
    else if (place.kind === 'subnet' && word === 'prefix') delete place.map['subnet'];
    else if (word === 'relay' && place.kind !== 'map') delete place.map['relay'];
    else if (word !== 'order' || place.kind === 'map') {
      const { key } = readGeneric(line);
      if (place.kind === 'map') {
        delete place.map[key];
        if (place.needs && Object.hasOwn(place.needs, key)) place.map[key] = place.needs[key] ?? null;
        if (Object.keys(place.map).length === 0) place.drop?.();
      } else if (place.kind === 'logger' && key === 'severity') place.map[key] = 'INFO';
      else removeKey(place.map, key);
    }
    settleSingles();
  }

  function removeMember(place: Place, line: string, kind: MemberKind): void {
    const found = findIn(place, line, kind);
    if (!found) return;
    // A shared network goes; its subnets stay, as lines that name it do until they say otherwise.
    if (kind.key === 'shared-networks') {
      const network = bench.member(found.list, found.at);
      for (const subnet of mapsIn(network?.[subnetKey])) moveSubnet(bench.own(subnet), undefined);
    }
    bench.remove(found.list, found.at, found.head);
    if (kind.key === 'option-data') dropDerived(place);
  }

  return {
    set,
    remove,
    finish() {
      for (const [order, names] of orders) sortMembers(order, names);
    },
  };
}
