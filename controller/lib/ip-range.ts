import { hasHostBits, parseAddress, parsePrefix } from './ip.ts';

/** Addresses from the first to the last, both included. */
export interface IpRange {
  version: 4 | 6;
  /** `FIRST-LAST`, or the network as it was written. */
  text: string;
  first: bigint;
  last: bigint;
}

/** Parses `FIRST-LAST`, blanks around the hyphen allowed, or a network in CIDR form. Undefined for anything else, also when it is empty. */
export function parseRange(text: string): IpRange | undefined {
  const prefix = parsePrefix(text);
  if (prefix)
    return hasHostBits(prefix) ? undefined : { version: prefix.version, text: prefix.text, first: prefix.first, last: prefix.last };
  const hyphen = text.indexOf('-');
  if (hyphen < 0) return undefined;
  const first = parseAddress(text.slice(0, hyphen).trim());
  const last = parseAddress(text.slice(hyphen + 1).trim());
  if (!first || !last || first.version !== last.version || first.value > last.value) return undefined;
  return { version: first.version, text: `${first.text}-${last.text}`, first: first.value, last: last.value };
}
