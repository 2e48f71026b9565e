import { findDhcpOption } from '../../api/index.ts';
import type { Builder } from '../builder.ts';
import type { Draft } from '../dialect.ts';
import { matchLine } from '../rules.ts';
import type { Node } from '../types.ts';
import { sayAddress, sayPrefix } from './addresses.ts';
import { type Defaults, isDefault, usualOf } from './defaults.ts';
import { contextOf, type Entry, entriesOf } from './entries.ts';
import { type Sink, writeGeneric } from './generic.ts';
import { type JsonMap, type JsonValue, mapsIn, type Places, textOf } from './json.ts';
import { type Known, sayDefinition, sayOption } from './options.ts';

/** Lines of one document, into the tree. */
export interface Emitter extends Sink<Draft> {
  readonly places: Places;
  /** A member of a list: one whose identity is there already gets a number. */
  readonly member: (block: Draft, head: string, rest: string, line: number) => Draft;
  /** Members of one kind, where another tree holds just these, in this order: they are its lines. False, and nothing done, where it does not. */
  readonly adoptAll: (block: Draft, sample: string, maps: readonly JsonMap[], isSaidBy: (line: string, map: JsonMap) => boolean) => boolean;
  /** Very many members of one kind, each with an identity of its own; `alone`: with no line inside. */
  readonly appendTo: (block: Draft, sample: string) => (head: string, text: string, line: number, alone: boolean) => Draft | undefined;
}

/** `like`: blocks of a tree that is mostly the same, by their keys. */
export function createEmitter(builder: Builder, places: Places, like?: ReadonlyMap<string, Node>): Emitter {
  const put = (block: Draft, text: string, line: number): Draft => builder.put(block, text.split(' '), line, [], undefined, text) ?? block;
  const ruleOf = (block: Draft, sample: string): Node['rule'] => {
    const rule = matchLine(builder.sectionOf(block), sample.split(' '), noNegations)?.rule;
    if (!rule) throw new Error(`no row knows "${sample}"`);
    return rule;
  };
  return {
    places,
    put,
    lineOf: (value, around) => places.lineOf(value) || around,
    member(block, head, rest, line) {
      let key = head;
      for (let nth = 2; builder.find(block, key); nth++) key = `${head} again ${nth}`;
      return put(block, rest === '' ? key : `${key} ${rest}`, line);
    },
    adoptAll(block, sample, maps, isSaidBy) {
      const same = like?.get(block.key)?.children;
      const rule = same && ruleOf(block, sample);
      const from = same?.findIndex((node) => node.rule === rule) ?? -1;
      if (!same || from < 0 || same[from + maps.length]?.rule === rule) return false;
      const isSame = (map: JsonMap, at: number): boolean => {
        const there = same[from + at];
        return there !== undefined && there.rule === rule && there.children.length === 0 && isSaidBy(there.text, map);
      };
      if (!maps.every(isSame)) return false;
      for (let at = 0; at < maps.length; at++) builder.adopt(block, same[from + at] as Node);
      return true;
    },
    appendTo(block, sample) {
      const rule = ruleOf(block, sample);
      const same = like?.get(block.key)?.children ?? [];
      let at = same.findIndex((node) => node.rule === rule);
      return (head, text, line, alone) => {
        const there = at < 0 || !alone ? undefined : same[at];
        if (there?.key === head) {
          at++;
          if (there.text === text && there.children.length === 0) {
            builder.adopt(block, there);
            return undefined;
          }
        }
        return builder.append(block, head, text, rule, line);
      };
    },
  };
}

const noNegations: ReadonlySet<string> = new Set();

/** Values that hold where a map says nothing. */
export type Around = (key: string) => JsonValue | undefined;

/** What is said of the scalars of a place beside their keys. */
export interface Rules {
  readonly defaults: Defaults;
  /** Keys whose value is said whatever it is: it was looked at already. */
  readonly whole?: ReadonlySet<string>;
}

const addressKeys = new Set(['next-server', 'server-ip', 'sender-ip', 'ip-address', 'excluded-prefix', 'socket-address']);
const prefixKeys = new Set(['4o6-subnet']);

