import { comparePositions, formatPosition, type PlumblineError } from '../lib/index.ts';
import { printable, type Style } from './style.ts';

/** Every mistake at once, in the order of the files: `file:line:col: error CODE: what` and, indented, what to write instead. */
export function formatProblems(problems: readonly PlumblineError[], style: Style): string {
  return sortProblems(problems)
    .map((problem) => {
      const place = problem.at ? `${style.strong(printable(formatPosition(problem.at)))}: ` : '';
      const severity = problem.severity === 'error' ? style.bad('error') : style.warn('warning');
      return `${place}${severity} ${problem.code}: ${printable(problem.message)}\n    ${style.faint(printable(problem.next))}\n`;
    })
    .join('');
}

/** `2 errors, 1 warning`, or `no problems`. */
export function countProblems(problems: readonly PlumblineError[]): string {
  const errors = problems.filter((problem) => problem.severity === 'error').length;
  const warnings = problems.length - errors;
  const parts = [errors > 0 ? plural(errors, 'error') : '', warnings > 0 ? plural(warnings, 'warning') : ''].filter((part) => part !== '');
  return parts.length > 0 ? parts.join(', ') : 'no problems';
}

/** The form that JSON and YAML output give. */
export function problemRecords(problems: readonly PlumblineError[]): readonly object[] {
  return sortProblems(problems).map(({ code, severity, message, next, at }) => ({ ...at, severity, code, message, next }));
}

export function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : noun.endsWith('s') ? 'es' : 's'}`;
}

function sortProblems(problems: readonly PlumblineError[]): readonly PlumblineError[] {
  return problems.toSorted((a, b) => (a.at && b.at ? comparePositions(a.at, b.at) : Number(!a.at) - Number(!b.at)));
}
