import { printable, type Style } from './style.ts';

/** Lines around a change that are shown. */
const around = 2;
/** Lines of both sides between which the shortest difference is looked for: it takes their product in time. */
const mostCells = 4_000_000;

/** How a file changes, as `diff -u` shows it. Without `before` it is new. */
export function formatTextDiff(path: string, before: string | undefined, after: string, style: Style): string {
  const lines = compareLines(linesOf(before ?? ''), linesOf(after));
  const shown = lines.map((_line, i) => lines.slice(Math.max(0, i - around), i + around + 1).some(({ is }) => is !== ' '));
  const body = lines.flatMap(({ is, text }, i) => {
    if (!shown[i]) return shown[i - 1] === true || (i === 0 && shown.includes(true)) ? [style.faint('…')] : [];
    const line = `${is}${printable(text)}`;
    return [is === '+' ? style.good(line) : is === '-' ? style.bad(line) : line];
  });
  return `${style.strong(printable(path))}${before === undefined ? ' (new)' : ''}\n${body.join('\n')}\n`;
}

interface Line {
  is: ' ' | '+' | '-';
  text: string;
}

function linesOf(text: string): readonly string[] {
  return text === '' ? [] : text.replace(/\n$/, '').split('\n');
}

function compareLines(before: readonly string[], after: readonly string[]): readonly Line[] {
  let start = 0;
  while (start < before.length && start < after.length && before[start] === after[start]) start++;
  let end = 0;
  while (end < before.length - start && end < after.length - start && before.at(-1 - end) === after.at(-1 - end)) end++;
  const same = (text: string): Line => ({ is: ' ', text });
  const middle = compareMiddle(before.slice(start, before.length - end), after.slice(start, after.length - end));
  return [...before.slice(0, start).map(same), ...middle, ...before.slice(before.length - end).map(same)];
}

function compareMiddle(before: readonly string[], after: readonly string[]): readonly Line[] {
  const whole: Line[] = [...before.map((text): Line => ({ is: '-', text })), ...after.map((text): Line => ({ is: '+', text }))];
  if (before.length * after.length > mostCells) return whole;
  // Longest common series, from the end.
  const width = after.length + 1;
  const lengths = new Uint32Array((before.length + 1) * width);
  const at = (i: number, j: number): number => lengths[i * width + j] ?? 0;
  for (let i = before.length - 1; i >= 0; i--)
    for (let j = after.length - 1; j >= 0; j--)
      lengths[i * width + j] = before[i] === after[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
  const lines: Line[] = [];
  let [i, j] = [0, 0];
  while (i < before.length || j < after.length) {
    const [old, fresh] = [before[i], after[j]];
    if (old !== undefined && old === fresh) {
      lines.push({ is: ' ', text: old });
      i++;
      j++;
    } else if (old !== undefined && (fresh === undefined || at(i + 1, j) >= at(i, j + 1))) {
      lines.push({ is: '-', text: old });
      i++;
    } else if (fresh !== undefined) {
      lines.push({ is: '+', text: fresh });
      j++;
    }
  }
  return lines;
}
