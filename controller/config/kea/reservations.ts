import type { Draft } from '../dialect.ts';
import { sayAddress, sayPrefix } from './addresses.ts';
import { reservationDefaults } from './defaults.ts';
import { type Emitter, writeOptions, writeOthers } from './emitter.ts';
import { identifierTypes, sayIdentifier } from './identifiers.ts';
import { type JsonMap, type JsonValue, mapsIn, textOf } from './json.ts';
import type { Known } from './options.ts';
import { asWord, sayNames, sayWord } from './words.ts';

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
  if (!Array.isArray(list) || list.length === 0) return;
  const maps = mapsIn(list);
  const heads = maps.map(sayWho);
  const append = emit.appendTo(block, 'reservation hw-address 0');
  let before: string | undefined;
  for (const at of inOrder(heads)) {
    const [map, head] = [maps[at], heads[at]];
    if (!map || head === undefined) continue;
    let others: string[] | undefined;
    for (const key in map) if (!inLine.has(key) && !isNothing(map[key])) (others ??= []).push(key);
    const given = sayGiven(map);
    const line = emit.places.lineOf(map);
    const isAgain = head === before;
    before = head;
    const node = isAgain
      ? emit.member(block, head, given, line)
      : append(head, given === '' ? head : `${head} ${given}`, line, others === undefined);
    if (!node || !others) continue;
    writeOptions(emit, node, map['option-data'], known);
    writeOthers(
      emit,
      node,
      map,
      others.filter((key) => key !== 'option-data'),
      { defaults: reservationDefaults },
    );
  }
}

function isNothing(value: JsonValue | undefined): boolean {
  return Array.isArray(value) && value.length === 0;
}

/** Places of texts, sorted; servers print most lists so already. */
function inOrder(texts: readonly string[]): Iterable<number> {
  if (texts.every((text, at) => at === 0 || (texts[at - 1] ?? '') <= text)) return texts.keys();
  return [...texts.keys()].sort((a, b) => ((texts[a] ?? '') < (texts[b] ?? '') ? -1 : (texts[a] ?? '') > (texts[b] ?? '') ? 1 : a - b));
}

/** The identifier of a reservation as the head of its line. */
export function sayWho(map: JsonMap): string {
  for (const type of identifierTypes) {
    const value = map[type];
    if (typeof value === 'string') return `reservation ${type} ${sayIdentifier(value)}`;
  }
  return `reservation ip-address ${typeof map['ip-address'] === 'string' ? asWord(sayAddress(map['ip-address'])) : '-'}`;
}

function sayGiven(map: JsonMap): string {
  let words = '';
  for (const key of reservationKeys) {
    const value = map[key];
    if (value === undefined || value === '' || value === '0.0.0.0' || (Array.isArray(value) && value.length === 0)) continue;
    words += `${words === '' ? '' : ' '}${key} ${sayGivenValue(key, value)}`;
  }
  return words;
}

function sayGivenValue(key: string, value: JsonValue): string {
  if (Array.isArray(value)) {
    if (key === 'client-classes') return sayNames(value.map((each) => textOf(each)));
    return value.map((each) => (typeof each === 'string' ? asWord(sayPrefix(each)) : sayWord(each))).join(',');
  }
  if (key === 'ip-address' || key === 'next-server') return typeof value === 'string' ? asWord(sayAddress(value)) : sayWord(value);
  return sayWord(value);
}
