import { closedPoolClass, type PlannedCommand } from '../../api/index.ts';
import { dialectFor, editJson, isMap, type Node, type Owner, type Tree } from '../../config/index.ts';
import type { KeaService, LeaseAnswer, LeaseQuestion } from '../../drivers/index.ts';
import { addressText, bitsOf } from '../../lib/index.ts';
import { prefixOf, type Range, rangesIn, type ServedSubnet, subnetsIn, without } from './dhcp-ranges.ts';
import { mayBeHeldBy, type ReservationOwner, reservedBeside, reservedIn } from './reserved.ts';
import { findLeaving, type Line, linesLeft } from './leaving-subnets.ts';

/**
 * A part of a pool that Git no longer has, alone or with its subnet. It goes in two steps: closed, so that nobody gets an address there and whoever has
 * one gets another when it asks for more time; then away, when no lease is left in it. A subnet stays as long as one of its pools.
 */
export interface ClosingPool {
  service: KeaService;
  subnet: string;
  of: 'address' | 'prefix';
  range: Range;
  /** `192.0.2.150 - 192.0.2.199 of subnet 10`. */
  what: string;
  /** As the server prints it in canonical form. */
  line: string;
  /** What the server is to hold around it. */
  around: readonly Line[];
  /** What Git's subnet reserves for whom: a lease of that kind goes on without the pool. */
  reserved: ReadonlyMap<string, ReservationOwner>;
  /** It is closed on the server. */
  isClosed: boolean;
  /** We closed it with a subnet of which this store does not know that it was ours. */
  isForgotten: boolean;
  /** From then on no lease can be left in it, ISO 8601; not known of a pool that we did not close. */
  until?: string;
}

/** What is known of the server beside its lines. */
export interface ClosingFacts {
  /** Of pools that we closed, by service, subnet and first address, the moment from which no lease can be left there. */
  until?: Readonly<Record<string, string>>;
  /** Keys of the live items that are ours. Only called when a subnet goes. Default: none is. */
  owned?: () => ReadonlySet<string>;
}

/** What the pools of a server give out and Git's do not. Nothing for a platform that serves no leases. */
export function findClosing(
  live: Tree,
  intended: Tree,
  { until = {}, owned = () => new Set() }: ClosingFacts = {},
): readonly ClosingPool[] {
  const wanted = subnetsIn(intended);
  const served = subnetsIn(live);
  const ours = [...served.keys()].some((key) => !wanted.has(key)) ? owned() : new Set<string>();
  const isOwned = ({ service, name }: ServedSubnet) => ours.has(`${rootOf(service)} > ${name}`);
  const isStamped = ({ service, name }: ServedSubnet) => Object.keys(until).some((key) => key.startsWith(`${service} ${idOf(name)} `));
  const leaving = findLeaving(live, intended, (subnet) => isOwned(subnet) || isStamped(subnet));
  return [...served].flatMap(([key, subnet]) => {
    const { service, name, node } = subnet;
    const after = wanted.get(key)?.node;
    // Under the prefix that Git has for this id there is no place for its pools.
    if (after ? prefixOf(after) !== prefixOf(node) : !leaving.has(key)) return [];
    const around = after
      ? after.children.flatMap(({ text }): Line[] => (isNetwork(text) ? [[name, text]] : []))
      : linesLeft(live, intended, subnet);
    const isForgotten = !after && !isOwned(subnet);
    const reserved = after ? reservedIn(after) : new Map<string, ReservationOwner>();
    return (['address', 'prefix'] as const).flatMap((of) => {
      const kept = after ? rangesIn(after, of).map(({ range }) => range) : [];
      const served = rangesIn(node, of).map(({ node: pool, range }) => ({ line: pool.text, range, isClosed: isClosedPool(pool) }));
      const beside = after ? [] : reservedBeside(node, of).map((each) => ({ ...each, isClosed: false }));
      return [...served, ...beside].flatMap(({ line, range, isClosed }) => {
        const gone = kept.reduce<readonly Range[]>((rest, each) => rest.flatMap((part) => without(part, each)), [range]);
        const end = until[`${service} ${idOf(name)} ${addressText(service === 'dhcp4' ? 4 : 6, range[0])}`];
        const state = { isClosed, isForgotten, around, reserved, ...(end !== undefined && { until: end }) };
        return gone.flatMap((part) =>
          toPools(service, of, part, line).map(({ what, ...each }) => ({
            service,
            subnet: idOf(name),
            of,
            ...each,
            ...state,
            what: `${what} of ${name}`,
          })),
        );
      });
    });
  });
}

function idOf(name: string): string {
  return name.slice('subnet '.length);
}

function isNetwork(text: string): boolean {
  return text.startsWith('shared-network ');
}

/** One pool of addresses; of prefixes as many as it takes, each a network. */
function toPools(
  service: KeaService,
  of: 'address' | 'prefix',
  range: Range,
  text: string,
): readonly Pick<ClosingPool, 'range' | 'line' | 'what'>[] {
  const version = service === 'dhcp4' ? 4 : 6;
  if (of === 'address') {
    const what = `${addressText(version, range[0])} - ${addressText(version, range[1])}`;
    return [{ range, line: `pool ${what}`, what }];
  }
  const delegated = Number(/ delegated-len (\d+)/.exec(text)?.[1]);
  return networksOf(range)
    .filter(({ length }) => length <= delegated)
    .map(({ first, length }) => {
      const what = `${addressText(6, first)}/${length}`;
      const last = first + (1n << BigInt(bitsOf(6) - length)) - 1n;
      return { range: [first, last], line: `pd-pool ${what} delegated-len ${delegated}`, what };
    });
}

