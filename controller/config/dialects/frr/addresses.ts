/** Addresses and prefixes as FRR prints them: host bits cleared, IPv6 in lower case with the longest run of zeros shortened. */

const ipv4 = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/;

/** The canonical form of an address, or the word itself when it is none. */
export function canonicalAddress(word: string): string {
  return word.includes(':') ? (printIpv6(parseIpv6(word)) ?? word) : word;
}

/** The canonical form of a prefix with its host bits cleared, or the word itself when it is none. */
export function canonicalPrefix(word: string): string {
  if (hasNoHostBits(word)) return word;
  const slash = word.indexOf('/');
  if (slash < 0) return canonicalAddress(word);
  const [address, length] = [word.slice(0, slash), Number(word.slice(slash + 1))];
  if (!Number.isInteger(length)) return word;
  if (address.includes(':')) {
    const groups = parseIpv6(address);
    return groups && length <= 128 ? `${printIpv6(groups.map((group, i) => group & maskOf(length - 16 * i, 16)))}/${length}` : word;
  }
  const parts = ipv4.exec(address)?.slice(1).map(Number);
  return parts && length <= 32 ? `${parts.map((part, i) => part & maskOf(length - 8 * i, 8)).join('.')}/${length}` : word;
}

/** True for an IPv4 prefix in canonical form. No regular expression and nothing allocated: lists have many thousands of these. */
function hasNoHostBits(word: string): boolean {
  let value = 0;
  let part = 0;
  let digits = 0;
  let dots = 0;
  for (let i = 0; i < word.length; i++) {
    const code = word.charCodeAt(i);
    if (code >= 48 && code <= 57) {
      if (digits > 0 && part === 0) return false;
      part = part * 10 + code - 48;
      digits++;
      continue;
    }
    if (digits === 0 || part > 255 || (code !== 46 && code !== 47)) return false;
    value = value * 256 + part;
    if (code === 46) dots++;
    else {
      const length = Number(word.slice(i + 1));
      return dots === 3 && Number.isInteger(length) && length <= 32 && value % 2 ** (32 - length) === 0;
    }
    part = 0;
    digits = 0;
  }
  return false;
}

/** An address with its prefix length, host bits kept, as on an interface. */
export function canonicalInterfaceAddress(word: string): string {
  const slash = word.indexOf('/');
  return slash < 0 ? canonicalAddress(word) : canonicalAddress(word.slice(0, slash)) + word.slice(slash);
}

/** Every mask there is, and its length. */
const lengthOfMask = new Map(
  Array.from({ length: 33 }, (_, length) => [[0, 8, 16, 24].map((from) => maskOf(length - from, 8)).join('.'), length]),
);

/** `192.0.2.0 255.255.255.0` as `192.0.2.0/24`; undefined when the second word is no mask. */
export function prefixOfMask(address: string, mask: string): string | undefined {
  const length = lengthOfMask.get(mask);
  return length === undefined ? undefined : canonicalPrefix(`${address}/${length}`);
}

export function isAddress(word: string): boolean {
  return ipv4.test(word) || parseIpv6(word) !== undefined;
}

function maskOf(bits: number, width: 8 | 16): number {
  const all = 2 ** width - 1;
  return bits >= width ? all : bits <= 0 ? 0 : (all << (width - bits)) & all;
}

function parseIpv6(text: string): number[] | undefined {
  const halves = text.split('::');
  if (halves.length > 2 || !text.includes(':')) return undefined;
  const groupsOf = (half: string): number[] | undefined => {
    if (half === '') return [];
    const groups: number[] = [];
    for (const piece of half.split(':')) {
      const dotted = ipv4.exec(piece)?.slice(1).map(Number);
      if (dotted) groups.push(((dotted[0] ?? 0) << 8) | (dotted[1] ?? 0), ((dotted[2] ?? 0) << 8) | (dotted[3] ?? 0));
      else if (/^[0-9a-f]{1,4}$/i.test(piece)) groups.push(Number.parseInt(piece, 16));
      else return undefined;
    }
    return groups;
  };
  const left = groupsOf(halves[0] ?? '');
  const right = groupsOf(halves[1] ?? '');
  if (!left || !right) return undefined;
  if (halves.length === 1) return left.length === 8 ? left : undefined;
  return left.length + right.length > 7
    ? undefined
    : [...left, ...Array.from({ length: 8 - left.length - right.length }, () => 0), ...right];
}

function printIpv6(groups: readonly number[] | undefined): string | undefined {
  if (!groups) return undefined;
  let best = { at: -1, length: 1 };
  for (let i = 0; i < 8; i++) {
    let length = 0;
    while (i + length < 8 && groups[i + length] === 0) length++;
    if (length > best.length) best = { at: i, length };
    i += length;
  }
  const hex = groups.map((group) => group.toString(16));
  // inet_ntop writes addresses that embed an IPv4 one with dots.
  if (best.at === 0 && (best.length === 6 || (best.length === 5 && groups[5] === 0xffff))) {
    const [a = 0, b = 0] = groups.slice(6);
    return `::${best.length === 5 ? 'ffff:' : ''}${a >> 8}.${a & 255}.${b >> 8}.${b & 255}`;
  }
  if (best.at < 0) return hex.join(':');
  return `${hex.slice(0, best.at).join(':')}::${hex.slice(best.at + best.length).join(':')}`;
}
