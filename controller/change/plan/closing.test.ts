import { describe, expect, it } from 'vitest';
import { dialectFor, parse, parseIntended, print, type Tree } from '../../config/index.ts';
import type { LeaseAnswer } from '../../drivers/index.ts';
import { decideClosing, findClosing, questionOf, writeClosing } from './closing.ts';

const kea = dialectFor('kea');
const tree = (config: object): Tree => parse(JSON.stringify(config), kea, { version: '2.2.0' });
const four = (...pools: object[]): Tree => tree({ Dhcp4: { subnet4: [{ id: 10, subnet: '192.0.2.0/24', pools }] } });
const six = (...pools: object[]): Tree => tree({ Dhcp6: { subnet6: [{ id: 20, subnet: '2001:db8::/64', 'pd-pools': pools }] } });
const pool = (range: string, more: object = {}) => ({ pool: range, ...more });
const closed = { 'client-class': 'plumbline-closed' };
const delegated = (prefix: string, length: number) => ({ prefix, 'prefix-len': length, 'delegated-len': 56 });
const now = new Date('2026-11-22T12:00:00.000Z');
const none: LeaseAnswer = { known: true, live: 0, leases: [] };
const held: LeaseAnswer = { known: true, live: 1, leases: [{ address: '192.0.2.150', subnet: 10, until: '2026-11-22T13:00:00.000Z' }] };
const unknown: LeaseAnswer = { known: false, why: 'the hook lease_cmds is not loaded' };

describe('parts of pools that Git no longer has', () => {
  it.each<{ name: string; live: Tree; git: Tree; found: readonly string[] }>([
    { name: 'none of the same pools', live: four(pool('192.0.2.10-192.0.2.20')), git: four(pool('192.0.2.10-192.0.2.20')), found: [] },
    {
      name: 'the end of one that became shorter, and its beginning',
      live: four(pool('192.0.2.100-192.0.2.199')),
      git: four(pool('192.0.2.110-192.0.2.149')),
      found: ['192.0.2.100 - 192.0.2.109 of subnet 10', '192.0.2.150 - 192.0.2.199 of subnet 10'],
    },
    {
      name: 'none where another pool of Git takes over',
      live: four(pool('192.0.2.10-192.0.2.19'), pool('192.0.2.20-192.0.2.29')),
      git: four(pool('192.0.2.8-192.0.2.31')),
      found: [],
    },
    { name: 'none of a subnet that is nobody of ours', live: four(pool('192.0.2.10-192.0.2.19')), git: tree({ Dhcp4: {} }), found: [] },
    {
      name: 'none where the id is that of another network on the server: its pools have no place there',
      live: tree({ Dhcp4: { subnet4: [{ id: 10, subnet: '198.51.100.0/24', pools: [pool('198.51.100.10-198.51.100.19')] }] } }),
      git: four(pool('192.0.2.10-192.0.2.19')),
      found: [],
    },
    {
      name: 'networks of prefixes, the fewest that are what is gone',
      live: six(delegated('2001:db8:8000::', 40)),
      git: six(delegated('2001:db8:8000::', 42)),
      found: ['2001:db8:8040::/42 of subnet 20', '2001:db8:8080::/41 of subnet 20'],
    },
  ])('are $name', ({ live, git, found }) => expect(findClosing(live, git).map(({ what }) => what)).toEqual(found));

  it('are asked for by their first and last address', () => {
    const [part] = findClosing(four(pool('192.0.2.100-192.0.2.199')), four(pool('192.0.2.100-192.0.2.149')));
    expect(part && questionOf(part)).toEqual({ service: 'dhcp4', of: 'address', first: '192.0.2.150', last: '192.0.2.199' });
  });
});

const officeKey = 'Dhcp4 > subnet 10';
const owned = () => new Set([officeKey]);
const office = (more: object = {}) => ({ id: 10, subnet: '192.0.2.0/24', pools: [pool('192.0.2.10-192.0.2.19')], ...more });
const other = (more: object = {}) => ({ id: 11, subnet: '198.51.100.0/24', pools: [pool('198.51.100.10-198.51.100.19')], ...more });
const subnets = (...list: object[]) => tree({ Dhcp4: { subnet4: list } });
const network = (name: string, list: object[], more: object = {}) => ({ name, subnet4: list, ...more });
const networks = (...list: object[]) => tree({ Dhcp4: { 'shared-networks': list } });

