/** Random sets, policies and routes from a small world, so that conditions hold about as often as not. */
import fc from 'fast-check';

const prefixes4 = [
  '10.0.0.0/8',
  '10.1.0.0/16',
  '10.1.2.0/24',
  '10.1.2.128/25',
  '10.64.0.0/10',
  '172.16.0.0/12',
  '192.0.2.0/24',
  '0.0.0.0/0',
];
const prefixes6 = ['2001:db8::/32', '2001:db8:1::/48', '2001:db8:1:2::/64', '2001:db8:8000::/33', '2001:db8::1/128', '::/0'];
export const nextHops4 = ['10.9.0.1', '10.9.0.2', '10.9.0.130'];
export const nextHops6 = ['2001:db8:9::1', '2001:db8:9::2', '2001:db8:9::1:1'];
const standard = ['64500:1', '64500:2', '64501:1', '65000:65535', 'no-peer', 'graceful-shutdown'];
const large = ['64500:1:1', '64500:1:2', '4200000000:0:7'];
const extended = ['rt:64500:1', 'rt:65536:2', 'rt:192.0.2.1:3', 'soo:64500:1', 'soo:64501:4000000000'];
const asns = [64496, 64497, 64511, 65551, 4_200_000_000];
const expressions = [
  '^$',
  '^64510$',
  '_64496_',
  '^64510_64497',
  '_(64496|64511)$',
  '64[0-9]+',
  '^([0-9]+_)([0-9]+_)$',
  '_64496_.*_64497_',
  '^64510( 64496)*$',
  '_6555[^0]_',
  '64496_64496_',
  '^(64510_)+$',
  '(64496|64511){1,2}',
  '^.* 4200000000$',
  '1{,2}0',
  '1**',
];

export interface RandomWorld {
  documents: readonly unknown[];
  /** Names of the policies, in order. */
  policies: readonly string[];
  routes: readonly RandomRoute[];
}

export interface RandomRoute {
  prefix: string;
  nextHop: string;
  path: readonly number[];
  origin: 'igp' | 'egp' | 'incomplete';
  med: number | undefined;
  communities: readonly string[];
  largeCommunities: readonly string[];
  extendedCommunities: readonly string[];
}

const bitsOf = (prefix: string): number => (prefix.includes(':') ? 128 : 32);

/** An entry with lengths that the schema takes. */
const setEntry = fc
  .record({
    prefix: fc.constantFrom(...prefixes4, ...prefixes6),
    action: fc.constantFrom('Permit', 'Permit', 'Permit', 'Deny'),
    ge: fc.option(fc.nat(20)),
    le: fc.option(fc.nat(30)),
  })
  .map(({ prefix, action, ge, le }) => {
    const length = Number(prefix.split('/')[1]);
    const shortest = Math.min(length + (ge ?? 0), bitsOf(prefix));
    return {
      prefix,
      action,
      ...(ge !== null && { ge: shortest }),
      ...(le !== null && { le: Math.min(shortest + le, bitsOf(prefix)) }),
    };
  });

const someOf = <T>(values: readonly T[], least = 0, most = 3): fc.Arbitrary<T[]> =>
  fc.uniqueArray(fc.constantFrom(...values), { minLength: least, maxLength: Math.min(most, values.length) });

const setNames = ['s0', 's1', 's2', 's3', 's4', 's5'];
const values = { localPreference: [0, 100, 200], med: [0, 50, 4_294_967_295] };
/** There in `often` of ten cases. */
const maybe = <T>(arbitrary: fc.Arbitrary<T>, often = 7): fc.Arbitrary<T | undefined> =>
  fc.oneof({ weight: often, arbitrary }, { weight: 10 - often, arbitrary: fc.constant(undefined) });

