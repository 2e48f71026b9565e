import { Lexer } from 'yaml';

/** What stands where in a YAML text, as far as a patch needs it besides the nodes. */
export interface Words {
  readonly comments: readonly Comment[];
  /** Offset behind the first `:` from there on. */
  afterColon(from: number): number;
  /** Offset of the last `-` of a list before there. */
  dashBefore(offset: number): number;
}

export interface Comment {
  readonly at: number;
  /** From `#` to the end of the line, without the line break. */
  readonly text: string;
}

/** Marks that the lexer puts in, which are not in the text: begin of a document, end of a flow collection, begin of a scalar. */
const marks = new Set(['\u0002', '\u0018', '\u001f']);

export function readWords(text: string): Words {
  const comments: Comment[] = [];
  const colons: number[] = [];
  const dashes: number[] = [];
  let at = 0;
  let before = '';
  for (const word of new Lexer().lex(text)) {
    if (!marks.has(word)) {
      // What follows the mark of a scalar is its text, whatever it begins with.
      if (before !== '\u001f') {
        if (word.startsWith('#')) comments.push({ at, text: word.replace(/\r$/, '') });
        else if (word === ':') colons.push(at);
        else if (word === '-') dashes.push(at);
      }
      at += word.length;
    }
    before = word;
  }
  return {
    comments,
    afterColon: (from) => (colons[firstFrom(colons, from)] ?? text.length - 1) + 1,
    dashBefore: (offset) => dashes[firstFrom(dashes, offset) - 1] ?? 0,
  };
}

/** Comments that begin in the range. */
export function commentsIn({ comments }: Words, from: number, to: number): readonly Comment[] {
  return comments.filter(({ at }) => at >= from && at < to);
}

/** Index of the first number that is not below `from`, by binary search. */
function firstFrom(sorted: readonly number[], from: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] ?? 0) < from) low = middle + 1;
    else high = middle;
  }
  return low;
}