describe('a subnet that Git no longer has', () => {
  it.each<{ name: string; live: Tree; git: Tree; closes: boolean }>([
    { name: 'closes with its pools', live: subnets(office()), git: subnets(), closes: true },
    { name: 'closes beside another one', live: subnets(office(), other()), git: subnets(other()), closes: true },
    { name: 'goes at once where a new one has its prefix', live: subnets(office()), git: subnets(office({ id: 12 })), closes: false },
    {
      name: 'goes at once where a new one has a part of it',
      live: subnets(office()),
      git: subnets({ id: 12, subnet: '192.0.2.128/25' }),
      closes: false,
    },
    {
      name: 'goes at once where another one is on its interface: clients would be led into the closed one',
      live: subnets(office({ interface: 'eth0' }), other({ interface: 'eth0' })),
      git: subnets(other({ interface: 'eth0' })),
      closes: false,
    },
    {
      name: 'goes at once where another one has one of its relays',
      live: subnets(office({ relay: { 'ip-addresses': ['203.0.113.1', '203.0.113.2'] } })),
      git: subnets(other({ relay: { 'ip-addresses': ['203.0.113.2'] } })),
      closes: false,
    },
    {
      name: 'goes at once where another one is on the interface of its shared network',
      live: networks(network('floor', [office()], { interface: 'eth0' })),
      git: subnets(other({ interface: 'eth0' })),
      closes: false,
    },
    {
      name: 'closes in a shared network that stays: there the server goes on to the next subnet',
      live: networks(network('floor', [office({ interface: 'eth0' }), other({ interface: 'eth0' })])),
      git: networks(network('floor', [other({ interface: 'eth0' })])),
      closes: true,
    },
    {
      name: 'of the other family is in nobody’s way',
      live: subnets(office({ interface: 'eth0' })),
      git: tree({ Dhcp4: {}, Dhcp6: { subnet6: [{ id: 10, subnet: '2001:db8::/64', interface: 'eth0' }] } }),
      closes: true,
    },
  ])('$name', ({ live, git, closes }) =>
    expect(findClosing(live, git, { owned }).map(({ what }) => what)).toEqual(closes ? ['192.0.2.10 - 192.0.2.19 of subnet 10'] : []),
  );

  it.each<{ name: string; live: Tree; parts: readonly string[] }>([
    {
      name: 'all of them, where there is no pool',
      live: subnets({
        ...office(),
        pools: [],
        reservations: ['192.0.2.5', '192.0.2.200', '192.0.2.9'].map((address, i) => ({
          'hw-address': `02:00:00:00:00:0${i}`,
          'ip-address': address,
        })),
      }),
      parts: ['192.0.2.5 - 192.0.2.200 of subnet 10'],
    },
    {
      name: 'those before, in between and behind pools; one inside is the pool’s',
      live: subnets({
        ...office(),
        pools: [pool('192.0.2.10-192.0.2.19'), pool('192.0.2.30-192.0.2.39')],
        reservations: ['192.0.2.5', '192.0.2.15', '192.0.2.25', '192.0.2.35'].map((address, i) => ({
          'hw-address': `02:00:00:00:00:0${i}`,
          'ip-address': address,
        })),
      }),
      parts: [
        '192.0.2.10 - 192.0.2.19 of subnet 10',
        '192.0.2.30 - 192.0.2.39 of subnet 10',
        '192.0.2.5 - 192.0.2.5 of subnet 10',
        '192.0.2.25 - 192.0.2.25 of subnet 10',
      ],
    },
    {
      name: 'prefixes and addresses of IPv6',
      live: tree({
        Dhcp6: {
          subnet6: [
            {
              id: 10,
              subnet: '2001:db8::/64',
              reservations: [
                { duid: '01:02', 'ip-addresses': ['2001:db8::5'], prefixes: ['2001:db8:9000::/56', '2001:db8:9000:100::/56'] },
              ],
            },
          ],
        },
      }),
      parts: ['2001:db8::5 - 2001:db8::5 of subnet 10', '2001:db8:9000::/55 of subnet 10'],
    },
  ])('waits for what it reserved too: $name', ({ live, parts }) => {
    const family = live.roots[0]?.text === 'Dhcp6' ? 6 : 4;
    const git = tree({ [`Dhcp${family}`]: {} });
    const found = findClosing(live, git, { owned: () => new Set([`Dhcp${family} > subnet 10`]) });
    expect(found.map(({ what }) => what)).toEqual(parts);
    const text = writeClosing(found, () => undefined);
    expect(parseIntended(text, kea, { version: '2.2.0' }).problems).toEqual([]);
  });

  it('stays with what leads clients to it, closed; options, reservations and settings go', () => {
    const live = networks(
      network(
        'floor',
        [office({ reservations: [{ 'hw-address': '02:00:00:00:00:01', 'ip-address': '192.0.2.5' }], 'valid-lifetime': 60 })],
        {
          relay: { 'ip-addresses': ['203.0.113.1'] },
          'option-data': [{ name: 'routers', data: '192.0.2.1' }],
        },
      ),
    );
    const git = '// plumbline:from Device/dhcp1 devices/dhcp1.yaml:7\n{ "Dhcp4": { "valid-lifetime": 600 } }\n';
    const { tree: wanted, owners } = parseIntended(git, kea, { version: '2.2.0' });
    const text = `${git}${writeClosing(findClosing(live, wanted, { owned }), (key) => owners.get(key))}`;
    const both = parseIntended(text, kea, { version: '2.2.0' });
    expect(both.problems).toEqual([]);
    expect(print(both.tree)).toContain(` shared-network floor
  relay 203.0.113.1
 subnet 10
  prefix 192.0.2.0/24
  shared-network floor
  pool 192.0.2.5 - 192.0.2.5
   client-classes ["plumbline-closed"]
  pool 192.0.2.10 - 192.0.2.19
   client-classes ["plumbline-closed"]
`);
    expect(both.owners.get(officeKey)?.owner).toBe('Device/dhcp1');
    // With that on the server the same is to stay, until it goes as a whole.
    const shut = { isClosed: true, isForgotten: false };
    expect(findClosing(both.tree, wanted, { owned })).toMatchObject([shut, shut]);
  });

  it('is known again by what it bears, also where the store that knew it is lost, and stays until it is ours again', () => {
    const shut = subnets(office({ pools: [pool('192.0.2.10-192.0.2.19', closed)] }));
    const until = { 'dhcp4 10 192.0.2.10': '2026-11-22T11:00:00.000Z' };
    const forgotten = findClosing(shut, subnets(), { until });
    expect(forgotten).toMatchObject([{ isClosed: true, isForgotten: true }]);
    expect(decideClosing(forgotten, [none], now)).toEqual({ kept: forgotten, says: [expect.stringContaining('plumb adopt')] });
    expect(decideClosing(findClosing(shut, subnets(), { until, owned }), [none], now).kept).toEqual([]);
    expect(findClosing(shut, subnets())).toEqual([]);
  });
});

