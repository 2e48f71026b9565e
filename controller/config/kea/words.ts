import { isMap, type JsonValue } from './json.ts';

/** A value as words of a canonical line: what needs no quotes has none, anything else is JSON. White space is never lost when words are folded. */
export function sayValue(value: JsonValue): string {
  if (typeof value === 'string') return sayText(value);
  if (typeof value === 'object' && value !== null) return foldSafe(JSON.stringify(isMap(value) ? sorted(value) : value));
  return String(value);
}

const plain = /^[!#-Z\\^-z|}~][\x21-\x7e]*$/;

function sayText(text: string): string {
  return plain.test(text) && !looksTyped(text) ? text : foldSafe(JSON.stringify(text));
}

function looksTyped(text: string): boolean {
  const first = text.charCodeAt(0);
  // Digits, sign and point begin a number; t, f and n a literal.
  if (first === 116 || first === 102 || first === 110) return text === 'true' || text === 'false' || text === 'null';
  return first <= 57 && /^-?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(text);
}

function foldSafe(json: string): string {
  return json.replace(/ (?= )|[^\S ]/g, (space) => `\\u${space.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** Maps with their keys in one order, all the way down. */
function sorted(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isMap(value)) return value;
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => [key, sorted(value[key] ?? null)]),
  );
}

/** The value that words say; a text that is no JSON stands for itself. */
export function readValue(words: string): JsonValue {
  const first = words[0] ?? '';
  if (first === '"' || first === '[' || first === '{') {
    try {
      return JSON.parse(words) as JsonValue;
    } catch {
      return words;
    }
  }
  if (words === 'true' || words === 'false') return words === 'true';
  if (words === 'null') return null;
  return looksTyped(words) ? Number(words) : words;
}

/** The text that words say: a bare number is text here too. */
export function readText(words: string): string {
  const value = words.startsWith('"') ? readValue(words) : words;
  return typeof value === 'string' ? value : words;
}

/** Words of a line: a quoted text, a list or a map is one. */
export function splitWords(line: string): string[] {
  if (!/["[{]/.test(line)) return line === '' ? [] : line.split(' ');
  const words: string[] = [];
  for (let at = 0; at < line.length; ) {
    const end = endOfWord(line, at);
    words.push(line.slice(at, end));
    at = end + 1;
  }
  return words;
}

function endOfWord(line: string, from: number): number {
  const first = line[from];
  if (first !== '"' && first !== '[' && first !== '{') {
    const end = line.indexOf(' ', from);
    return end < 0 ? line.length : end;
  }
  let quoted = false;
  let depth = 0;
  for (let at = from; at < line.length; at++) {
    const letter = line[at];
    if (quoted) {
      if (letter === '\\') at++;
      else if (letter === '"') quoted = false;
    } else if (letter === '"') quoted = true;
    else if (letter === '[' || letter === '{') depth++;
    else if (letter === ']' || letter === '}') depth--;
    if (!quoted && depth === 0) return at + 1;
  }
  return line.length;
}

/** A key as the first word of a line. */
export function sayKey(key: string): string {
  return /^[A-Za-z0-9][\w.-]*$/.test(key) && key !== 'no' ? key : foldSafe(JSON.stringify(key)).replaceAll(' ', '\\u0020');
}

export function readKey(word: string): string {
  return readText(word);
}

/** Names as one word: parted by commas where no name holds anything odd. */
export function sayNames(names: readonly string[]): string {
  return names.length > 0 && names.every((name) => /^[\w.:/@-]+$/.test(name)) ? names.join(',') : oneWord(JSON.stringify(names));
}

export function readNames(word: string): string[] {
  if (!word.startsWith('[')) return word.split(',');
  const value = readValue(word);
  return Array.isArray(value) ? value.map(String) : [word];
}

/** A name as one word: what looks like a number needs no quotes, it is a name. */
export function sayName(name: string): string {
  return asWord(name);
}

/** Text that is a word as it stands in nearly all cases: an address, an identifier. */
export function asWord(text: string): string {
  return plain.test(text) ? text : oneWord(JSON.stringify(text));
}

/** A value as one word. */
export function sayWord(value: JsonValue): string {
  if (typeof value === 'string' && plain.test(value) && !looksTyped(value)) return value;
  return oneWord(sayValue(value));
}

/** JSON stays what it is when the spaces in its texts are spelled out. */
function oneWord(json: string): string {
  return foldSafe(json).replaceAll(' ', '\\u0020');
}