const term = fc.record({
  action: fc.constantFrom('Permit', 'Permit', 'Permit', 'Deny'),
  match: fc.record({
    prefixSet: maybe(fc.constantFrom(...setNames.map((name) => `p${name}`)), 6),
    communitySet: maybe(fc.constantFrom(...setNames.map((name) => `c${name}`)), 4),
    asPathSet: maybe(fc.constantFrom(...setNames.map((name) => `a${name}`)), 4),
    nextHopSet: maybe(fc.constantFrom('near', 'far'), 2),
    family: maybe(fc.constantFrom('ipv4-unicast', 'ipv6-unicast'), 1),
    origin: maybe(fc.constantFrom('IGP', 'EGP', 'Incomplete'), 1),
    localPreference: maybe(fc.constantFrom(...values.localPreference), 1),
    med: maybe(fc.constantFrom(50, 4_294_967_295), 1),
  }),
  set: fc.record({
    localPreference: maybe(fc.constantFrom(...values.localPreference), 3),
    med: maybe(fc.constantFrom(...values.med), 3),
    origin: maybe(fc.constantFrom('IGP', 'EGP', 'Incomplete'), 2),
    weight: maybe(fc.constantFrom(0, 1, 60_000), 2),
    nextHop: maybe(fc.constantFrom('PeerAddress', 'Unchanged', '10.9.0.7', '2001:db8:9::7'), 2),
    communities: maybe(changeOf(standard, ['cs0', 'cs1', 'cs2']), 4),
    largeCommunities: maybe(changeOf(large, ['cs3', 'cs4']), 3),
    extendedCommunities: maybe(fc.record({ add: someOf(extended, 1) }), 2),
    asPathPrepend: maybe(fc.array(fc.constantFrom(...asns), { minLength: 1, maxLength: 3 }), 3),
  }),
  continue: fc.boolean(),
});

function changeOf(communities: readonly string[], sets: readonly string[]): fc.Arbitrary<Record<string, unknown>> {
  return fc
    .record({ replace: maybe(someOf(communities), 3), add: someOf(communities, 0, 2), delete: maybe(fc.constantFrom(...sets), 4) })
    .map(({ replace, ...change }) => ({ ...change, ...(replace && { replace: replace.filter((each) => !change.add.includes(each)) }) }));
}

const policy = fc.record({
  native: fc.nat(4).map((chance) => chance === 0),
  default: fc.constantFrom('Permit', 'Deny'),
  terms: fc.array(term, { maxLength: 6 }),
});

const communitySet = (type: string, communities: readonly string[]): fc.Arbitrary<unknown> =>
  fc.record({ type: fc.constant(type), match: fc.constantFrom('Any', 'All'), communities: someOf(communities, 1) });

/** Policies in which a term adds what it deletes are refused by the compiler: the deletion is left out of those. */
function withoutClash(world: { terms: readonly { set: Record<string, unknown> }[] }, sets: ReadonlyMap<string, readonly string[]>): void {
  for (const { set } of world.terms) {
    for (const key of ['communities', 'largeCommunities']) {
      const change = set[key] as { add: string[]; replace?: string[]; delete?: string } | undefined;
      const deleted = sets.get(change?.delete ?? '') ?? [];
      if (change && !change.replace && change.add.some((each) => deleted.includes(each))) delete change.delete;
    }
  }
}

const route = (family: 'ipv4' | 'ipv6'): fc.Arbitrary<RandomRoute> =>
  fc.record({
    prefix: fc
      .tuple(fc.constantFrom(...(family === 'ipv4' ? prefixes4 : prefixes6)), fc.nat(12), fc.bigInt({ min: 0n, max: 2n ** 128n }))
      .map(longer),
    nextHop: fc.constantFrom(...(family === 'ipv4' ? nextHops4 : nextHops6)),
    path: fc.array(fc.constantFrom(...asns), { maxLength: 4 }),
    origin: fc.constantFrom('igp', 'egp', 'incomplete'),
    med: maybe(fc.constantFrom(...values.med)),
    communities: someOf(standard.filter((each) => each !== 'graceful-shutdown')),
    largeCommunities: someOf(large),
    extendedCommunities: someOf(extended),
  });

/** A prefix at or below one of the list. */
function longer([prefix, more, noise]: [string, number, bigint]): string {
  const [address = '', length = ''] = prefix.split('/');
  const bits = bitsOf(prefix);
  const to = BigInt(Math.min(Number(length) + more, bits));
  const free = to - BigInt(length);
  const value = toNumber(address) | ((noise % (1n << free)) << (BigInt(bits) - to));
  return `${bits === 32 ? dotted(value) : colons(value)}/${to}`;
}

