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
  if (emit.adoptAll(block, reservationSample, maps, isSaidBy)) return;
  const who = maps.map(whoIs);
  const append = emit.appendTo(block, reservationSample);
  let before: Who | undefined;
  for (const at of inOrder(who)) {
    const [map, own] = [maps[at], who[at]];
    if (!map || !own) continue;
    const others = othersIn(map);
    const given = sayGiven(map);
    const line = emit.places.lineOf(map);
    const head = headOf(own);
    const isAgain = before !== undefined && compareWho(before, own) === 0;
    before = own;
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

/** A line of which the rule is that of all. */
const reservationSample = 'reservation hw-address 0';

/** Keys of which the line does not speak. */
function othersIn(map: JsonMap): string[] | undefined {
  let others: string[] | undefined;
  for (const key in map) if (!inLine.has(key) && !isNothing(map[key])) (others ??= []).push(key);
  return others;
}

/** True when this is the line of the reservation, and there is nothing to say inside. Makes no text: most lists are as they were. */
function isSaidBy(line: string, map: JsonMap): boolean {
  const { type, id } = whoIs(map);
  const head = starts[type] ?? '';
  let at = head.length + id.length;
  if (!line.startsWith(head) || !line.startsWith(id, head.length)) return false;
  for (const key of reservationKeys) {
    const value = map[key] ?? '';
    if (saysNothing(value)) continue;
    const said = sayGivenValue(key, value);
    if (line.charCodeAt(at) !== 32 || !line.startsWith(key, at + 1)) return false;
    at += key.length + 2;
    if (line.charCodeAt(at - 1) !== 32 || !line.startsWith(said, at)) return false;
    at += said.length;
  }
  return at === line.length && othersIn(map) === undefined;
}

function isNothing(value: JsonValue | undefined): boolean {
  return Array.isArray(value) && value.length === 0;
}

/** Places, sorted by who has them; servers print most lists so already. */
function inOrder(who: readonly Who[]): Iterable<number> {
  const at = (place: number): Who => who[place] as Who;
  if (who.every((each, place) => place === 0 || compareWho(at(place - 1), each) <= 0)) return who.keys();
  return [...who.keys()].sort((a, b) => compareWho(at(a), at(b)) || a - b);
}

/** By what a reservation is told apart, in canonical form. */
interface Who {
  readonly type: string;
  readonly id: string;
}

/** As their heads would be sorted, without making them. */
function compareWho(a: Who, b: Who): number {
  if (a.type !== b.type) return a.type < b.type ? -1 : 1;
  return a.id === b.id ? 0 : a.id < b.id ? -1 : 1;
}

const starts: Readonly<Record<string, string>> = Object.fromEntries(
  [...identifierTypes, 'ip-address'].map((type) => [type, `reservation ${type} `]),
);

function whoIs(map: JsonMap): Who {
  for (const type of identifierTypes) {
    const value = map[type];
    if (typeof value === 'string') return { type, id: sayIdentifier(value) };
  }
  return { type: 'ip-address', id: typeof map['ip-address'] === 'string' ? asWord(sayAddress(map['ip-address'])) : '-' };
}

function headOf({ type, id }: Who): string {
  return `${starts[type]}${id}`;
}

/** The identifier of a reservation as the head of its line. */
export function sayWho(map: JsonMap): string {
  return headOf(whoIs(map));
}

function sayGiven(map: JsonMap): string {
  let words = '';
  for (const key of reservationKeys) {
    const value = map[key] ?? '';
    if (saysNothing(value)) continue;
    words += `${words === '' ? '' : ' '}${key} ${sayGivenValue(key, value)}`;
  }
  return words;
}

function saysNothing(value: JsonValue): boolean {
  return value === '' || value === '0.0.0.0' || (Array.isArray(value) && value.length === 0);
}

function sayGivenValue(key: string, value: JsonValue): string {
  if (Array.isArray(value)) {
    if (key === 'client-classes') return sayNames(value.map((each) => textOf(each)));
    return value.map((each) => (typeof each === 'string' ? asWord(sayPrefix(each)) : sayWord(each))).join(',');
  }
  if (key === 'ip-address' || key === 'next-server') return typeof value === 'string' ? asWord(sayAddress(value)) : sayWord(value);
  return sayWord(value);
}
