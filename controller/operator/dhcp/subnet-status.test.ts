import { describe, expect, it } from 'vitest';
import { DHCPSubnetStatus, type Difference } from '../../api/index.ts';
import type { SubnetUse } from '../../drivers/index.ts';
import type { DesiredDevice } from '../fleet/desired-fleet.ts';
import type { Look } from '../device/publish.ts';
import { noteServedSubnets, type ServedSubnets } from './served-subnets.ts';
import { describeStaleSubnet, describeSubnet, type ServerFacts } from './subnet-status.ts';

const at = new Date('2026-11-21T10:00:00.000Z');
const later = new Date('2026-11-21T11:00:00.000Z');
const use = (assigned: number, more: Partial<SubnetUse> = {}): SubnetUse => ({
  service: 'dhcp4',
  subnet: 10,
  of: 'address',
  total: 100,
  assigned,
  declined: 0,
  ...more,
});
const server = (device: string, verdict?: Difference['verdict'], ...uses: SubnetUse[]): ServerFacts => ({
  device,
  seen: { verdict, uses },
});
const unread = (device: string): ServerFacts => ({ device });
const describeAll = (servers: ServerFacts[], last?: DHCPSubnetStatus, when = at) =>
  DHCPSubnetStatus.parse(describeSubnet(servers, 3, last, { generation: 1, at: when }));

describe('a subnet', () => {
  it.each<{ name: string; servers: ServerFacts[]; status: string; reason: string; says: string }>([
    {
      name: 'is InSync when every server is',
      servers: [server('a'), server('b')],
      status: 'True',
      reason: 'InSync',
      says: 'a and b serve it',
    },
    {
      name: 'says the most telling of what its servers say, and where to look',
      servers: [server('a', 'Pending'), server('b', 'Drifted')],
      status: 'False',
      reason: 'Drifted',
      says: 'a: Pending; b: Drifted. Next: plumb why b',
    },
    {
      name: 'is not known when a server cannot be read',
      servers: [server('a'), unread('b')],
      status: 'Unknown',
      reason: 'Unverified',
      says: 'b cannot',
    },
    {
      name: 'differs though another server cannot be read',
      servers: [unread('a'), server('b', 'Pending')],
      status: 'False',
      reason: 'Pending',
      says: 'b: ',
    },
  ])('$name', ({ servers, status, reason, says }) => {
    const [ready] = describeAll(servers).conditions;
    expect(ready).toMatchObject({ type: 'Ready', status, reason, message: expect.stringContaining(says) });
  });

  it('tells each server, and what is last known of none as Unknown', () =>
    expect(describeAll([server('a', 'Drifted'), unread('b'), server('c')]).servers).toEqual([
      { device: 'a', verdict: 'Drifted' },
      { device: 'b', verdict: 'Unknown' },
      { device: 'c', verdict: 'InSync' },
    ]));

  it.each([
    [0, 0],
    [49, 0],
    [50, 50],
    [74, 50],
    [75, 75],
    [90, 90],
    [95, 95],
    [99, 95],
    [100, 100],
    [120, 100],
  ])('with %i of 100 addresses leased is at step %i', (assigned, step) =>
    expect(describeAll([server('a', undefined, use(assigned))]).addressesUsed).toBe(step),
  );

  it('goes down a step only when it is well below: a lease that comes and goes writes nothing', () => {
    const first = describeAll([server('a', undefined, use(75))]);
    expect(describeAll([server('a', undefined, use(73))], first, later)).toEqual(first);
    expect(describeAll([server('a', undefined, use(71))], first, later).addressesUsed).toBe(50);
    const full = describeAll([server('a', undefined, use(100))]);
    expect(describeAll([server('a', undefined, use(10))], full, later).addressesUsed).toBe(0);
  });

  it('of a pair is as full as the fuller of both says', () =>
    expect(describeAll([server('a', undefined, use(10)), server('b', undefined, use(92))]).addressesUsed).toBe(90));

  it('without addresses to give out, or that nobody counts, has no step', () => {
    expect(describeAll([server('a', undefined, use(0, { total: 0 }))])).not.toHaveProperty('addressesUsed');
    expect(describeAll([{ device: 'a', seen: { verdict: undefined, uses: undefined } }])).not.toHaveProperty('addressesUsed');
  });

  it('counts prefixes beside addresses', () =>
    expect(describeAll([server('a', undefined, use(10), use(96, { of: 'prefix' }))])).toMatchObject({
      addressesUsed: 0,
      prefixesUsed: 95,
    }));

  it('is Exhausted while nothing is left, and Ready all the same', () => {
    const full = describeAll([server('a', undefined, use(100))]);
    expect(full.conditions).toMatchObject([
      { type: 'Ready', status: 'True' },
      { type: 'Exhausted', status: 'True', reason: 'PoolExhausted', message: expect.stringContaining('addresses is leased') },
    ]);
    expect(describeAll([server('a', undefined, use(20))], full, later).conditions).toHaveLength(1);
  });

  it('has nothing in its status that moves: two looks at a subnet that stands are one status', () => {
    const first = describeAll([server('a', undefined, use(10))]);
    expect(describeAll([server('a', undefined, use(44, { declined: 3 }))], first, later)).toEqual(first);
  });

  it('at which nobody looked for long is Stale, and says which server', () => {
    const first = describeAll([server('a', undefined, use(100)), server('b')]);
    const stale = DHCPSubnetStatus.parse(describeStaleSubnet(first, ['b'], { generation: 1, at: later }));
    expect(stale.servers).toEqual([
      { device: 'a', verdict: 'InSync' },
      { device: 'b', verdict: 'Unknown' },
    ]);
    expect(stale.conditions).toMatchObject([
      { type: 'Ready', status: 'Unknown', reason: 'Stale', lastTransitionTime: later.toISOString() },
      { type: 'Exhausted', status: 'True', lastTransitionTime: at.toISOString() },
    ]);
  });
});

