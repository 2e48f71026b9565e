import type { Node } from '../../config/index.ts';
import type { LeaseFact } from '../../drivers/index.ts';

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

/** Kea prints identifiers in lower case with colons, as the canonical lines do. An identifier that no lease tells may be anybody's. */
export function isHeldBy({ hwAddress, clientId, duid }: LeaseFact, [type, identifier]: ReservationOwner): boolean {
  const found: Readonly<Record<string, string | undefined>> = { 'hw-address': hwAddress, 'client-id': clientId, duid };
  return found[type]?.toLowerCase() === identifier.toLowerCase();
}

/** The same where no lease tells such an identifier: nobody but its owner is given more time there. */
export function mayBeHeldBy(lease: LeaseFact, owner: ReservationOwner): boolean {
  return isHeldBy(lease, owner) || !['hw-address', 'client-id', 'duid'].includes(owner[0]);
}
