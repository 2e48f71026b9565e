import type { Node } from '../../config/index.ts';
import type { LeaseFact } from '../../drivers/index.ts';
import { parseAddress, parsePrefix } from '../../lib/index.ts';
import { type Range, rangesIn, without } from './dhcp-ranges.ts';

/** For whom an address is reserved. */
export type ReservationOwner = readonly [type: string, identifier: string];

export function isReservation(text: string): boolean {
  return text.startsWith('reservation ');
}

/** Whose it is and what it gives: addresses, and prefixes with their length. */
export function readReservation(text: string): { owner: ReservationOwner; addresses: readonly string[] } {
  const words = text.split(' ');
  const [, type = '', identifier = ''] = words;
  const addresses = words.flatMap((word, i) => (givenKeys.has(word) && i > 2 ? (words[i + 1] ?? '').split(',') : []));
  return { owner: [type, identifier], addresses };
}

const givenKeys: ReadonlySet<string> = new Set(['ip-address', 'ip-addresses', 'prefixes']);

/** What the reservations of a subnet give, and to whom. */
export function reservedIn({ children }: Node): ReadonlyMap<string, ReservationOwner> {
  return new Map(
    children.flatMap(({ text }) => {
      if (!isReservation(text)) return [];
      const { owner, addresses } = readReservation(text);
      return addresses.map((address) => [address, owner] as const);
    }),
  );
}

/**
 * What a subnet reserves beside its pools, as lines of pools: from the first such address to the last, but for what its pools hold. Who has one of
 * these has a lease in the subnet like anybody else.
 */
export function reservedBeside(node: Node, of: 'address' | 'prefix'): readonly { line: string; range: Range }[] {
  const given = [...reservedIn(node).keys()].filter((address) => address.includes('/') === (of === 'prefix'));
  const ranges = given.flatMap((address): Range[] => {
    const network = of === 'prefix' ? parsePrefix(address) : undefined;
    const value = of === 'address' ? parseAddress(address)?.value : undefined;
    return network ? [[network.first, network.last]] : value === undefined ? [] : [[value, value]];
  });
  if (ranges.length === 0) return [];
  const line = of === 'address' ? '' : `pd-pool - delegated-len ${Math.max(...given.map((prefix) => Number(prefix.split('/')[1])))}`;
  const pools = rangesIn(node, of).map(({ range }) => range);
  return pools
    .reduce<readonly Range[]>((rest, pool) => rest.flatMap((part) => without(part, pool)), [spanOf(ranges)])
    .flatMap(([first, last]) => {
      const inside = ranges.filter(([low, high]) => first <= low && high <= last);
      return inside.length === 0 ? [] : [{ line, range: spanOf(inside) }];
    });
}

function spanOf(ranges: readonly Range[]): Range {
  const [[low, high] = [0n, 0n]] = ranges;
  return ranges.reduce(([first, last], [from, to]) => [from < first ? from : first, to > last ? to : last], [low, high]);
}

/** Kea prints identifiers in lower case with colons, as the canonical lines do. An identifier that no lease tells may be anybody's. */
export function isHeldBy({ hwAddress, clientId, duid }: LeaseFact, [type, identifier]: ReservationOwner): boolean {
  const found: Readonly<Record<string, string | undefined>> = { 'hw-address': hwAddress, 'client-id': clientId, duid };
  return found[type]?.toLowerCase() === identifier.toLowerCase();
}

/** The same where no lease tells such an identifier: nobody but its owner is given more time there. */
export function mayBeHeldBy(lease: LeaseFact, owner: ReservationOwner): boolean {
  return isHeldBy(lease, owner) || !['hw-address', 'client-id', 'duid'].includes(owner[0]);
}
