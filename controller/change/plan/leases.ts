import type { LeaseImpact } from '../../api/index.ts';
import type { Node, Tree } from '../../config/index.ts';
import type { KeaService, LeaseAnswer, LeaseFact, LeaseQuestion } from '../../drivers/index.ts';
import { addressText } from '../../lib/index.ts';
import { isClosedPool } from './closing.ts';
import { prefixOf, type Range, rangesIn, type ServedSubnet, subnetsIn, without } from './dhcp-ranges.ts';
import { isHeldBy, isReservation, readReservation, type ReservationOwner } from './reserved.ts';

/** Something that a change of a DHCP server does to whoever may hold a lease there. */
export interface LeaseDoubt {
  what: string;
  question: LeaseQuestion;
  /** Addresses are not given out any more. */
  shrinks: boolean;
  /** For whom an address is reserved from now on: type and identifier. */
  reservedFor?: ReservationOwner;
}

/** Each costs a command on the server. */
const mostReservations = 100;

/** What to ask the leases of a server about, from what it holds and what it will hold. Nothing for a platform that serves no leases. */
export function doubtsOf(live: Tree, predicted: Tree): { doubts: readonly LeaseDoubt[]; unasked: number } {
  const now = subnetsIn(live);
  const then = subnetsIn(predicted);
  const shrunk: LeaseDoubt[] = [];
  const reserved: LeaseDoubt[] = [];
  for (const [key, subnet] of now) {
    const { service, node, name } = subnet;
    const after = then.get(key)?.node;
    if (!after || prefixOf(after) !== prefixOf(node)) {
      const id = Number(name.split(' ')[1]);
      const what = sayGone(subnet, after, then);
      shrunk.push({ what, question: { service, of: 'address', subnet: id }, shrinks: true });
      if (service === 'dhcp6')
        shrunk.push({ what: `${what}, delegated prefixes`, question: { service, of: 'prefix', subnet: id }, shrinks: true });
    } else if (after !== node) shrunk.push(...shrinksOf(service, name, node, after));
  }
  for (const [key, { service, node }] of then) {
    const before = now.get(key)?.node;
    if (before !== node) reserved.push(...reservationsOf(service, before, node));
  }
  return { doubts: [...shrunk, ...reserved.slice(0, mostReservations)], unasked: Math.max(0, reserved.length - mostReservations) };
}

/** Leases bear the id of their subnet: under another id, or with another prefix behind it, a server takes them for those of somebody else. */
function sayGone({ service, name, node }: ServedSubnet, after: Node | undefined, then: ReadonlyMap<string, ServedSubnet>): string {
  const prefix = prefixOf(node);
  if (after) return `${name} becomes ${prefixOf(after)}, with the leases of ${prefix}`;
  const heir = [...then.values()].find((each) => each.service === service && prefixOf(each.node) === prefix);
  return heir && prefix !== '' ? `${name} goes, and ${prefix} becomes ${heir.name} without its leases` : `${name} goes`;
}

/** Parts of pools that are in none of the pools afterwards. */
function shrinksOf(service: KeaService, name: string, before: Node, after: Node): readonly LeaseDoubt[] {
  const version = service === 'dhcp4' ? 4 : 6;
  return (['address', 'prefix'] as const).flatMap((of) => {
    const left = rangesOf(after, of);
    const gone = rangesOf(before, of).flatMap((range) =>
      left.reduce<readonly Range[]>((rest, each) => rest.flatMap((part) => without(part, each)), [range]),
    );
    const closed = rangesIn(after, of).flatMap(({ node, range }) => (isClosedPool(node) ? [range] : []));
    return gone.map(([first, last]): LeaseDoubt => {
      const [from, to] = [addressText(version, first), addressText(version, last)];
      const isKept = closed.some(([low, high]) => low <= first && last <= high);
      const becomes = of === 'prefix' ? 'are not delegated any more' : 'are not given out any more';
      const what = `${from} - ${to} of ${name} ${isKept ? `${becomes}, and stay until no lease is left there` : becomes}`;
      return { what, question: { service, of, first: from, last: to }, shrinks: true };
    });
  });
}

/** A closed pool gives nothing out. */
function rangesOf(node: Node, of: 'address' | 'prefix'): readonly Range[] {
  return rangesIn(node, of).flatMap(({ node: pool, range }) => (isClosedPool(pool) ? [] : [range]));
}

/** Addresses that are reserved for somebody from now on, and were not for the same one before. */
function reservationsOf(service: KeaService, before: Node | undefined, after: Node): readonly LeaseDoubt[] {
  const known = new Map(before?.children.map(({ key, text }) => [key, text]));
  return after.children.flatMap(({ key, text }) => {
    if (!isReservation(text) || known.get(key) === text) return [];
    const { owner, addresses } = readReservation(text);
    const held = known.get(key)?.split(/[ ,]/) ?? [];
    return addresses
      .filter((address) => !held.includes(address))
      .map((address): LeaseDoubt => {
        const of = address.includes('/') ? 'prefix' : 'address';
        return {
          what: `${address} is reserved for ${owner.join(' ')}`,
          question: { service, of, address },
          shrinks: false,
          reservedFor: owner,
        };
      });
  });
}

/** The same with what the server answered; what nobody is touched by is not told. */
export function describeLeases(doubts: readonly LeaseDoubt[], answers: readonly LeaseAnswer[], unasked = 0): readonly LeaseImpact[] {
  const told = doubts.flatMap(({ what, reservedFor }, i): LeaseImpact[] => {
    const answer = answers[i] ?? { known: false, why: 'nobody asked' };
    if (!answer.known) return [{ what, live: null, says: answer.why }];
    if (!reservedFor)
      return [{ what, live: answer.live, says: answer.live === 0 ? 'nobody holds a lease there' : sayHeld(answer.leases, answer.until) }];
    const others = answer.leases.filter((lease) => !isHeldBy(lease, reservedFor));
    return others.length === 0 ? [] : [{ what, live: others.length, says: `somebody else holds it: ${sayHeld(others)}` }];
  });
  const rest = `${unasked} more reservations`;
  return unasked === 0 ? told : [...told, { what: rest, live: null, says: `only the first ${mostReservations} are asked about` }];
}

/** `last`: of all, when more are held than are told. */
function sayHeld(leases: readonly LeaseFact[], last = ''): string {
  const latest = [last, ...leases.map(({ until }) => until)].toSorted().at(-1) ?? '';
  const [first] = leases;
  const who = first ? `${first.address} by ${first.hwAddress ?? first.duid ?? first.clientId ?? 'a client'}` : '';
  return leases.length <= 1 ? `${who}, until ${latest}` : `first ${who}; the last of them until ${latest}`;
}
