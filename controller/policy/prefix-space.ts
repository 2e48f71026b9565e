import type { IpFamily, PrefixSetEntry } from '../api/index.ts';
import { bitsOf, parsePrefix } from '../lib/index.ts';
import { compilePrefixList, type PrefixMatcher } from './prefix-matcher.ts';
import { networkOf } from './origins.ts';
import type { Network } from './route.ts';

/** Sets with more entries than this are not taken apart: nothing is said of them then. */
const mostEntries = 400;

export const families: readonly IpFamily[] = ['ipv4', 'ipv6'];

/** The entries of a PrefixSet in one question, whatever the family. */
export function compilePrefixSet(entries: readonly PrefixSetEntry[]): PrefixMatcher {
  const [four, six] = families.map((family) => compilePrefixList({ family, entries: entries.map(toListEntry) })) as [
    PrefixMatcher,
    PrefixMatcher,
  ];
  return (network) => (network.family === 'ipv4' ? four : six)(network);
}

function toListEntry({ prefix, ge, le, action }: PrefixSetEntry) {
  return { sequence: 0, action, prefix, ge: ge ?? null, le: le ?? null };
}

/**
 * Prefixes of which every other prefix has one that no set can tell it from: what holds for all of these holds for all prefixes there are.
 * Undefined when the sets are too large. `onlyHosts` asks for addresses alone, as next hops are.
 */
export function witnessesOf(sets: readonly (readonly PrefixSetEntry[])[], onlyHosts = false): Network[] | undefined {
  const entries = sets.flat();
  if (entries.length > mostEntries) return undefined;
  return families.flatMap((family) => walk(family, entries, onlyHosts));
}

function walk(family: IpFamily, entries: readonly PrefixSetEntry[], onlyHosts: boolean): Network[] {
  const bits = bitsOf(family === 'ipv4' ? 4 : 6);
  const lengths = new Set([0, bits]);
  /** Bits of each network and of all that hold it. */
  const nodes = new Set(['']);
  for (const { prefix, ge, le } of entries) {
    const parsed = parsePrefix(prefix);
    if (!parsed || (parsed.version === 4) !== (family === 'ipv4')) continue;
    for (const edge of [parsed.length, parsed.length + 1, ge ?? 0, (le ?? (ge === undefined ? parsed.length : bits)) + 1])
      if (edge <= bits) lengths.add(edge);
    const text = parsed.first.toString(2).padStart(bits, '0');
    for (let length = 0; length <= parsed.length; length++) nodes.add(text.slice(0, length));
  }
  const found: Network[] = [];
  const add = (path: string, length: number): void => {
    if (onlyHosts && length !== bits) return;
    const network = networkOf(textOf(path, length, family));
    if (network) found.push(network);
  };
  for (const node of nodes) {
    add(node, node.length);
    for (const bit of '01') {
      // Nothing begins below: all prefixes of one length there are alike, and lengths between two edges are too.
      const free = node + bit;
      if (nodes.has(free) || free.length > bits) continue;
      for (const length of new Set([free.length, ...lengths])) if (length >= free.length) add(free, length);
    }
  }
  return found;
}

function textOf(path: string, length: number, family: IpFamily): string {
  const bits = family === 'ipv4' ? 32 : 128;
  const value = BigInt(`0b${path.padEnd(bits, '0')}`);
  if (family === 'ipv4') return `${[24n, 16n, 8n, 0n].map((shift) => (value >> shift) & 255n).join('.')}/${length}`;
  return `${Array.from({ length: 8 }, (_, i) => ((value >> BigInt(112 - 16 * i)) & 65_535n).toString(16)).join(':')}/${length}`;
}