/** The fewest networks that are this range and no more. */
function networksOf([first, last]: Range): readonly { first: bigint; length: number }[] {
  const found: { first: bigint; length: number }[] = [];
  for (let at = first; at <= last; ) {
    let size = 1n;
    while (at % (size * 2n) === 0n && at + size * 2n - 1n <= last) size *= 2n;
    found.push({ first: at, length: bitsOf(6) - (size.toString(2).length - 1) });
    at += size;
  }
  return found;
}

const isClosedLine = `client-classes ["${closedPoolClass}"]`;

export function isClosedPool({ children }: Node): boolean {
  return children.some(({ text }) => text === isClosedLine);
}

/** What to ask of the leases before it is decided. */
export function questionOf({ service, of, range: [first, last] }: ClosingPool): LeaseQuestion {
  const version = service === 'dhcp4' ? 4 : 6;
  return { service, of, first: addressText(version, first), last: addressText(version, last) };
}

/**
 * Those that have to be there and be closed for now, and what is to be said of each that waits. One in which nobody holds a lease goes at once; one
 * of which nobody can tell goes when the longest lease is over; a forgotten one is to be ours again first, or no plan would take it away.
 */
export function decideClosing(
  pools: readonly ClosingPool[],
  answers: readonly LeaseAnswer[],
  now: Date,
): { kept: readonly ClosingPool[]; says: readonly string[] } {
  const kept = pools.filter((pool, i) => {
    const answer = answers[i];
    if (pool.isForgotten) return true;
    return answer?.known ? heldIn(pool, answer).count > 0 : !isOver(pool, now);
  });
  const says = kept.flatMap((pool) => {
    const answer = answers[pools.indexOf(pool)];
    return pool.isClosed ? [sayWaiting(pool, answer)] : [];
  });
  return { kept, says };
}

/** Leases in it that are not of those for whom Git reserves them. */
function heldIn({ reserved }: ClosingPool, { live, leases }: Extract<LeaseAnswer, { known: true }>): { count: number; first: string } {
  const others = leases.filter((lease) => {
    const owner = reserved.get(lease.address);
    return !owner || !mayBeHeldBy(lease, owner);
  });
  return { count: live - leases.length + others.length, first: others[0]?.address ?? 'one address' };
}

function isOver({ isClosed, until }: ClosingPool, now: Date): boolean {
  return isClosed && until !== undefined && now.getTime() >= Date.parse(until);
}

function sayWaiting(pool: ClosingPool, answer: LeaseAnswer | undefined): string {
  const { what, until } = pool;
  const end = until === undefined ? '' : `, at ${until} at the latest`;
  if (answer?.known) {
    const { count, first } = heldIn(pool, answer);
    if (count === 0) return `${what} is closed, with nobody in it, and goes as soon as its subnet is known to be ours: plumb adopt`;
    return `${what} is closed and goes when no lease is left${end}: ${count === 1 ? `${first} is` : `${count} addresses are`} still leased`;
  }
  const why = answer?.why ?? 'nobody asked';
  if (until !== undefined)
    return `${what} is closed and goes at ${until}, when the longest lease there is over (leases are not known: ${why})`;
  return `${what} is closed, not by Plumbline, and nobody can tell whether leases are left (${why}): take it away on the server`;
}

/** Rendered documents that say so, with the subnet's place in Git as theirs, or the server's where Git has the subnet no longer. */
export function writeClosing(pools: readonly ClosingPool[], ownerOf: (key: string) => Owner | undefined): string {
  const bySubnet = Map.groupBy(pools, ({ service, subnet }) => `${service} ${subnet}`);
  return [...bySubnet.values()]
    .map((members) => {
      const [{ service, subnet } = { service: 'dhcp4', subnet: '' }] = members;
      const root = rootOf(service);
      const owner = ownerOf(`${root} > subnet ${subnet}`) ?? ownerOf(root);
      const server = editJson({ [root]: { 'interfaces-config': {} } }, closingCommands(members), kea, (token) => token)[root];
      const { 'interfaces-config': _ours, ...said } = isMap(server) ? server : {};
      const marker = owner ? `// plumbline:from ${owner.owner} ${owner.file.replaceAll(' ', '%20')}:${owner.line}\n` : '';
      return `${marker}${JSON.stringify({ [root]: said })}\n`;
    })
    .join('');
}

/** The same as lines: what has to be on the server so that these are there, and closed. */
export function closingCommands(pools: readonly ClosingPool[]): readonly PlannedCommand[] {
  return pools.flatMap(({ service, subnet, around, line }) => {
    const root = rootOf(service);
    return [
      { path: [root, 'client-classes'], text: `client-class ${closedPoolClass}` },
      ...around.map(([section, text]) => ({ path: [root, section], text })),
      { path: [root, `subnet ${subnet}`, line], text: isClosedLine },
    ];
  });
}

function rootOf(service: string): string {
  return `Dhcp${service.slice(-1)}`;
}

const kea = dialectFor('kea');
