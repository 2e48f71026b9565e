import { parseAddress, parsePrefix } from '../lib/index.ts';

/** What a client is known by, in the words of Kea; the hardware address goes without saying. */
export interface Reserved {
  by: 'hw-address' | 'duid' | 'client-id' | 'circuit-id' | 'flex-id';
  value: string;
  /** Addresses and delegated prefixes. */
  gets: readonly string[];
  hostname: string | undefined;
}

/** A reservation as a person would note it: `02:00:5e:00:53:01 printer 192.0.2.10`, `duid 00:01:… 2001:db8::10`. */
export function lineOf({ by, value, gets, hostname }: Reserved): string {
  return reservationLine([by === 'hw-address' ? '' : by, value, hostname ?? '', ...gets].join(' '));
}

/** One form for all ways to write the same: addresses at the end and in order, bytes with colons, small letters, text without its quotes. */
export function reservationLine(line: string): string {
  const words = line
    .trim()
    .split(/\s+/)
    .map((word) => canonical(word.replaceAll("'", '').toLowerCase()));
  const isGot = (word: string) => parseAddress(word) !== undefined || parsePrefix(word) !== undefined;
  return [...words.filter((word) => !isGot(word)), ...words.filter(isGot).toSorted()].join(' ').trim();
}

function canonical(word: string): string {
  const address = parseAddress(word)?.text ?? parsePrefix(word)?.text;
  if (address !== undefined) return address;
  const digits = word.replaceAll(/[-.:]/g, '');
  const isBytes = /^([0-9a-f]{2}){6,}$/.test(digits) && /^[0-9a-f.:-]+$/.test(word);
  return isBytes ? (digits.match(/../g) ?? []).join(':') : word;
}
