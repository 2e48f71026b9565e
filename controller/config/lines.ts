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
  on: { line: (line: Line, raw: RawLines) => void; comment?: (text: string, number: number) => void },
): void {
  const raws = text.split('\n');
  const raw: RawLines = { next: 0, lines: raws };
  while (raw.next < raws.length) {
    const number = ++raw.next;
    const written = raws[number - 1] ?? '';
    const trimmed = written.trim();
    if (trimmed === '') continue;
    if (dialect.comments.some((comment) => trimmed.startsWith(comment))) {
      on.comment?.(trimmed, number);
      continue;
    }
    const isOdd = odd.test(trimmed);
    const words = trimmed.split(isOdd ? white : ' ');
    on.line({ words, text: isOdd ? words.join(' ') : trimmed, indent: indentOf(written), number }, raw);
  }
}

/** The lines as they stand, for a block that runs to its delimiter; `next` is the index of the first line not yet read. */
export interface RawLines {
  next: number;
  readonly lines: readonly string[];
}

const white = /\s+/;
const odd = /\s\s|[\t\f\v\r\u00a0]/;

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

/** Takes the lines up to the delimiter that the first line names, that line included. Null when the delimiter comes on the same line. */
export function takeOpaque(first: readonly string[], raw: RawLines): string | null {
  const start = raw.lines[raw.next - 1]?.trimEnd() ?? '';
  const mark = first.at(-1)?.startsWith('^') ? (first.at(-1) ?? '').slice(0, 2) : (first[2] ?? first.at(-1) ?? '').slice(0, 1);
  if (mark === '' || start.indexOf(mark) !== start.lastIndexOf(mark)) return null;
  const taken = [start.trim()];
  while (raw.next < raw.lines.length) {
    const line = (raw.lines[raw.next++] ?? '').replace(/\r$/, '');
    taken.push(line);
    if (line.includes(mark)) break;
  }
  return taken.join('\n');
}
