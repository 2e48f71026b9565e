import { printable } from './style.ts';

/** Text of a repository or a device inside a table: it cannot end the cell or start HTML. */
export function cell(text: string): string {
  return printable(text).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('|', '\\|').replaceAll('\n', ' ');
}
