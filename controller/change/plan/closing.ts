import { closedPoolClass } from '../../api/index.ts';
import type { Node, Owner, Tree } from '../../config/index.ts';
import type { KeaService, LeaseAnswer, LeaseQuestion } from '../../drivers/index.ts';
import { addressText, bitsOf } from '../../lib/index.ts';
import { type Range, rangesIn, subnetsIn, without } from './dhcp-ranges.ts';

/**
 * A part of a pool that Git no longer has. It goes in two steps: closed, so that nobody gets an address there and whoever has one gets another when it
 * asks for more time; then away, when no lease is left in it.
 */
export interface ClosingPool {
  service: KeaService;
  subnet: string;
  of: 'address' | 'prefix';
  range: Range;
  /** `192.0.2.150 - 192.0.2.199 of subnet 10`. */
  what: string;
  /** As a server takes it. */
  pool: Readonly<Record<string, string | number>>;
  /** It is closed on the server. */
  isClosed: boolean;
  /** From then on no lease can be left in it, ISO 8601; not known of a pool that we did not close. */
  until?: string;
}

/** What the pools of a server give out and Git's do not, in subnets that both have. Nothing for a platform that serves no leases. */
export function findClosing(live: Tree, intended: Tree, closedUntil: Readonly<Record<string, string>> = {}): readonly ClosingPool[] {
  const wanted = subnetsIn(intended);
  return [...subnetsIn(live)].flatMap(([key, { service, name, node }]) => {
    const after = wanted.get(key)?.node;
    if (!after) return [];
    const subnet = name.slice('subnet '.length);
    return (['address', 'prefix'] as const)
      .flatMap((of) => {
        const kept = rangesIn(after, of).map(({ range }) => range);
        return rangesIn(node, of).flatMap(({ node: pool, range }) => {
          const gone = kept.reduce<readonly Range[]>((rest, each) => rest.flatMap((part) => without(part, each)), [range]);
          const until = closedUntil[`${service} ${subnet} ${addressText(service === 'dhcp4' ? 4 : 6, range[0])}`];
          const state = { isClosed: isClosedPool(pool), ...(until !== undefined && { until }) };
          return gone.flatMap((part) => toPools(service, of, part, pool).map((each) => ({ service, subnet, of, ...each, ...state })));
        });
      })
      .map((part) => ({ ...part, what: `${part.what} of ${name}` }));
  });
}

/** One pool of addresses; of prefixes as many as it takes, each a network. */
function toPools(
  service: KeaService,
  of: 'address' | 'prefix',
  range: Range,
  { text }: Node,
): readonly Pick<ClosingPool, 'range' | 'pool' | 'what'>[] {
  const version = service === 'dhcp4' ? 4 : 6;
  if (of === 'address') {
    const what = `${addressText(version, range[0])} - ${addressText(version, range[1])}`;
    return [{ range, pool: { pool: what }, what }];
  }
  const delegated = Number(/ delegated-len (\d+)/.exec(text)?.[1]);
  return networksOf(range)
    .filter(({ length }) => length <= delegated)
    .map(({ first, length }) => {
      const prefix = addressText(6, first);
      const last = first + (1n << BigInt(bitsOf(6) - length)) - 1n;
      return { range: [first, last], pool: { prefix, 'prefix-len': length, 'delegated-len': delegated }, what: `${prefix}/${length}` };
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

export function isClosedPool({ children }: Node): boolean {
  return children.some(({ text }) => text === `client-classes ["${closedPoolClass}"]`);
}

/** What to ask of the leases before it is decided. */
export function questionOf({ service, of, range: [first, last] }: ClosingPool): LeaseQuestion {
  const version = service === 'dhcp4' ? 4 : 6;
  return { service, of, first: addressText(version, first), last: addressText(version, last) };
}

/**
 * Those that have to be there and be closed for now, and what is to be said of each that waits. One in which nobody holds a lease goes at once; one
 * of which nobody can tell goes when the longest lease is over.
 */
export function decideClosing(
  pools: readonly ClosingPool[],
  answers: readonly LeaseAnswer[],
  now: Date,
): { kept: readonly ClosingPool[]; says: readonly string[] } {
  const kept = pools.filter((pool, i) => {
    const answer = answers[i];
    return answer?.known ? answer.live > 0 : !isOver(pool, now);
  });
  const says = kept.flatMap((pool) => {
    const answer = answers[pools.indexOf(pool)];
    return pool.isClosed ? [sayWaiting(pool, answer)] : [];
  });
  return { kept, says };
}

function isOver({ isClosed, until }: ClosingPool, now: Date): boolean {
  return isClosed && until !== undefined && now.getTime() >= Date.parse(until);
}

function sayWaiting({ what, until }: ClosingPool, answer: LeaseAnswer | undefined): string {
  const end = until === undefined ? '' : `, at ${until} at the latest`;
  if (answer?.known) {
    const [first] = answer.leases;
    const who = answer.live === 1 ? `${first?.address ?? 'one address'} is` : `${answer.live} addresses are`;
    return `${what} is closed and goes when no lease is left${end}: ${who} still leased`;
  }
  const why = answer?.why ?? 'nobody asked';
  if (until !== undefined)
    return `${what} is closed and goes at ${until}, when the longest lease there is over (leases are not known: ${why})`;
  return `${what} is closed, not by Plumbline, and nobody can tell whether leases are left (${why}): take it away on the server`;
}

/** Rendered documents that say so, with the subnet's place in Git as theirs. */
export function writeClosing(pools: readonly ClosingPool[], ownerOf: (root: string, subnet: string) => Owner | undefined): string {
  const bySubnet = Map.groupBy(pools, ({ service, subnet }) => `${service} ${subnet}`);
  return [...bySubnet.values()]
    .map((members) => {
      const [{ service, subnet } = { service: 'dhcp4', subnet: '' }] = members;
      const family = service.slice(-1);
      const owner = ownerOf(`Dhcp${family}`, subnet);
      const classOf = (each: ClosingPool) => ({ ...each.pool, 'client-class': closedPoolClass });
      const ofKind = (of: ClosingPool['of']) => members.filter((each) => each.of === of).map(classOf);
      const pools = {
        ...(ofKind('address').length > 0 && { pools: ofKind('address') }),
        ...(ofKind('prefix').length > 0 && { 'pd-pools': ofKind('prefix') }),
      };
      const server = { 'client-classes': [{ name: closedPoolClass }], [`subnet${family}`]: [{ id: Number(subnet), ...pools }] };
      const marker = owner ? `// plumbline:from ${owner.owner} ${owner.file.replaceAll(' ', '%20')}:${owner.line}\n` : '';
      return `${marker}${JSON.stringify({ [`Dhcp${family}`]: server })}\n`;
    })
    .join('');
}
