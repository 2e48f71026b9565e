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
    { name: 'none of a subnet that goes as a whole', live: four(pool('192.0.2.10-192.0.2.19')), git: tree({ Dhcp4: {} }), found: [] },
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

describe('what becomes of such a part', () => {
  const open = findClosing(four(pool('192.0.2.150-192.0.2.199')), four());
  const shut = (until?: string) =>
    findClosing(four(pool('192.0.2.150-192.0.2.199', closed)), four(), until === undefined ? {} : { 'dhcp4 10 192.0.2.150': until });
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
  } = parseIntended(`${rendered}${writeClosing(pools, (root, subnet) => git.owners.get(`${root} > subnet ${subnet}`))}`, kea, {
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