function toNumber(address: string): bigint {
  if (!address.includes(':')) return address.split('.').reduce((sum, part) => sum * 256n + BigInt(part), 0n);
  const [head = '', tail = ''] = address.split('::');
  const [left, right] = [head, tail].map((text) => (text === '' ? [] : text.split(':')));
  const groups = [...(left ?? []), ...Array.from({ length: 8 - (left?.length ?? 0) - (right?.length ?? 0) }, () => '0'), ...(right ?? [])];
  return groups.reduce((sum, group) => sum * 65_536n + BigInt(`0x${group}`), 0n);
}

function dotted(value: bigint): string {
  return [24n, 16n, 8n, 0n].map((shift) => (value >> shift) & 255n).join('.');
}

function colons(value: bigint): string {
  return Array.from({ length: 8 }, (_, i) => ((value >> BigInt(112 - 16 * i)) & 65_535n).toString(16)).join(':');
}

/** `count` policies over a handful of sets, and some routes to put through them. */
export function randomWorld(count: number, routes: number): fc.Arbitrary<RandomWorld> {
  return fc
    .record({
      prefixSets: fc.tuple(...setNames.map(() => fc.array(setEntry, { minLength: 1, maxLength: 5 }))),
      communitySets: fc.tuple(
        ...setNames.map((_, i) =>
          i < 3 ? communitySet('Standard', standard) : i < 5 ? communitySet('Large', large) : communitySet('Extended', extended),
        ),
      ),
      asPathSets: fc.tuple(
        ...setNames.map(() =>
          fc.uniqueArray(fc.record({ regex: fc.constantFrom(...expressions), action: fc.constantFrom('Permit', 'Permit', 'Deny') }), {
            minLength: 1,
            maxLength: 3,
            selector: ({ regex }) => regex,
          }),
        ),
      ),
      policies: fc.array(policy, { minLength: count, maxLength: count }),
      routes4: fc.uniqueArray(route('ipv4'), { maxLength: routes, minLength: routes >> 1, selector: ({ prefix }) => prefix }),
      routes6: fc.uniqueArray(route('ipv6'), { maxLength: routes, minLength: routes >> 1, selector: ({ prefix }) => prefix }),
    })
    .map(({ prefixSets, communitySets, asPathSets, policies, routes4, routes6 }) => {
      const members = new Map(communitySets.map((set, i) => [`cs${i}`, (set as { communities: string[] }).communities]));
      const named = policies.map((spec, i) => {
        withoutClash(spec, members);
        const terms = spec.terms.map((each, k) => ({
          name: `t${k}`,
          action: each.action,
          match: dropUndefined(each.match),
          ...(each.action === 'Permit' && { set: dropUndefined(each.set), continue: each.continue }),
        }));
        // As people write it on a router: no entry for the default, and each term for both families.
        const native = terms.map(({ match, ...each }, k) => {
          const { prefixSet: _prefixes, nextHopSet: _hops, family: _family, ...rest } = match;
          return { ...each, match: rest, sequence: 10 * (k + 1) };
        });
        return {
          kind: 'RoutePolicy',
          name: `policy-${i}`,
          spec: spec.native && native.length > 0 ? { layout: 'Native', default: 'Deny', terms: native } : { default: spec.default, terms },
        };
      });
      const near = { prefix: '10.9.0.0/25', le: 32 };
      return {
        documents: [
          ...prefixSets.map((entries, i) => ({ kind: 'PrefixSet', name: `ps${i}`, spec: { entries } })),
          { kind: 'PrefixSet', name: 'near', spec: { entries: [near, { prefix: '2001:db8:9::/112', le: 128 }] } },
          {
            kind: 'PrefixSet',
            name: 'far',
            spec: {
              entries: [
                { ...near, action: 'Deny' },
                { prefix: '0.0.0.0/0', le: 32 },
                { prefix: '2001:db8:9::1:0/112', le: 128 },
              ],
            },
          },
          ...communitySets.map((spec, i) => ({ kind: 'CommunitySet', name: `cs${i}`, spec })),
          ...asPathSets.map((entries, i) => ({ kind: 'ASPathSet', name: `as${i}`, spec: { entries } })),
          ...named,
        ],
        policies: named.map(({ name }) => name),
        routes: [...routes4, ...routes6],
      };
    });
}

function dropUndefined<T extends object>(value: T): Partial<T> {
  return Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined)) as Partial<T>;
}
