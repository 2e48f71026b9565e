import { printable } from './style.ts';

/** Text of a repository or a device inside a table: it cannot end the cell or start HTML. */
export function cell(text: string): string {
  return printable(text).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('|', '\\|').replaceAll('\n', ' ');
}

/** The same in the letters of a configuration. */
export function code(text: string | undefined): string {
  return text === undefined ? '(absent)' : `<code>${cell(text)}</code>`;
}

/** A fence longer than any run of backticks inside. */
export function fenced(text: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}\n${text}${fence}\n`;
}
