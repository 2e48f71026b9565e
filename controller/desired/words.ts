import type { ValuePath } from '../api/index.ts';

/** Our schemas word a rule as "the fact; what to write", or as what to write alone. */
export function splitMessage(message: string): { why: string; hint: string } {
  const cut = message.indexOf('; ');
  return cut < 0 ? { why: '', hint: sentence(message) } : { why: message.slice(0, cut), hint: sentence(message.slice(cut + 2)) };
}

/** How a report shows a value: short, printable, one line. */
export function describeValue(value: unknown): string {
  if (value === null || value === undefined) return 'empty';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a map';
  return typeof value === 'string' ? `"${shorten(value)}"` : JSON.stringify(value);
}

/** `spec.ends[0].device`: the way to a value as people write it. */
export function formatPath(path: ValuePath): string {
  return path.map((step, i) => (typeof step === 'number' ? `[${step}]` : `${i === 0 ? '' : '.'}${shorten(step)}`)).join('');
}

export function listWords(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
}

export function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${text.endsWith('.') ? '' : '.'}`;
}

/** Text from a user's file, fit for one line of a report. */
export function shorten(text: string): string {
  const printable = text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, '�');
  return printable.length > 60 ? `${printable.slice(0, 57)}...` : printable;
}
