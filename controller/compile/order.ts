import { wellKnownCommunities } from '../api/index.ts';
import { type IpAddress, parseAddress, parsePrefix } from '../lib/index.ts';

/** Orders addresses as routers list neighbors: IPv4 before IPv6, then by value. */
export function compareAddresses(a: string, b: string): number {
  return compareParsed(parseAddress(a), parseAddress(b)) || compareText(a, b);
}

/** Orders prefixes as routers list networks: by family, first address, length. */
export function comparePrefixes(a: string, b: string): number {
  const [left, right] = [parsePrefix(a), parsePrefix(b)];
  return compareParsed(left?.address, right?.address) || (left?.length ?? 0) - (right?.length ?? 0);
}

export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Communities in the order of their numbers, each once: routers store the set sorted and print it so. */
export function sortCommunities(communities: readonly string[]): string[] {
  return [...new Set(communities)].sort((a, b) => compareNumbers(numbersOf(a), numbersOf(b)) || compareText(a, b));
}

function compareParsed(a: IpAddress | undefined, b: IpAddress | undefined): number {
  if (!a || !b) return 0;
  return a.version - b.version || (a.value < b.value ? -1 : a.value > b.value ? 1 : 0);
}

function numbersOf(community: string): readonly number[] {
  return (wellKnownCommunities[community] ?? community).split(':').map(Number);
}

function compareNumbers(a: readonly number[], b: readonly number[]): number {
  for (const [i, left] of a.entries()) {
    const difference = left - (b[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
