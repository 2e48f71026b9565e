/** One word of a row's pattern. */
export type PatternWord =
  | { readonly kind: 'literal'; readonly text: string }
  | { readonly kind: 'choice'; readonly name: string; readonly texts: readonly string[] }
  /** One identifying word, or one word of value. */
  | { readonly kind: 'name' | 'value'; readonly name: string; readonly address?: boolean }
  /** The rest of the line, identifying (one word or more) or value (possibly none). */
  | { readonly kind: 'names' | 'values'; readonly name: string };

/** `neighbor {peer} route-map <map> in|out` and the like; the grammar stands at `Dialect`. */
export function parsePattern(pattern: string): PatternWord[] {
  let choices = 0;
  return pattern.split(' ').map((word): PatternWord => {
    const braced = /^([{<])([A-Za-z0-9_-]+)(:address)?(\*?)[}>]$/.exec(word);
    if (braced) {
      const [, bracket, name = '', address, star] = braced;
      if (star) return { kind: bracket === '{' ? 'names' : 'values', name };
      return { kind: bracket === '{' ? 'name' : 'value', name, ...(address !== undefined && { address: true }) };
    }
    // A choice may be named, `dir=in|out`, so that a template can use it.
    if (word.includes('|')) {
      const [name, texts] = word.includes('=') ? splitOnce(word, '=') : [`choice${choices++}`, word];
      return { kind: 'choice', name, texts: texts.split('|') };
    }
    return { kind: 'literal', text: word };
  });
}

function splitOnce(text: string, by: string): [string, string] {
  const at = text.indexOf(by);
  return [text.slice(0, at), text.slice(at + by.length)];
}

interface Step<Value> {
  readonly literals: Map<string, Step<Value>>;
  any: Step<Value> | undefined;
  /** For a word that is an IP address. */
  address: Step<Value> | undefined;
  /** Ends here with the rest of the line taken: at least one word, or possibly none. */
  rest: { value: Value; min: 0 | 1 } | undefined;
  end: Value | undefined;
}

/** Patterns by their words: a literal beats a captured word, a captured word beats the rest of the line; the first row wins a tie. */
export class Trie<Value> {
  readonly #root: Step<Value> = step();

  add(pattern: readonly PatternWord[], value: Value): void {
    insert(this.#root, pattern, 0, value);
  }

  match(words: readonly string[]): Value | undefined {
    return find(this.#root, words, 0);
  }

  /** The words with abbreviated literals written out, when a pattern fits and each abbreviation means one literal only. */
  expand(words: readonly string[]): string[] | undefined {
    return spell(this.#root, words, 0);
  }
}

function step<Value>(): Step<Value> {
  return { literals: new Map(), any: undefined, address: undefined, rest: undefined, end: undefined };
}

function insert<Value>(at: Step<Value>, pattern: readonly PatternWord[], from: number, value: Value): void {
  const word = pattern[from];
  if (!word) {
    at.end ??= value;
    return;
  }
  switch (word.kind) {
    case 'literal':
    case 'choice':
      for (const text of word.kind === 'literal' ? [word.text] : word.texts) {
        let next = at.literals.get(text);
        if (!next) at.literals.set(text, (next = step()));
        insert(next, pattern, from + 1, value);
      }
      return;
    case 'name':
    case 'value':
      if (word.address) {
        at.address ??= step();
        insert(at.address, pattern, from + 1, value);
        return;
      }
      at.any ??= step();
      insert(at.any, pattern, from + 1, value);
      return;
    case 'names':
    case 'values':
      at.rest ??= { value, min: word.kind === 'names' ? 1 : 0 };
  }
}

function find<Value>(at: Step<Value>, words: readonly string[], from: number): Value | undefined {
  const word = words[from];
  if (word === undefined) return at.end ?? (at.rest?.min === 0 ? at.rest.value : undefined);
  const literal = at.literals.get(word);
  if (literal) {
    const found = find(literal, words, from + 1);
    if (found !== undefined) return found;
  }
  if (at.address && isAddress(word)) {
    const found = find(at.address, words, from + 1);
    if (found !== undefined) return found;
  }
  if (at.any) {
    const found = find(at.any, words, from + 1);
    if (found !== undefined) return found;
  }
  return at.rest?.value;
}

function isAddress(word: string): boolean {
  return /^(?:\d{1,3}(?:\.\d{1,3}){3}|[\da-f]*:[\da-f:.]*(?:%\S+)?)$/i.test(word);
}

function spell<Value>(at: Step<Value>, words: readonly string[], from: number): string[] | undefined {
  const word = words[from];
  if (word === undefined) return at.end !== undefined || at.rest?.min === 0 ? [] : undefined;
  const exact = at.literals.has(word) ? [word] : [...at.literals.keys()].filter((literal) => literal.startsWith(word));
  if (exact.length === 1) {
    const [literal = ''] = exact;
    const rest = spell(at.literals.get(literal) as Step<Value>, words, from + 1);
    if (rest) return [literal, ...rest];
  }
  // Only a literal may begin a line: anything else would fit every line.
  if (at.any && from > 0) {
    const rest = spell(at.any, words, from + 1);
    if (rest) return [word, ...rest];
  }
  return at.rest && from > 0 ? words.slice(from) : undefined;
}
