import { asWord } from './words.ts';

/** What tells a client apart in a reservation, in the order in which a line looks for it. */
export const identifierTypes = ['hw-address', 'duid', 'client-id', 'circuit-id', 'flex-id'] as const;

/** Bytes of an identifier as `aa:bb:…`, from any of the forms that Kea takes: digits with or without separators, text in single quotes. */
export function sayIdentifier(text: string): string {
  // Nearly all are written so already.
  if (/^(?:[\da-f]{2}:)+[\da-f]{2}$/.test(text)) return text;
  const hex = hexOf(text.trim());
  return !hex ? asWord(text) : (hex.match(/../g) ?? []).join(':');
}

/** Hex digits, two for each byte, of hex or quoted text; undefined for what is neither. */
export function hexOf(text: string): string | undefined {
  const [, quoted] = /^'(.*)'$/s.exec(text) ?? [];
  if (quoted !== undefined) return [...new TextEncoder().encode(quoted)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  const digits = text.replace(/^0x/i, '').toLowerCase();
  if (/^[\da-f]*$/.test(digits)) return digits.length % 2 === 0 ? digits : `0${digits}`;
  const groups = digits.split(/[:\s.-]+/);
  return groups.every((group) => /^[\da-f]{1,2}$/.test(group)) ? groups.map((group) => group.padStart(2, '0')).join('') : undefined;
}