/** Scalars, maps and lists that have no form of their own; what the server does anyway is left out. */
export function writeEntries(emit: Emitter, block: Draft, entries: Iterable<Entry>, { defaults, whole }: Rules): void {
  const sorted = [...entries].sort((a, b) => (a.key < b.key ? -1 : 1));
  for (const { key, value: said, line } of sorted) {
    if (key === 'user-context') {
      const context = contextOf(said);
      if (context) writeGeneric(emit, block, key, context, line);
      continue;
    }
    const value = canonicalValue(key, said, defaults);
    if (!whole?.has(key) && isDefault(defaults, key, value)) continue;
    writeGeneric(emit, block, key, value, line);
  }
}

/** The value in the form that servers print. */
export function canonicalValue(key: string, value: JsonValue, defaults: Defaults): JsonValue {
  if (typeof value === 'string') {
    if (addressKeys.has(key)) return sayAddress(value);
    if (prefixKeys.has(key)) return sayPrefix(value);
    if (value !== '' && typeof usualOf(defaults, key) === 'number' && !Number.isNaN(Number(value))) return Number(value);
    if (/-(?:lifetime|timer)$/.test(key) && /^\d+$/.test(value)) return Number(value);
  }
  if (key === 'relay-supplied-options' && Array.isArray(value)) return suppliedCodes(value);
  return value;
}

/** Codes in their order, without the one that servers add by themselves. */
function suppliedCodes(list: readonly JsonValue[]): JsonValue {
  const codes = list.map((each) =>
    /^\d+$/.test(textOf(each)) ? textOf(each) : textOf(findDhcpOption('ipv6', textOf(each))?.code, textOf(each)),
  );
  return [...new Set(codes)].filter((code) => code !== '65').sort((a, b) => Number(a) - Number(b));
}

/** `option …` lines, in the order of their codes. */
export function writeOptions(emit: Emitter, block: Draft, list: JsonValue | undefined, known: Known): void {
  if (!Array.isArray(list) || list.length === 0) return;
  const maps = mapsIn(list);
  // The value of an option that only holds others is made of them: servers print it, people do not write it.
  const spaces = new Set(maps.map((map) => map['space']));
  const said = maps.flatMap((map) => {
    const option = sayOption(map, known, (space) => spaces.has(space));
    return option ? [{ map, option }] : [];
  });
  said.sort((a, b) => compareHeads(a.option.head, b.option.head));
  for (const { map, option } of said) {
    const line = emit.places.lineOf(map);
    const node = emit.member(block, option.head, option.rest, line);
    if (option.other.length > 0) writeOthers(emit, node, map, option.other);
  }
}

/** Space by space, code by code. */
function compareHeads(a: string, b: string): number {
  const [, spaceA = '', codeA] = a.split(' ');
  const [, spaceB = '', codeB] = b.split(' ');
  return spaceA === spaceB ? Number(codeA) - Number(codeB) : spaceA < spaceB ? -1 : 1;
}

/** `option-def …` lines. */
export function writeDefinitions(emit: Emitter, block: Draft, list: JsonValue | undefined, known: Known): void {
  for (const map of mapsIn(list)) {
    const said = sayDefinition(map, known.family);
    if (!said) continue;
    const node = emit.member(block, said.head, said.rest, emit.places.lineOf(map));
    if (said.other.length > 0) writeOthers(emit, node, map, said.other);
  }
}

/** What a line does not speak of, inside it. */
export function writeOthers(emit: Emitter, node: Draft, map: JsonMap, keys: readonly string[], rules: Rules = { defaults: {} }): void {
  const wanted = new Set(keys);
  const rest = Object.fromEntries(Object.entries(map).filter(([key]) => wanted.has(key)));
  const entries = entriesOf(rest, { lineOf: emit.places.lineOf, lineOfKey: (_rest, key) => emit.places.lineOfKey(map, key) });
  writeEntries(emit, node, entries.values(), rules);
}