describe('an address that is taken out of a pool to be reserved', () => {
  const reserve = (who: object) => [{ ...who, 'ip-address': '192.0.2.150' }];
  const git = (who: object) =>
    subnets(office({ pools: [pool('192.0.2.100-192.0.2.149'), pool('192.0.2.151-192.0.2.199')], reservations: reserve(who) }));
  const live = subnets(office({ pools: [pool('192.0.2.100-192.0.2.199')] }));
  const heldBy = (hwAddress: string): LeaseAnswer => ({
    known: true,
    live: 1,
    leases: [{ address: '192.0.2.150', subnet: 10, hwAddress, until: '2026-11-22T13:00:00.000Z' }],
  });
  it.each<{ name: string; who: object; kept: number }>([
    { name: 'is not waited for where its owner holds it: that goes on for ever', who: { 'hw-address': '02:00:00:00:00:0A' }, kept: 0 },
    { name: 'is waited for where somebody else does', who: { 'hw-address': '02:00:00:00:00:0b' }, kept: 1 },
    { name: 'is not waited for where no lease tells who its owner is', who: { 'circuit-id': '0102' }, kept: 0 },
  ])('$name', ({ who, kept }) => {
    const parts = findClosing(live, git(who));
    expect(parts.map(({ what }) => what)).toEqual(['192.0.2.150 - 192.0.2.150 of subnet 10']);
    expect(decideClosing(parts, [heldBy('02:00:00:00:00:0a')], now).kept).toHaveLength(kept);
  });
});

