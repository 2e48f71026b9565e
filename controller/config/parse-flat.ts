import type { Builder } from './builder.ts';
import { readLines } from './lines.ts';
import type { ParseOptions } from './parse.ts';
import type { CompiledDialect } from './rules.ts';

/** `set …` lines: one node per line, without the word `set`. Brace text is taken too, as a device may print either. */
export function readSets(text: string, compiled: CompiledDialect, builder: Builder, onComment: ParseOptions['onComment']): void {
  if (/\{\s*$/m.test(text)) return readBraces(text, compiled, builder, onComment);
  readLines(text, compiled.dialect, {
    ...(onComment && { comment: onComment }),
    line({ words, number }) {
      builder.put(builder.root, words[0] === 'set' ? words.slice(1) : words, number, []);
    },
  });
}

const tokens = /\/\*[\s\S]*?\*\/|#[^\n]*|"(?:[^"\\]|\\.)*"|[{};[\]]|\n|[^\s{};[\]]+/g;

/** Brace text, flattened: one node per leaf, its words from the outermost block in. Lists in brackets become one line per member. */
export function readBraces(text: string, _compiled: CompiledDialect, builder: Builder, onComment: ParseOptions['onComment']): void {
  const blocks: { words: string[]; used: boolean }[] = [];
  let words: string[] = [];
  let list: string[] | undefined;
  let line = 1;
  const flush = (): void => {
    if (words.length === 0) return;
    const prefix = blocks.flatMap((block) => block.words);
    for (const block of blocks) block.used = true;
    for (const member of list ?? [undefined])
      builder.put(builder.root, [...prefix, ...words, ...(member === undefined ? [] : [member])], line, []);
    words = [];
    list = undefined;
  };
  let inList = false;
  for (const [token] of text.matchAll(tokens)) {
    if (token === '\n') {
      line++;
      if (!inList) flush();
    } else if (token.startsWith('/*') || token.startsWith('#')) {
      onComment?.(token, line);
      line += token.split('\n').length - 1;
    } else if (token === '[') [inList, list] = [true, []];
    else if (token === ']') inList = false;
    else if (token === ';') flush();
    else if (token === '{') {
      blocks.push({ words, used: false });
      words = [];
    } else if (token === '}') {
      flush();
      const block = blocks.pop();
      if (block && !block.used) {
        builder.put(builder.root, [...blocks.flatMap((outer) => outer.words), ...block.words], line, []);
        for (const outer of blocks) outer.used = true;
      }
    } else if (inList) list?.push(token);
    else words.push(token);
  }
  flush();
}
