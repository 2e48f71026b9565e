import type { Builder } from './builder.ts';
import { readLines } from './lines.ts';
import type { ParseOptions } from './parse.ts';
import type { CompiledDialect } from './rules.ts';

/** A configuration as one set of lines: `set …` lines, braces, or indentation, whichever the text is written in. */
export function readFlat(text: string, compiled: CompiledDialect, builder: Builder, onComment: ParseOptions['onComment']): void {
  const bare = text.replaceAll(/"[^"\n]*"/g, '');
  if (bare.includes('{') && !/^\s*set /m.test(bare)) readBraces(text, builder, onComment);
  else readLeaves(text, compiled, builder, onComment);
}

/** One node per line, without the word `set`; an indented line goes on from the ones above it. */
function readLeaves(text: string, compiled: CompiledDialect, builder: Builder, onComment: ParseOptions['onComment']): void {
  const stack: { indent: number; words: readonly string[]; line: number; used: boolean }[] = [];
  const close = (indent: number): void => {
    while (stack.length > 0 && (stack.at(-1)?.indent ?? 0) >= indent) {
      const leaf = stack.pop();
      if (leaf && !leaf.used) builder.put(builder.root, [...stack.flatMap((open) => open.words), ...leaf.words], leaf.line, []);
    }
  };
  readLines(text, compiled.dialect, {
    ...(onComment && { comment: onComment }),
    line({ words, indent, number }) {
      const [first, ...rest] = words;
      const said = first === 'set' && rest.length > 0 ? rest : words;
      const depth = first === 'set' || first === 'delete' || first === 'deactivate' ? 0 : indent;
      close(depth);
      for (const open of stack) open.used = true;
      stack.push({ indent: depth, words: said, line: number, used: false });
    },
  });
  close(-1);
}

/** `inactive:` before a statement switches it off, `protect:` keeps it from being changed: lines of their own in the flat form. */
const marks = new Map([
  ['inactive:', 'deactivate'],
  ['protect:', 'protect'],
]);
/** `delete:` says what a patch takes away: it is not there. */
const tags = new Set([...marks.keys(), 'active:', 'unprotect:', 'replace:', 'delete:']);
const tokens = /\/\*[\s\S]*?\*\/|#[^\n]*|"(?:[^"\\]|\\.)*"|[{};[\]]|\n|[^\s{};[\]]+/g;

interface Block {
  readonly words: readonly string[];
  used: boolean;
}

/** No platform nests as deep. */
const maxDepth = 200;

function cutsOf(blocks: readonly Block[]): number[] {
  let words = 0;
  return blocks.slice(0, maxDepth).map((block) => (words += block.words.length));
}

/** Brace text: one node per leaf, its words from the outermost block in. Lists in brackets become one line per member. */
function readBraces(text: string, builder: Builder, onComment: ParseOptions['onComment']): void {
  const blocks: Block[] = [];
  let words: string[] = [];
  let list: string[] | undefined;
  let inList = false;
  let line = 1;
  let note: string | undefined;
  const prefix = (): string[] => blocks.flatMap((block) => block.words);
  let deleted: number | undefined;
  const take = (isBlock: boolean): string[] => {
    const said = words.filter((word) => !tags.has(word));
    if (note !== undefined) {
      const node = builder.put(builder.root, ['annotate', ...prefix(), ...(isBlock ? said : said.slice(0, 1)), `"${note}"`], line, []);
      if (node) node.cuts = cutsOf(blocks);
      note = undefined;
    }
    for (const [tag, verb] of marks) if (words.includes(tag)) builder.put(builder.root, [verb, ...prefix(), ...said], line, []);
    words = [];
    return said;
  };
  const flush = (): void => {
    if (words.length === 0) return;
    const isDeleted = deleted !== undefined || words.includes('delete:');
    if (isDeleted) [words, list] = [[], undefined];
    if (isDeleted) return;
    const said = take(false);
    for (const block of blocks) block.used = true;
    const cuts = cutsOf(blocks);
    for (const member of list ?? [undefined]) {
      const node = builder.put(builder.root, [...prefix(), ...said, ...(member === undefined ? [] : [member])], line, []);
      if (node) node.cuts = cuts;
    }
    list = undefined;
  };
  for (const [token] of text.matchAll(tokens)) {
    if (token === '\n') {
      line++;
      if (!inList) flush();
    } else if (token.startsWith('/*') || token.startsWith('#')) {
      onComment?.(token, line);
      if (token.startsWith('/*')) note = token.slice(2, -2).trim().replaceAll('"', "'").replaceAll(/\s+/g, ' ');
      line += token.split('\n').length - 1;
    } else if (token === '[') [inList, list] = [true, []];
    else if (token === ']') inList = false;
    else if (token === ';') flush();
    else if (token === '{') {
      if (words.includes('delete:')) deleted ??= blocks.length;
      blocks.push({ words: take(true), used: deleted !== undefined });
    } else if (token === '}') {
      flush();
      const block = blocks.pop();
      if (deleted === blocks.length) deleted = undefined;
      if (!block || block.used) continue;
      const node = builder.put(builder.root, [...prefix(), ...block.words], line, []);
      if (node) node.cuts = cutsOf([...blocks, block]);
      for (const outer of blocks) outer.used = true;
    } else if (inList) list?.push(token);
    else words.push(token);
  }
  flush();
}
