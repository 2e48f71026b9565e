import type { PlumblineError, Position } from '../../lib/index.ts';
import { errors } from '../errors.ts';

export type JsonValue = null | boolean | number | string | JsonValue[] | JsonMap;
export interface JsonMap {
  [key: string]: JsonValue;
}

/** Where the parts of a value stand, 1-based lines. */
export interface Places {
  /** Line on which a map or list opens. */
  readonly lineOf: (value: JsonValue) => number;
  /** Line of a key of a map; of the map where nobody knows. */
  readonly lineOfKey: (map: JsonMap, key: string) => number;
}

export interface ReadOptions {
  /** File named in problems. */
  readonly file?: string;
  /** Called with what stands behind `//` or `#`, or between the marks, and its line. */
  readonly onComment?: (said: string, line: number) => void;
}

export interface ReadJson extends Places {
  /** The values that follow each other in the text: one, but for rendered text with raw sections behind it. */
  readonly values: readonly JsonValue[];
  readonly problems: readonly PlumblineError[];
}

/** More than so many are the same mistake again. */
const maxProblems = 50;
/** No configuration nests as deep; what does is hostile. */
const maxDepth = 200;

/**
 * JSON as Kea takes it: `//`, `#` and block comments, a comma too many at the end. Goes on after a mistake where it can, so that all are told
 * at once; what a mistake hides is left out.
 */
