import type { Draft } from '../dialect.ts';
import { sayAddress, sayPrefix } from './addresses.ts';
import { isDefault, reservationDefaults } from './defaults.ts';
import { type Emitter, writeOptions, writeOthers } from './emitter.ts';
import { identifierTypes, sayIdentifier } from './identifiers.ts';
import { type JsonMap, type JsonValue, mapsIn, textOf } from './json.ts';
import type { Known } from './options.ts';
import { sayNames, sayValue, sayWord } from './words.ts';

export const reservationKeys = [
  'ip-address',
  'hostname',
  'client-classes',
  'next-server',
  'server-hostname',
  'boot-file-name',
  'ip-addresses',
  'prefixes',
];
const inLine = new Set<string>([...reservationKeys, ...identifierTypes, 'metadata']);

/** `reservation TYPE IDENTIFIER KEY VALUE …`: one line, with lines inside only for options and what else there is. */
export function writeReservations(emit: Emitter, block: Draft, list: JsonValue | undefined, known: Known): void {
  const all = mapsIn(list).map((map) => ({ map, head: sayWho(map) }));
  all.sort((a, b) => (a.head < b.head ? -1 : a.head > b.head ? 1 : 0));
  for (const { map, head } of all) {
    const node = emit.member(block, head, sayGiven(map), emit.places.lineOf(map));
    let others: string[] | undefined;
    for (const key in map) {
      if (inLine.has(key)) continue;
      if (key === 'option-data') writeOptions(emit, node, map[key], known);
      else (others ??= []).push(key);
    }
    if (others) writeOthers(emit, node, map, others, { defaults: reservationDefaults });
  }
}

/** The identifier of a reservation as the head of its line. */
export function sayWho(map: JsonMap): string {
  for (const type of identifierTypes) {
    const value = map[type];
    if (typeof value === 'string') return `reservation ${type} ${sayIdentifier(value).replaceAll(/\s/g, '_')}`;
  }
  return `reservation ip-address ${typeof map['ip-address'] === 'string' ? sayAddress(map['ip-address']) : '-'}`;
}

function sayGiven(map: JsonMap): string {
  let words = '';
  for (const key of reservationKeys) {
    const value = map[key];
    if (value === undefined || isDefault(reservationDefaults, key, value)) continue;
    words += `${words === '' ? '' : ' '}${key} ${sayGivenValue(key, value)}`;
  }
  return words;
}

function sayGivenValue(key: string, value: JsonValue): string {
  if (Array.isArray(value)) {
    if (key === 'client-classes') return sayNames(value.map((each) => textOf(each)));
    return value.map((each) => (typeof each === 'string' ? sayPrefix(each) : sayValue(each))).join(',');
  }
  if (key === 'ip-address' || key === 'next-server') return typeof value === 'string' ? sayAddress(value) : sayValue(value);
  return sayWord(value);
}
