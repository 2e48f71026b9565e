import { stripVTControlCharacters } from 'node:util';

/** Colours for a terminal, or none. Reports ask for a meaning, never for a colour. */
export interface Style {
  good: (text: string) => string;
  bad: (text: string) => string;
  warn: (text: string) => string;
  faint: (text: string) => string;
  strong: (text: string) => string;
}

export const plain: Style = { good: same, bad: same, warn: same, faint: same, strong: same };

export const colored: Style = { good: sgr(32), bad: sgr(31), warn: sgr(33), faint: sgr(90), strong: sgr(1) };

function same(text: string): string {
  return text;
}

function sgr(code: number): (text: string) => string {
  return (text) => `\u001b[${code}m${text}\u001b[0m`;
}

/** Text that came from a device or a repository, made safe to print: no control sequence of it reaches a terminal. */
export function printable(text: string): string {
  // oxlint-disable-next-line no-control-regex -- control characters are what this removes
  return stripVTControlCharacters(text).replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '\ufffd');
}
