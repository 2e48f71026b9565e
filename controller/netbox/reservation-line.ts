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
  const [client, got]: [string[], string[]] = [[], []];
  for (const each of line.trim().split(/\s+/)) {
    const word = each.replaceAll("'", '').toLowerCase();
    // A hardware address is never asked to be an IPv6 address: one of eight bytes would be, and all others take long to say no.
    const place = isBytes.test(word) ? undefined : (parseAddress(word)?.text ?? parsePrefix(word)?.text);
    if (place === undefined) client.push(canonical(word));
    else got.push(place);
  }
  return [...client, ...got.sort()].join(' ').trim();
}

/** Six bytes and more, as people and servers write them most. */
const isBytes = /^[0-9a-f]{2}([:-][0-9a-f]{2}){5,}$/;

function canonical(word: string): string {
  const digits = word.replaceAll(/[-.:]/g, '');
  const areBytes = /^([0-9a-f]{2}){6,}$/.test(digits) && /^[0-9a-f.:-]+$/.test(word);
  return areBytes ? (digits.match(/../g) ?? []).join(':') : word;
}