describe('what a look found of the subnets of a server', () => {
  const device = { name: 'a', object: { spec: { dhcp: {} } } } as unknown as DesiredDevice;
  const note = (look: Partial<Look>): ServedSubnets | undefined => {
    const dhcp = new Map<string, ServedSubnets>([['a', { verdicts: new Map(), uses: undefined }]]);
    noteServedSubnets({ dhcp }, device, look as Look);
    return dhcp.get('a');
  };
  const differing = (...differences: [string, Difference['verdict']][]) =>
    ({
      verdict: 'Drifted',
      differences: differences.map(([path, verdict]) => ({ path: path.split(' > '), verdict })),
    }) as unknown as Look['outcome'];

  it('is the most telling verdict by family and id, whatever stands around the subnet', () => {
    const outcome = differing(
      ['Dhcp4 > subnet 10 > pool 192.0.2.1', 'Pending'],
      ['Dhcp4 > subnet 10 > reservation hw-address 02:00:00:00:00:01', 'Drifted'],
      ['Dhcp6 > subnet 10', 'Unadopted'],
      ['Dhcp4 > valid-lifetime', 'Drifted'],
    );
    expect(note({ outcome })?.verdicts).toEqual(
      new Map([
        ['IPv4 10', 'Drifted'],
        ['IPv6 10', 'Unadopted'],
      ]),
    );
  });

  it('is how full they are, or that the server does not count', () => {
    const counted = note({ outcome: differing(), use: { outcome: 'Counted', subnets: [use(4), use(5, { service: 'dhcp6' })] } });
    expect([...(counted?.uses?.keys() ?? [])]).toEqual(['IPv4 10', 'IPv6 10']);
    expect(note({ outcome: differing(), use: { outcome: 'NotKnown', why: 'no hook' } })).toMatchObject({ uses: undefined });
  });

  it('is nothing while the device is Unknown', () =>
    expect(note({ outcome: { device: 'a', verdict: 'Unknown' } as unknown as Look['outcome'] })).toBeUndefined());
});
