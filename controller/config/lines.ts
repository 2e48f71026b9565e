import type { Dialect } from './dialect.ts';

/** One line of text that says something. */
export interface Line {
  readonly words: readonly string[];
  /** The words with one space between them. */
  readonly text: string;
  readonly indent: number;
  /** 1-based. */
  readonly number: number;
}

const tabWidth = 8;

/** Goes through text line by line: CRLF, tabs, blank lines and comments of the dialect taken care of. */
export function readLines(
  text: string,
  dialect: Dialect,
  on: {
    line: (line: Line, raw: RawText) => void;
    comment?: (text: string, number: number, indent: number) => void;
    /** True when the line between the places needs no more reading. */
    skim?: (text: string, start: number, end: number, number: number) => boolean;
  },
): void {
  const { comments } = dialect;
  const commentStarts = new Set(comments.map((comment) => comment.charCodeAt(0)));
  const raw: RawText = { text, at: 0, number: 0 };
  while (raw.at <= text.length) {
    const start = raw.at;
    const end = endOfLine(text, start);
    raw.at = end + 1;
    const number = ++raw.number;
    if (on.skim?.(text, start, end, number)) continue;
    const line = readPlain(text, start, end, number) ?? readOdd(text.slice(start, end), number);
    if (line.words.length === 0) continue;
    if (commentStarts.has(line.text.charCodeAt(0)) && comments.some((comment) => line.text.startsWith(comment)))
      on.comment?.(text.slice(start, end).trim(), number, line.indent);
    else on.line(line, raw);
  }
}

/** Where the text is read: `at` is the place of the first line not yet read, `number` the last line that was. */
export interface RawText {
  readonly text: string;
  at: number;
  number: number;
}

function endOfLine(text: string, from: number): number {
  const end = text.indexOf('\n', from);
  return end < 0 ? text.length : end;
}

/** A line of words with one space between them, as nearly all are: one pass and no regular expression. Undefined for any other line. */
function readPlain(text: string, start: number, end: number, number: number): Line | undefined {
  let at = start;
  while (at < end && text.charCodeAt(at) === 32) at++;
  const first = at;
  const words: string[] = [];
  let from = at;
  for (; at < end; at++) {
    const letter = text.charCodeAt(at);
    if (letter > 32 && letter < 127) continue;
    if (letter !== 32 || at === from) return undefined;
    words.push(text.slice(from, at));
    from = at + 1;
  }
  if (from < end) words.push(text.slice(from, end));
  else if (first < end) return undefined;
  return { words, text: text.slice(first, end), indent: first - start, number };
}

function readOdd(written: string, number: number): Line {
  const trimmed = written.trim();
  const words = trimmed === '' ? [] : trimmed.split(/\s+/);
  return { words, text: words.join(' '), indent: indentOf(written), number };
}

function indentOf(line: string): number {
  let width = 0;
  for (let i = 0; i < line.length; i++) {
    const letter = line.charCodeAt(i);
    if (letter === 32) width++;
    else if (letter === 9) width += tabWidth - (width % tabWidth);
    else break;
  }
  return width;
}

/**
 * Takes the lines up to the delimiter that the first line names, that line included; without a name it is a line `EOF`. Null when the
 * delimiter comes on the same line, or never.
 */
export function takeOpaque(first: readonly string[], raw: RawText): string | null {
  const start = raw.text.slice(raw.text.lastIndexOf('\n', raw.at - 2) + 1, Math.max(0, raw.at - 1)).trimEnd();
  if (first.length === 2 && first[0] === 'banner') return takeUntil(start.trim(), raw, (line) => line.trim() === 'EOF');
  const mark = first.at(-1)?.startsWith('^') ? (first.at(-1) ?? '').slice(0, 2) : (first[2] ?? first.at(-1) ?? '').slice(0, 1);
  if (mark === '' || start.indexOf(mark) !== start.lastIndexOf(mark)) return null;
  return takeUntil(start.trim(), raw, (line) => line.includes(mark));
}

function takeUntil(first: string, raw: RawText, isLast: (line: string) => boolean): string | null {
  const taken = [first];
  let { at, number } = raw;
  while (at <= raw.text.length) {
    const end = endOfLine(raw.text, at);
    const line = raw.text.slice(at, end).replace(/\r$/, '');
    at = end + 1;
    number++;
    taken.push(line);
    if (!isLast(line)) continue;
    [raw.at, raw.number] = [at, number];
    return taken.join('\n');
  }
  return null;
}
