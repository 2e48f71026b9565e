import { isMap, type JsonMap, type JsonValue } from './json.ts';
import { readKey, readValue, sayKey, sayValue, sayWord, splitWords } from './words.ts';

/** What tells the members of a list of maps apart, the best first. */
const identities = ['name', 'id', 'library', 'user', 'code', 'url', 'output', 'type', 'subnet', 'address', 'ip-address', 'socket-address'];

/** Where generic lines go. */
export interface Sink<Block> {
  readonly put: (block: Block, text: string, line: number) => Block;
  readonly lineOf: (value: JsonValue, around: number) => number;
}

/** One key as a line or a block, in JSON's own words: for what nobody gave a form of its own. */
export function writeGeneric<Block>(sink: Sink<Block>, block: Block, key: string, value: JsonValue, line: number): void {
  const word = sayKey(key);
  if (isMap(value) && Object.keys(value).length > 0) writeMap(sink, sink.put(block, word, line), value, line);
  else if (isListOfMaps(value)) writeMembers(sink, sink.put(block, word, line), value, line);
  else sink.put(block, `${word} ${sayValue(value)}`, line);
}

function writeMap<Block>(sink: Sink<Block>, block: Block, map: JsonMap, line: number, without?: string): void {
  for (const key of Object.keys(map).sort())
    if (key !== without) writeGeneric(sink, block, key, map[key] ?? null, sink.lineOf(map[key] ?? null, line));
}

function isListOfMaps(value: JsonValue): value is JsonMap[] {
  return Array.isArray(value) && value.length > 0 && value.every((each) => isMap(each));
}

function writeMembers<Block>(sink: Sink<Block>, block: Block, list: readonly JsonMap[], line: number): void {
  const by = identityOf(list);
  for (const [at, member] of list.entries()) {
    const own = sink.lineOf(member, line);
    const head = by === undefined ? `- ${at + 1}` : `- ${by} ${sayWord(member[by] ?? null)}`;
    writeMap(sink, sink.put(block, head, own), member, own, by);
  }
}

/** The key whose values tell all members apart. */
function identityOf(list: readonly JsonMap[]): string | undefined {
  return identities.find((key) => {
    const values = new Set(list.map((member) => member[key]));
    return values.size === list.length && [...values].every((value) => typeof value === 'string' || typeof value === 'number');
  });
}

/** The member of a list of maps that a line `- …` names; undefined when it is not there. */
export function findMember(list: readonly JsonValue[], line: string): number {
  const [, by = '', name] = splitWords(line);
  if (name === undefined) return Number(by) - 1 < list.length ? Number(by) - 1 : -1;
  return list.findIndex((member) => isMap(member) && sayWord(member[by] ?? null) === name);
}

/** The map that a line `- …` brings into being. */
export function newMember(line: string): JsonMap {
  const [, by = '', name] = splitWords(line);
  if (name === undefined) return {};
  return { [by]: readValue(name) };
}

/** Key and value of a generic line. */
export function readGeneric(line: string): { key: string; value: JsonValue | undefined } {
  const [word = ''] = splitWords(line);
  const rest = line.slice(word.length + 1);
  return { key: readKey(word), value: rest === '' ? undefined : readValue(rest) };
}
