import { describe, expect, it } from 'vitest';
import { dialectFor, parse, type Tree } from '../../config/index.ts';
import type { LeaseFact } from '../../drivers/index.ts';
import { describeLeases, doubtsOf } from './leases.ts';

const tree = (config: object): Tree => parse(JSON.stringify(config), dialectFor('kea'), { version: '2.2.0' });
const four = (...subnets: object[]): Tree => tree({ Dhcp4: { subnet4: subnets } });
const office = (more: object): object => ({ id: 10, subnet: '192.0.2.0/24', ...more });
const pool = (range: string) => ({ pool: range });
const printer = { 'hw-address': '02:00:00:00:10:01', 'ip-address': '192.0.2.5' };
const lease = (more: Partial<LeaseFact>): LeaseFact => ({ address: '192.0.2.5', subnet: 10, until: '2026-11-21T12:00:00.000Z', ...more });

describe('what a change does to leases', () => {
  it.each<{ name: string; from: Tree; to: Tree; says: readonly string[] }>([
    {
      name: 'an unchanged server',
      from: four(office({ pools: [pool('192.0.2.10-192.0.2.20')] })),
      to: four(office({ pools: [pool('192.0.2.10-192.0.2.20')] })),
      says: [],
    },
    { name: 'a new pool', from: four(office({})), to: four(office({ pools: [pool('192.0.2.10-192.0.2.20')] })), says: [] },
    { name: 'a subnet that goes', from: four(office({})), to: four(), says: ['subnet 10 goes'] },
    {
      name: 'a subnet that gets another id: the server would not know its leases',
      from: four(office({ id: 1 })),
      to: four(office({})),
      says: ['subnet 1 goes, and 192.0.2.0/24 becomes subnet 10 without its leases'],
    },
    {
      name: 'ids that changed places: the leases of one would be those of the other',
      from: four(office({ subnet: '198.51.100.0/24' }), office({ id: 11, pools: [pool('192.0.2.10-192.0.2.20')] })),
      to: four(office({ pools: [pool('192.0.2.10-192.0.2.20')] }), office({ id: 11, subnet: '198.51.100.0/24' })),
      says: [
        'subnet 10 becomes 192.0.2.0/24, with the leases of 198.51.100.0/24',
        'subnet 11 becomes 198.51.100.0/24, with the leases of 192.0.2.0/24',
      ],
    },
    {
      name: 'a pool that goes',
      from: four(office({ pools: [pool('192.0.2.10-192.0.2.20'), pool('192.0.2.30-192.0.2.40')] })),
      to: four(office({ pools: [pool('192.0.2.30-192.0.2.40')] })),
      says: ['192.0.2.10 - 192.0.2.20 of subnet 10 are not given out any more'],
    },
    {
      name: 'a pool with a hole, and less at its end',
      from: four(office({ pools: [pool('192.0.2.10-192.0.2.40')] })),
      to: four(office({ pools: [pool('192.0.2.10-192.0.2.14'), pool('192.0.2.20-192.0.2.30')] })),
      says: [
        '192.0.2.15 - 192.0.2.19 of subnet 10 are not given out any more',
        '192.0.2.31 - 192.0.2.40 of subnet 10 are not given out any more',
      ],
    },
    {
      name: 'two pools that become one, and wider',
      from: four(office({ pools: [pool('192.0.2.10-192.0.2.20'), pool('192.0.2.21-192.0.2.30')] })),
      to: four(office({ pools: [pool('192.0.2.8-192.0.2.32')] })),
      says: [],
    },
    {
      name: 'a reservation',
      from: four(office({})),
      to: four(office({ reservations: [printer] })),
      says: ['192.0.2.5 is reserved for hw-address 02:00:00:00:10:01'],
    },
    {
      name: 'a reservation that is only given a name',
      from: four(office({ reservations: [printer] })),
      to: four(office({ reservations: [{ ...printer, hostname: 'printer' }] })),
      says: [],
    },
    {
      name: 'prefixes that are not delegated any more',
      from: tree({
        Dhcp6: {
          subnet6: [
            { id: 20, subnet: '2001:db8::/32', 'pd-pools': [{ prefix: '2001:db8:8000::', 'prefix-len': 40, 'delegated-len': 56 }] },
          ],
        },
      }),
      to: tree({ Dhcp6: { subnet6: [{ id: 20, subnet: '2001:db8::/32' }] } }),
      says: ['2001:db8:8000:: - 2001:db8:80ff:ffff:ffff:ffff:ffff:ffff of subnet 20 are not delegated any more'],
    },
    {
      name: 'a subnet of IPv6 that goes with its prefixes',
      from: tree({ Dhcp6: { subnet6: [{ id: 20, subnet: '2001:db8::/32' }] } }),
      to: tree({ Dhcp6: {} }),
      says: ['subnet 20 goes', 'subnet 20 goes, delegated prefixes'],
    },
  ])('of $name', ({ from, to, says }) => expect(doubtsOf(from, to).doubts.map(({ what }) => what)).toEqual(says));

  it('is not asked of a router', () => {
    const frr = (text: string) => parse(text, dialectFor('frr'), { version: '8.4' });
    expect(doubtsOf(frr('router bgp 64500\n neighbor 192.0.2.1 remote-as 64501\n'), frr('')).doubts).toEqual([]);
  });

  it('asks about a hundred reservations and says how many it did not ask about', () => {
    const reservations = Array.from({ length: 130 }, (_, i) => ({
      'hw-address': `02:00:00:00:20:${i.toString(16).padStart(2, '0')}`,
      'ip-address': `192.0.2.${i + 10}`,
    }));
    const { doubts, unasked } = doubtsOf(four(office({})), four(office({ reservations })));
    expect([doubts.length, unasked]).toEqual([100, 30]);
    expect(describeLeases([], [], unasked)).toMatchObject([{ what: '30 more reservations', live: null }]);
  });
});

