import { type Draft, isPermanent } from './dialect.ts';
import { mergeNumbers } from './numbers.ts';
import { type CompiledDialect, type Match, matchLine, positiveWords, type Rule, type Section } from './rules.ts';
import type { Node } from './types.ts';
import { guessSecrets, markedSecret } from './secret-words.ts';

/** Puts lines into blocks: knows them, normalises them, and lets a later line with the same key overwrite an earlier one. */
export interface Builder {
  readonly root: Draft;
  /** Puts one line into the block. Undefined when the line only deleted something, or says what the device does anyway. */
  put(block: Draft, words: readonly string[], line: number, path: readonly string[], known?: Match, text?: string): Draft | undefined;
  /** Puts a line that is known from another tree of the dialect, in the same place there. */
  copy(block: Draft, like: Node, line: number): void;
  /** Puts a line of which all is known, behind the others. The key must be new in the block. */
  append(block: Draft, key: string, text: string, rule: Rule, line: number): Draft;
  /** Puts a line of another tree of the dialect behind the others, itself. It holds no lines, and gets none. */
  adopt(block: Draft, node: Node): void;
  /** The line stands there already and would get this place; for passes that move nodes. */
  find(block: Draft, key: string): Draft | undefined;
  remove(block: Draft, key: string): void;
  /** Section of the lines inside a block. */
  sectionOf(block: Draft): Section;
  /** Called with every node that a line made or changed, and the line. */
  onPut: ((node: Draft, line: number) => void) | undefined;
  /** Called with every node that a line takes away. */
  onRemoved: ((node: Draft, line: number) => void) | undefined;
  /** Called with every line that says what goes without saying, by block and key. A later line may say otherwise. */
  onImplied: ((block: Draft, key: string) => void) | undefined;
  /** Called with every secret of a line, also one that says `no` or is overwritten later, and the number of words behind it. */
  onSecret: ((value: string, line: number, after: number) => void) | undefined;
}

/** Of a line that holds none, and of very many such. */
const noLines: Draft[] = [];