it('a part of a pool in a shared network is closed where its subnet stands', () => {
  const floor = (range: string) => networks(network('floor', [office({ pools: [pool(range)] })]));
  const git = floor('192.0.2.10-192.0.2.19');
  const closing = writeClosing(findClosing(floor('192.0.2.10-192.0.2.29'), git), () => undefined);
  expect(JSON.parse(closing)).toMatchObject({
    Dhcp4: { 'shared-networks': [{ name: 'floor', subnet4: [{ id: 10, pools: [{ pool: '192.0.2.20-192.0.2.29' }] }] }] },
  });
});

describe('what becomes of such a part', () => {
  const open = findClosing(four(pool('192.0.2.150-192.0.2.199')), four());
  const shut = (until?: string) =>
    findClosing(
      four(pool('192.0.2.150-192.0.2.199', closed)),
      four(),
      until === undefined ? {} : { until: { 'dhcp4 10 192.0.2.150': until } },
    );
  it.each<{ name: string; pools: typeof open; answer: LeaseAnswer; kept: number; says?: string }>([
    { name: 'goes at once when nobody holds a lease there', pools: open, answer: none, kept: 0 },
    { name: 'is closed while somebody does', pools: open, answer: held, kept: 1 },
    { name: 'is closed when nobody can tell', pools: open, answer: unknown, kept: 1 },
    {
      name: 'stays closed while somebody does, and it is said who',
      pools: shut('2026-11-22T13:00:00.000Z'),
      answer: held,
      kept: 1,
      says: '192.0.2.150 - 192.0.2.199 of subnet 10 is closed and goes when no lease is left, at 2026-11-22T13:00:00.000Z at the latest: 192.0.2.150 is still leased',
    },
    { name: 'goes when none is left', pools: shut('2026-11-22T13:00:00.000Z'), answer: none, kept: 0 },
    {
      name: 'waits for the longest lease when nobody can tell',
      pools: shut('2026-11-22T13:00:00.000Z'),
      answer: unknown,
      kept: 1,
      says: 'goes at 2026-11-22T13:00:00.000Z, when the longest lease there is over (leases are not known: the hook lease_cmds is not loaded)',
    },
    { name: 'goes when the longest lease is over', pools: shut('2026-11-22T12:00:00.000Z'), answer: unknown, kept: 0 },
    { name: 'is never taken away on a guess', pools: shut(), answer: unknown, kept: 1, says: 'closed, not by Plumbline' },
  ])('$name', ({ pools, answer, kept, says }) => {
    const decided = decideClosing(pools, [answer], now);
    expect(decided.kept).toHaveLength(kept);
    expect(decided.says).toEqual(says === undefined ? [] : [expect.stringContaining(says)]);
  });
});

it('what stays is rendered closed, in the place of its subnet in Git', () => {
  const rendered = `// plumbline:from DHCPSubnet/office subnets/my%20office.yaml:3
{ "Dhcp4": { "subnet4": [ { "id": 10, "subnet": "192.0.2.0/24", "pools": [ { "pool": "192.0.2.100-192.0.2.149" } ] } ] } }
`;
  const git = parseIntended(rendered, kea, { version: '2.2.0' });
  const pools = findClosing(four(pool('192.0.2.100-192.0.2.199')), git.tree);
  const {
    tree: both,
    owners,
    problems,
  } = parseIntended(`${rendered}${writeClosing(pools, (key) => git.owners.get(key))}`, kea, {
    version: '2.2.0',
  });
  expect(problems).toEqual([]);
  expect(print(both)).toContain(` client-classes
  client-class plumbline-closed
 subnet 10
  prefix 192.0.2.0/24
  pool 192.0.2.100 - 192.0.2.149
  pool 192.0.2.150 - 192.0.2.199
   client-classes ["plumbline-closed"]
`);
  expect(owners.get('Dhcp4 > subnet 10 > pool 192.0.2.150')).toEqual({
    owner: 'DHCPSubnet/office',
    file: 'subnets/my office.yaml',
    line: 3,
  });
  // With that on the server there is nothing left to close, and the same is to stay.
  expect(findClosing(both, git.tree)).toMatchObject([{ isClosed: true, what: '192.0.2.150 - 192.0.2.199 of subnet 10' }]);
});