describe('what the server answers', () => {
  const shrink = doubtsOf(four(office({ pools: [pool('192.0.2.10-192.0.2.20')] })), four(office({}))).doubts;
  const reserve = doubtsOf(four(office({})), four(office({ reservations: [printer] }))).doubts;

  it('is how many clients lose their addresses, and until when the last of them holds one', () => {
    const leases = [lease({ address: '192.0.2.11', hwAddress: '02:00:00:00:99:01' }), lease({ until: '2026-11-21T13:00:00.000Z' })];
    expect(describeLeases(shrink, [{ known: true, live: 2, leases }])).toEqual([
      { what: shrink[0]?.what, live: 2, says: 'first 192.0.2.11 by 02:00:00:00:99:01; the last of them until 2026-11-21T13:00:00.000Z' },
    ]);
    expect(describeLeases(shrink, [{ known: true, live: 0, leases: [] }])).toMatchObject([{ live: 0, says: 'nobody holds a lease there' }]);
    const until = '2026-11-28T12:00:00.000Z';
    expect(
      describeLeases(shrink, [{ known: true, live: 900, leases: [lease({}), lease({ until: '2026-11-21T13:00:00.000Z' })], until }]),
    ).toMatchObject([{ live: 900, says: expect.stringContaining(`the last of them until ${until}`) }]);
  });

  it('is who else holds a reserved address; its owner, or nobody, is not told', () => {
    const held = (by: Partial<LeaseFact>) => describeLeases(reserve, [{ known: true, live: 1, leases: [lease(by)] }]);
    expect(held({ hwAddress: '02:00:00:00:99:01' })).toMatchObject([
      { live: 1, says: expect.stringContaining('somebody else holds it: 192.0.2.5 by 02:00:00:00:99:01') },
    ]);
    expect(held({ hwAddress: '02:00:00:00:10:01' })).toEqual([]);
    expect(describeLeases(reserve, [{ known: true, live: 0, leases: [] }])).toEqual([]);
  });

  it('is that nobody knows, and why', () =>
    expect(describeLeases(shrink, [{ known: false, why: 'the hook lease_cmds is not loaded' }])).toMatchObject([
      { live: null, says: 'the hook lease_cmds is not loaded' },
    ]));
});