export function createBuilder(compiled: CompiledDialect, version: string): Builder {
  const root: Draft = { text: '', key: '', children: [], line: 0, rule: compiled.unknownBlock };
  const indexes = new WeakMap<Draft, Map<string, Draft>>();
  const { negations, negation, dialect } = compiled;

  // Lines of one block follow each other.
  let last: { readonly block: Draft; readonly index: Map<string, Draft> } | undefined;

  function indexOf(block: Draft): Map<string, Draft> {
    if (last?.block === block) return last.index;
    let index = indexes.get(block);
    if (!index) {
      index = new Map(block.children.map((child) => [child.key, child]));
      indexes.set(block, index);
    }
    last = { block, index };
    return index;
  }

  function sectionOf(block: Draft): Section {
    return block === root ? compiled.root : (block.rule.inner ?? compiled.unknownBlock.inner);
  }

  function put(
    block: Draft,
    words: readonly string[],
    line: number,
    path: readonly string[],
    known?: Match,
    text?: string,
  ): Draft | undefined {
    if (block.rule.row.verbatim) {
      if (builder.onSecret) for (const { value, after } of guessSecrets(words)) builder.onSecret(value, line, after);
      return keep(block, words.join(' '), line);
    }
    const section = sectionOf(block);
    let match = known ?? matchLine(section, words, negations);
    if (builder.onSecret) {
      const positive = match?.negated ? words.slice(1) : words;
      for (const { value, after } of match ? markedSecret(match.rule, positive) : guessSecrets(words)) builder.onSecret(value, line, after);
    }
    let written = words;
    const normal = match?.rule.row.normal;
    if (match && normal) {
      const positive = match.negated ? words.slice(1) : words;
      const better = normal(positive, { version, path, negated: match.negated });
      if (better === null) {
        if (isPlain(match)) builder.onImplied?.(block, match.key);
        return undefined;
      }
      if (better !== positive) {
        written = match.negated ? [negation, ...better] : better;
        match = matchLine(section, written, negations) ?? match;
      }
    }
    if (match?.rule.into) {
      let inner = block;
      const positive = match.negated ? written.slice(1) : written;
      const innerPath = [...path];
      for (const opener of match.rule.into) {
        const made: Draft | undefined = put(inner, opener(positive).split(' '), line, innerPath);
        if (!made) return undefined;
        inner = made;
        innerPath.push(made.text);
      }
      return put(inner, written, line, innerPath);
    }
    return store(block, written === words && text !== undefined ? text : written.join(' '), match, written, line);
  }

  /** The same line may come twice: its key counts. */
  function keep(block: Draft, text: string, line: number): Draft {
    const node: Draft = { text, key: `${block.children.length} ${text}`, children: [], line, rule: compiled.verbatim };
    block.children.push(node);
    builder.onPut?.(node, line);
    return node;
  }

  function store(block: Draft, text: string, match: Match | undefined, words: readonly string[], line: number): Draft | undefined {
    const index = indexOf(block);
    const negated = match ? match.negated : words.length > 1 && negations.has(words[0] ?? '');
    const key = match?.key ?? positiveWords(text, negations).join(' ');
    const merged = match && mergeNumbers(match.rule.row, index.get(key)?.text, negated ? words.slice(1) : words, negated);
    if (typeof merged === 'string') return set(block, key, merged, match, line);
    if (negated ? !isPrinted(match) : match?.rule.row.defaultOn) {
      take(block, key, line);
      if (match && isPlain(match)) builder.onImplied?.(block, key);
      return undefined;
    }
    return set(block, key, text, match, line);
  }

  function set(block: Draft, key: string, text: string, match: Match | undefined, line: number): Draft {
    const index = indexOf(block);
    const there = index.get(key);
    if (there) {
      there.text = text;
      if (!there.rule.inner) there.line = line;
      builder.onPut?.(there, line);
      return there;
    }
    const node: Draft = { text, key, children: [], line, rule: match?.rule ?? compiled.unknownLeaf };
    if (block.children === noLines) block.children = [];
    block.children.push(node);
    index.set(key, node);
    builder.onPut?.(node, line);
    return node;
  }

  function copy(block: Draft, { key, text, rule }: Node, line: number): void {
    const index = last?.block === block ? last.index : indexes.get(block);
    const there = index ? index.get(key) : undefined;
    if (there) {
      there.text = text;
      there.line = line;
      return;
    }
    const node: Draft = { text, key, children: [], line, rule };
    block.children.push(node);
    index?.set(key, node);
  }

  function append(block: Draft, key: string, text: string, rule: Rule, line: number): Draft {
    const node: Draft = { text, key, children: noLines, line, rule };
    if (block.children === noLines) block.children = [];
    block.children.push(node);
    // Made again by who asks for one of its lines.
    indexes.delete(block);
    if (last?.block === block) last = undefined;
    builder.onPut?.(node, line);
    return node;
  }

  function adopt(block: Draft, node: Node): void {
    if (block.children === noLines) block.children = [];
    block.children.push(node as Draft);
    indexes.delete(block);
    if (last?.block === block) last = undefined;
  }

  function isPrinted(match: Match | undefined): boolean {
    return match?.rule.row.on !== undefined || (match?.rule.row.defaultOn ?? (match?.rule.row.negated ?? dialect.negated) === 'kept');
  }

  /** A line of its own: what a negated line of an object takes away is the business of the object, and one that always stays has no contrary. */
  function isPlain({ rule }: Match): boolean {
    const hasContrary = rule.row.defaultOn === true || !isPermanent(rule.row);
    return hasContrary && rule.inner === undefined && rule.object === undefined && rule.into === undefined;
  }

  function take(block: Draft, key: string, line: number): void {
    const there = indexOf(block).get(key);
    remove(block, key);
    if (there) builder.onRemoved?.(there, line);
  }

  function remove(block: Draft, key: string): void {
    const index = indexOf(block);
    const there = index.get(key);
    if (!there) return;
    index.delete(key);
    block.children.splice(block.children.indexOf(there), 1);
  }

  const builder: Builder = {
    root,
    put,
    copy,
    append,
    adopt,
    find: (block, key) => indexOf(block).get(key),
    remove,
    sectionOf,
    onPut: undefined,
    onRemoved: undefined,
    onImplied: undefined,
    onSecret: undefined,
  };
  return builder;
}
