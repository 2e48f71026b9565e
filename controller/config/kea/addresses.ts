/** An address in the form that Kea prints; text that is none stays as it is. */
export function sayAddress(text: string): string {
  const said = text.trim();
  return said.includes(':') ? (sayAddress6(said) ?? said) : said;
}

/** `ADDRESS/LENGTH`; bits of the host stay: servers keep them too. */
export function sayPrefix(text: string): string {
  const slash = text.indexOf('/');
  return slash < 0 ? sayAddress(text) : `${sayAddress(text.slice(0, slash))}/${text.slice(slash + 1).trim()}`;
}

/** RFC 5952: lower case, no leading zeros, the first longest run of zeros shortened. Undefined for what is no address. */
function sayAddress6(text: string): string | undefined {
  const groups = readGroups(text.toLowerCase());
  if (!groups) return undefined;
  let [best, bestLength] = [-1, 1];
  for (let at = 0; at < 8; at++) {
    let end = at;
    while (end < 8 && groups[end] === 0) end++;
    if (end - at > bestLength) [best, bestLength] = [at, end - at];
    if (end > at) at = end;
  }
  const hex = groups.map((group) => group.toString(16));
  return best < 0 ? hex.join(':') : `${hex.slice(0, best).join(':')}::${hex.slice(best + bestLength).join(':')}`;
}

function readGroups(text: string): number[] | undefined {
  const [head = '', tail, more] = text.split('::');
  if (more !== undefined) return undefined;
  const first = readPart(head);
  const last = tail === undefined ? [] : readPart(tail);
  if (!first || !last) return undefined;
  const missing = 8 - first.length - last.length;
  if (tail === undefined ? missing !== 0 : missing < 1) return undefined;
  return [...first, ...Array<number>(missing).fill(0), ...last];
}

function readPart(text: string): number[] | undefined {
  if (text === '') return [];
  const groups: number[] = [];
  for (const word of text.split(':')) {
    const dotted = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(word)?.slice(1).map(Number);
    if (dotted) {
      const [a = 0, b = 0, c = 0, d = 0] = dotted;
      groups.push(a * 256 + b, c * 256 + d);
    } else if (/^[\da-f]{1,4}$/.test(word)) groups.push(Number.parseInt(word, 16));
    else return undefined;
  }
  return groups;
}

/** Sorts addresses and ranges by their value, IPv4 first; other text as text. */
export function sortKey(text: string): string {
  const word = /^[^\s/-]+/.exec(text)?.[0] ?? '';
  if (word.includes(':')) {
    const groups = readGroups(word.toLowerCase());
    return groups ? `6${groups.map((group) => group.toString(16).padStart(4, '0')).join('')}` : `z${text}`;
  }
  const bytes = word.split('.');
  return bytes.length === 4 ? `4${bytes.map((byte) => byte.padStart(3, '0')).join('')}` : `z${text}`;
}

/** First and last address of a pool, given as a range or as a prefix. */
export function readRange(pool: string): { first: string; last: string } | undefined {
  const dash = /^([^\s-]+)\s*-\s*([^\s-]+)$/.exec(pool.trim());
  if (dash) return { first: sayAddress(dash[1] ?? ''), last: sayAddress(dash[2] ?? '') };
  const [, address = '', length = ''] = /^([^\s/]+)\s*\/\s*(\d+)$/.exec(pool.trim()) ?? [];
  if (address === '') return undefined;
  return address.includes(':') ? range6(address, Number(length)) : range4(address, Number(length));
}

function range4(address: string, length: number): { first: string; last: string } | undefined {
  const bytes = address.split('.').map(Number);
  if (bytes.length !== 4 || length > 32) return undefined;
  const value = bytes.reduce((sum, byte) => sum * 256 + byte, 0);
  const size = 2 ** (32 - length);
  const first = Math.floor(value / size) * size;
  return { first: dotted(first), last: dotted(first + size - 1) };
}

function dotted(value: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join('.');
}

function range6(address: string, length: number): { first: string; last: string } | undefined {
  const groups = readGroups(address.toLowerCase());
  if (!groups || length > 128) return undefined;
  const kept = (at: number): number => Math.max(0, Math.min(16, length - at * 16));
  const first = groups.map((group, at) => group & ((0xffff << (16 - kept(at))) & 0xffff));
  const last = first.map((group, at) => group | ((1 << (16 - kept(at))) - 1));
  const say = (all: readonly number[]): string => sayAddress(all.map((group) => group.toString(16)).join(':'));
  return { first: say(first), last: say(last) };
}
