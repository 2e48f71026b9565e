/** A line as it was written, with the lines it stands under. No dialect: for those who compare text, not meaning. */
export interface WrittenLine {
  /** Trimmed; a banner or a quoted text over several lines is one line with line feeds. */
  readonly text: string;
  /** Text of the section lines from the outside in. */
  readonly parents: readonly string[];
  readonly depth: number;
}

const comments: Readonly<Record<string, RegExp>> = {
  'adva-fsp150f2': /^(remark\b|#|!)/,
  'cisco-asa': /^(!|:)/,
};
const anyComment = /^([!#]|\/\*)/;

/** Lines by indentation, comments left out. */
export function readWritten(text: string, platform: string): WrittenLine[] {
  const raw = text.split(/\r?\n/);
  const comment = comments[platform] ?? anyComment;
  const lines: WrittenLine[] = [];
  const stack: { indent: number; text: string }[] = [];
  for (let i = 0; i < raw.length; i++) {
    const written = (raw[i] ?? '').replaceAll('\t', '        ');
    let said = written.trim();
    if (said === '' || comment.test(said)) continue;
    // SR OS says `echo "Title"` where a part of the configuration begins.
    const title = /^echo "(.*)"$/.exec(said)?.[1];
    if (title !== undefined) said = title;
    const until = endOfText(said, platform);
    if (until) {
      const from = i;
      while (i + 1 < raw.length && !until(raw[i + 1] ?? '')) i++;
      i = Math.min(i + 1, raw.length - 1);
      said = [said, ...raw.slice(from + 1, i + 1).map((line) => line.trimEnd())].join('\n');
    }
    const indent = title === undefined ? written.length - written.trimStart().length : -1;
    while (stack.length > 0 && (stack.at(-1)?.indent ?? 0) >= indent) stack.pop();
    lines.push({ text: said, parents: stack.map((open) => open.text), depth: stack.length });
    stack.push({ indent, text: said });
  }
  return lines;
}

/** For a line that begins a text over several lines: what tells its last line. */
function endOfText(line: string, platform: string): ((line: string) => boolean) | undefined {
  const banner = platform !== 'cisco-asa' && /^(?:no )?banner \S+(?: (\S+))?/.exec(line);
  if (banner) {
    const [, mark] = banner;
    if (mark === undefined) return (next) => next.trim() === 'EOF';
    const end = mark.startsWith('^') ? mark.slice(0, 2) : mark.slice(0, 1);
    return line.indexOf(end, line.indexOf(mark) + end.length) >= 0 ? undefined : (next) => next.includes(end);
  }
  const header = /^header \S+ (?:information )?(["%#@^$~])(.*)$/.exec(line);
  if (header) return header[2]?.includes(header[1] ?? '') ? undefined : (next) => next.includes(header[1] ?? '');
  if (/^(set|add) /.test(line) && count(line) % 2 === 1) return (next) => count(next) % 2 === 1;
  return undefined;
}

function count(line: string): number {
  return line.replaceAll('\\"', '').split('"').length - 1;
}
