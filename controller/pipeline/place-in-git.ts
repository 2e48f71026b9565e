import { PlumblineError, type Position } from '../lib/index.ts';

/** File that the parser of rendered text names: nobody ever sees that text, so a place in it helps nobody. */
const renderedFile = 'config';

/**
 * Problems of a rendered text at the places in Git that its lines come from: in a raw section that is a file the very line and column, else the object
 * whose owner marker stands above, with the line that was printed for it. Problems that have a place in Git already stay as they are.
 */
export function placeInGit(text: string, device: string, problems: readonly PlumblineError[]): readonly PlumblineError[] {
  if (!problems.some(({ at }) => at?.file === renderedFile)) return problems;
  const lines = text.split('\n');
  return problems.map((problem) => {
    const { at, code, severity, retry, next } = problem;
    if (at?.file !== renderedFile) return problem;
    const owner = findOwner(lines, at);
    const printed = (lines[at.line - 1] ?? '').trim();
    const where =
      owner?.isExact === true
        ? ''
        : `, in what is printed for ${owner?.title ?? 'it'}: ${printed.length > 80 ? `${printed.slice(0, 80)}…` : printed}`;
    const message = `${device}: ${problem.message}${where}`;
    return new PlumblineError(code, { severity, retry, message, next, cause: problem, ...(owner && { at: owner.at }) });
  });
}

interface Found {
  title: string;
  at: Position;
  /** True when the place is that of the mistake itself. */
  isExact: boolean;
}

function findOwner(lines: readonly string[], { line, col }: Position): Found | undefined {
  for (let i = line - 1; i >= 0; i--) {
    const [, title, file = '', number] = /plumbline:from (\S+) (\S+):(\d+)$/.exec(lines[i] ?? '') ?? [];
    if (title === undefined) continue;
    const place = { file: file.replaceAll('%20', ' '), line: Number(number), col: 1 };
    // Of a file every line that is not blank was taken as it is: the marker says which.
    const below = lines.findIndex((each, j) => j > i && !each.includes('plumbline:'));
    const [, ranges] = /plumbline:lines ([\d,-]+)$/.exec(lines[below - 1] ?? '') ?? [];
    if (ranges === undefined) return { title, at: place, isExact: false };
    return { title, at: { ...place, line: expand(ranges)[line - 1 - below] ?? place.line, col }, isExact: true };
  }
  return undefined;
}

/** `1-3,5` as the numbers in it. */
function expand(ranges: string): number[] {
  return ranges.split(',').flatMap((range) => {
    const [first = 0, last = first] = range.split('-').map(Number);
    return Array.from({ length: last - first + 1 }, (_, i) => first + i);
  });
}