export function readJson(text: string, options: ReadOptions = {}): ReadJson {
  const problems: PlumblineError[] = [];
  let at = text.charCodeAt(0) === 0xfeff ? 1 : 0;
  let line = 1;
  let lineStart = 0;
  let depth = 0;

  const here = (offset = at): Position => {
    let [row, start] = [line, lineStart];
    if (offset < lineStart) {
      // A place before the last line break that was read.
      row = 1;
      start = 0;
      for (let end = text.indexOf('\n'); end >= 0 && end < offset; end = text.indexOf('\n', end + 1)) [row, start] = [row + 1, end + 1];
    }
    return { file: options.file ?? 'config', line: row, col: offset - start + 1 };
  };
  const tell = (what: string, instead: string, offset = at): void => {
    if (problems.length < maxProblems) problems.push(errors.ConfigSyntax({ what, instead }, { at: here(offset) }));
  };

  /** White space and comments. */
  const skip = (): void => {
    for (; at < text.length; at++) {
      const letter = text.charCodeAt(at);
      if (letter === 10) [line, lineStart] = [line + 1, at + 1];
      else if (letter === 32 || letter === 9 || letter === 13) continue;
      else if (letter === 35 || (letter === 47 && text.charCodeAt(at + 1) === 47)) at = readLineComment(letter === 35 ? 1 : 2) - 1;
      else if (letter === 47 && text.charCodeAt(at + 1) === 42) readBlockComment();
      else if (letter === 60 && text.startsWith('<?', at)) readInclude();
      else return;
    }
  };
  const readLineComment = (mark: number): number => {
    const found = text.indexOf('\n', at);
    const end = found < 0 ? text.length : found;
    options.onComment?.(text.slice(at + mark, end).trim(), line);
    return end;
  };
  const readBlockComment = (): void => {
    const end = text.indexOf('*/', at + 2);
    if (end < 0) {
      tell('this comment does not end', 'Close it with */.');
      at = text.length;
      return;
    }
    options.onComment?.(text.slice(at + 2, end).trim(), line);
    for (let next = text.indexOf('\n', at); next >= 0 && next < end; next = text.indexOf('\n', next + 1))
      [line, lineStart] = [line + 1, next + 1];
    at = end + 1;
  };
  const readInclude = (): void => {
    const [all = '<?', file] = /^<\?\s*include\s+"([^"]*)"\s*\?>/.exec(text.slice(at, at + 1_000)) ?? [];
    if (file === undefined) tell('`<?` begins nothing that Kea knows', 'Remove it.');
    else
      tell(
        `\`${all}\` names a file that only the server could read`,
        'Put what that file says in its place, or make a raw section of its own of it: sections are merged.',
      );
    at += all.length - 1;
  };

  const readValue = (): JsonValue | undefined => {
    skip();
    const letter = text.charCodeAt(at);
    if (letter === 34) return readString();
    if (letter === 123) return readMap();
    if (letter === 91) return readList();
    return readWord();
  };

  const readMap = (): JsonMap | undefined => {
    if (++depth > maxDepth) return giveUp();
    const map: Placed<JsonMap> = { [startLine]: line };
    const own = line;
    // Most maps stand on one line.
    let lines: Map<string, number> | undefined;
    const opened = at++;
    for (;;) {
      skip();
      if (at >= text.length) return unclosed('{', opened, map);
      if (take(125)) break;
      if (text.charCodeAt(at) === 44) {
        tell('a comma with nothing before it', 'Remove it.');
        at++;
        continue;
      }
      if (text.charCodeAt(at) === 93) {
        tell('`]` where the map that began above wants `}`', `Close the map of line ${here(opened).line} first.`);
        break;
      }
      const keyAt = at;
      const key = text.charCodeAt(at) === 34 ? readString() : readBareKey();
      if (key === undefined) continue;
      const keyLine = line;
      skip();
      if (take(58)) skip();
      else tell(`no colon behind "${key}"`, `Write "${key}": VALUE.`);
      const value = readValue();
      if (value !== undefined) {
        if (Object.hasOwn(map, key)) {
          const before = lines?.get(key) ?? own;
          tell(
            `"${key}" stands twice in one map, first in line ${before}`,
            'Keep one of the two: which one a server takes is chance.',
            keyAt,
          );
        } else {
          if (keyLine !== own) (lines ??= map[keyLines] = new Map()).set(key, keyLine);
          if (key === '__proto__') Object.defineProperty(map, key, { value, enumerable: true, configurable: true, writable: true });
          else map[key] = value;
        }
      }
      separate('}');
    }
    depth--;
    return map;
  };

  const readList = (): JsonValue[] | undefined => {
    if (++depth > maxDepth) return giveUp();
    const list: Placed<JsonValue[]> = [];
    list[startLine] = line;
    const opened = at++;
    for (;;) {
      skip();
      if (at >= text.length) return unclosed('[', opened, list);
      if (take(93)) break;
      if (text.charCodeAt(at) === 44) {
        tell('a comma with nothing before it', 'Remove it.');
        at++;
        continue;
      }
      if (text.charCodeAt(at) === 125) {
        tell('`}` where the list that began above wants `]`', `Close the list of line ${here(opened).line} first.`);
        break;
      }
      const value = readValue();
      if (value !== undefined) list.push(value);
      separate(']');
    }
    depth--;
    return list;
  };

  /** Behind an element: a comma, or the end. */
  const separate = (close: string): void => {
    const end = at;
    skip();
    const letter = text.charCodeAt(at);
    if (letter === 44) at++;
    if (letter === 44 || at >= text.length || letter === 125 || letter === 93) return;
    const [junk = ''] = close === '}' ? (/^[^\s"{}[\]:,]+(?=\s*[,}\]])/.exec(text.slice(at, at + 200)) ?? []) : [];
    if (junk === '') return tell('a comma is missing here', `Part the entries with a comma, or end with ${close}.`, end);
    tell(`\`${junk}\` behind the value`, 'Remove it.');
    at += junk.length;
    if (text.charCodeAt(at) === 44) at++;
  };

  const take = (letter: number): boolean => text.charCodeAt(at) === letter && ++at > 0;

  const unclosed = <Value>(mark: string, opened: number, value: Value): Value => {
    tell(`\`${mark}\` is never closed`, `Close it with \`${mark === '{' ? '}' : ']'}\`.`, opened);
    depth--;
    return value;
  };
  const giveUp = (): undefined => {
    tell(`more than ${maxDepth} maps and lists in one another`, 'No configuration is as deep: look for a bracket that is not closed.');
    at = text.length;
    depth--;
    return undefined;
  };

  const readString = (): string => {
    const from = ++at;
    // Most strings hold nothing to undo.
    for (; at < text.length; at++) {
      const letter = text.charCodeAt(at);
      if (letter === 34) return text.slice(from, at++);
      if (letter === 92 || letter < 32) break;
    }
    let said = text.slice(from, at);
    for (; at < text.length; at++) {
      const letter = text.charCodeAt(at);
      if (letter === 34) {
        at++;
        return said;
      }
      if (letter === 10 || letter === 13) break;
      if (letter === 92) said += readEscape();
      else {
        if (letter < 32) tell(`a control character (U+00${letter.toString(16).padStart(2, '0')}) in a string`, 'Write it as \\u00XX.');
        said += text[at];
      }
    }
    tell('this string does not end on its line', 'Close it with ", and write \\n for a new line.', from - 1);
    return said;
  };
  /** Leaves `at` on its last letter. */
  const readEscape = (): string => {
    const letter = text[++at] ?? '';
    const known = escapes[letter];
    if (known !== undefined) return known;
    const [hex] = /^u[\da-fA-F]{4}/.exec(text.slice(at, at + 5)) ?? [];
    if (hex !== undefined) {
      at += 4;
      return String.fromCharCode(Number.parseInt(hex.slice(1), 16));
    }
    tell(`\`\\${letter}\` is no escape`, 'Write \\\\ for a backslash; others are \\" \\/ \\b \\f \\n \\r \\t and \\uXXXX.', at - 1);
    return letter;
  };

  const readBareKey = (): string | undefined => {
    const [word = text[at] ?? ''] = /^[^\s"'{}[\]:,]+|^'[^'\n]*'/.exec(text.slice(at, at + 200)) ?? [];
    const said = word.replaceAll("'", '');
    tell(`\`${word}\` where a key in double quotes has to stand`, said === '' ? 'Write "KEY": VALUE.' : `Write "${said}".`);
    at += word.length;
    return /^[\w-]+$/.test(said) ? said : undefined;
  };

  const readWord = (): JsonValue | undefined => {
    const [word = ''] = /^[^\s"'{}[\]:,#/]+/.exec(text.slice(at, at + 400)) ?? [];
    const literal = literals.get(word);
    if (literal !== undefined) {
      at += word.length;
      return literal;
    }
    if (/^-?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(word)) {
      at += word.length;
      return Number(word);
    }
    const [wrong = word || (text[at] ?? '')] = /^'[^'\n]*'?/.exec(text.slice(at, at + 400)) ?? [];
    const quoted = wrong.replaceAll("'", '');
    const meant = literals.has(word.toLowerCase()) ? word.toLowerCase() : JSON.stringify(quoted);
    if (at >= text.length) tell('the text ends where a value has to stand', 'Write the value, and close what is open.');
    else if (wrong === '}' || wrong === ']' || wrong === ',') tell(`a value is missing before \`${wrong}\``, 'Write the value.');
    else tell(`\`${wrong}\` is no value`, `Write ${meant}.`);
    if (wrong !== '}' && wrong !== ']' && wrong !== ',') at += Math.max(1, wrong.length);
    return undefined;
  };

  const values: JsonValue[] = [];
  for (skip(); at < text.length; skip()) {
    const from = at;
    depth = 0;
    if (text.charCodeAt(at) === 123 || text.charCodeAt(at) === 91) {
      const value = readValue();
      if (value !== undefined) values.push(value);
    } else {
      const [rest = ''] = /^\S*/.exec(text.slice(at, at + 60)) ?? [];
      tell(
        values.length === 0 ? `\`${rest}\` where \`{\` has to begin the configuration` : `\`${rest}\` behind the end of the configuration`,
        values.length === 0 ? 'Write { "Dhcp4": { … } }.' : 'Remove it, or look for a bracket that closes too much.',
      );
      break;
    }
    if (at === from) break;
  }
  return {
    values,
    problems,
    lineOf: (value) => (typeof value === 'object' && value !== null ? ((value as Placed<typeof value>)[startLine] ?? 0) : 0),
    lineOfKey: (map: Placed<JsonMap>, key) => map[keyLines]?.get(key) ?? map[startLine] ?? 0,
  };
}

/** In the value itself: a map beside 200,000 values would be larger than they are. */
const startLine = Symbol('line');
const keyLines = Symbol('lines of keys');
type Placed<Value> = Value & { [startLine]?: number; [keyLines]?: Map<string, number> };

const escapes: Readonly<Record<string, string>> = { '"': '"', '\\': '\\', '/': '/', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' };

const literals: ReadonlyMap<string, JsonValue> = new Map<string, JsonValue>([
  ['true', true],
  ['false', false],
  ['null', null],
]);

/** Nobody knows where it stands: JSON that came over the wire. */
export const nowhere: Places = { lineOf: () => 0, lineOfKey: () => 0 };

export function isMap(value: JsonValue | undefined): value is JsonMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function mapsIn(value: JsonValue | undefined): JsonMap[] {
  return Array.isArray(value) ? value.filter(isMap) : [];
}

/** A scalar as text; nothing for what is none. */
export function textOf(value: JsonValue | undefined, otherwise = ''): string {
  return value === undefined || value === null || typeof value === 'object' ? otherwise : String(value);
}
