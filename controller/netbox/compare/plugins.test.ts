import { describe, expect, it } from 'vitest';
import { externalSession as session } from '../../../test/builders/external-session.ts';
import { type NetBoxChange, type NetBoxObjects, setValues } from '../../../test/builders/netbox-objects.ts';
import { stateOf } from '../../../test/builders/state.ts';
import type { FactValue, NetBoxFacts, NetBoxObject } from '../../api/index.ts';
import { planRecord } from '../record/plan.ts';
import { assertionsOf } from './assertions.ts';
import { compareRecord } from './compare.ts';

const state = stateOf(`
kind: Device
name: edge1
labels: {site: fra}
spec:
  platform: frr
  lifecycle: Planned
  credentials: {observe: {name: routers}}
  interfaces: [{name: eth0, addresses: [192.0.2.1/31]}, {name: eth1, vrf: CUST, addresses: [10.0.0.1/24]}]
  bgp: {asn: 64500}
  vrfs: [{name: CUST, bgp: {asn: 64500}}]
${session('transit', 'interface: eth0', '192.0.2.0', 64501)}${session('customer', 'vrf: CUST, interface: eth1', '10.0.0.2', 65001)}
---
kind: DHCPSubnet
name: users
spec:
  {family: IPv4, id: 7, prefix: 10.9.0.0/24, servedBy: [kea1, kea2], lifetimes: {validSeconds: 3600}, pools: [{range: 10.9.0.10-10.9.0.99}]}
`);

/** A NetBox that says exactly what Git says, with netbox-routing and netbox-plugin-dhcp. Names of its objects are its own. */
function netbox(...changes: NetBoxChange[]): NetBoxFacts {
  let id = 0;
  const object = (key: string, values: Record<string, FactValue>): NetBoxObject => ({ id: ++id, key, values, updated: null });
  const [device, global] = ['fra > edge1', 'fra > edge1 > 64500'];
  const inVrf = `${global} > 65000:1 > CUST`;
  const peer = (scope: string, at: string, source: string, remoteAs: string) =>
    object(`${scope} > ${at}`, { scope, peer: at, source, remoteAs, name: 'any', enabled: true, status: 'active' });
  const objects: NetBoxObjects = {
    vrf: [object('65000:1 > CUST', { name: 'CUST', rd: '65000:1' })],
    rir: [object('private', { slug: 'private' })],
    asn: [64500, 64501, 65001].map((asn) => object(String(asn), { asn })),
    device: [object(device, { name: 'edge1', site: 'fra', platform: 'frr' })],
    interface: ['eth0', 'eth1'].map((name) => object(`${device} > ${name}`, { device, name, enabled: true, vrf: null })),
    ipAddress: [
      object('192.0.2.1', { address: '192.0.2.1/31', interface: `${device} > eth0`, vrf: null }),
      object('192.0.2.0', { address: '192.0.2.0/31', interface: null, vrf: null }),
      object('65000:1 > CUST > 10.0.0.1', { address: '10.0.0.1/24', interface: `${device} > eth1`, vrf: '65000:1 > CUST' }),
      object('65000:1 > CUST > 10.0.0.2', { address: '10.0.0.2/24', interface: null, vrf: '65000:1 > CUST' }),
    ],
    bgpRouter: [object(global, { device, asn: '64500', name: null })],
    bgpScope: [object(global, { router: global, vrf: null }), object(inVrf, { router: global, vrf: '65000:1 > CUST' })],
    bgpPeer: [
      peer(global, '192.0.2.0', '192.0.2.1', '64501'),
      peer(inVrf, '65000:1 > CUST > 10.0.0.2', '65000:1 > CUST > 10.0.0.1', '65001'),
    ],
    prefix: [object('10.9.0.0/24', { prefix: '10.9.0.0/24', vrf: null })],
    ipRange: [object('10.9.0.10 > 10.9.0.99', { start: '10.9.0.10/24', end: '10.9.0.99/24', vrf: null })],
    dhcpServer: [object('dhcp-a > fra > kea1', { name: 'dhcp-a', device: 'fra > kea1' })],
    dhcpSubnet: [
      object('office', { name: 'office', prefix: '10.9.0.0/24', subnetId: 7, server: 'dhcp-a > fra > kea1', valid: 3600, renew: null }),
    ],
    dhcpPool: [object('office 1', { name: 'office 1', subnet: 'office', range: '10.9.0.10 > 10.9.0.99' })],
  };
  for (const change of changes) change(objects);
  return { url: 'https://netbox.example.net', version: '4.7.3', at: '2026-11-22T06:00:00Z', objects };
}

const empty =
  (...names: string[]): NetBoxChange =>
  (objects) => {
    for (const kind of names) objects[kind] = [];
  };
const without =
  (...names: string[]): NetBoxChange =>
  (objects) => {
    for (const kind of names) delete objects[kind];
  };
const routing = ['bgpRouter', 'bgpScope', 'bgpPeer'];
const dhcp = ['dhcpServer', 'dhcpSubnet', 'dhcpPool'];

const compare = (facts: NetBoxFacts) => compareRecord(assertionsOf(state, new Map()), facts, new Map());
const said = (facts: NetBoxFacts) =>
  compare(facts).differences.map(({ record, kind, object, field }) =>
    [record, kind, object, ...(field === undefined ? [] : [field])].join(' | '),
  );
const planOf = (...changes: NetBoxChange[]) => {
  const facts = netbox(...changes);
  const plan = planRecord(compare(facts), facts, { remove: false, allowRemovals: false });
  const words = plan.changes.map(({ do: what, kind, name, fields }) =>
    [what, kind, name, ...fields.map(({ field, to }) => `${field}=${String(to)}`)].join(' '),
  );
  return { changes: words.filter((each) => !each.includes('plumbline')), left: plan.left };
};

it('a NetBox that says the same in its own words has no differences', () => expect(said(netbox())).toEqual([]));

describe.each([
  { name: 'netbox-routing', lists: routing },
  { name: 'netbox-plugin-dhcp', lists: dhcp },
])('a NetBox without $name', ({ lists }) => {
  it('is asked for none of it, and gets none', () => {
    expect(said(netbox(without(...lists)))).toEqual([]);
    expect(planOf(without(...lists))).toEqual({ changes: [], left: [] });
  });
});

it.each<{ name: string; change: NetBoxChange; says: string[] }>([
  {
    name: 'another AS number of a neighbor',
    change: setValues('bgpPeer', 0, { remoteAs: '64999' }),
    says: ['Behind | BGP peer | edge1 > 192.0.2.0 | remoteAs'],
  },
  {
    name: 'a neighbor that is shut down there',
    change: setValues('bgpPeer', 1, { enabled: false }),
    says: ['Behind | BGP peer | edge1 > 10.0.0.2 vrf CUST | enabled'],
  },
  {
    name: 'a neighbor of which it says nothing more',
    change: setValues('bgpPeer', 0, { enabled: null, status: null, source: null }),
    says: [],
  },
  {
    name: 'the neighbor in the wrong VRF',
    change: setValues('bgpPeer', 1, { scope: 'fra > edge1 > 64500' }),
    says: ['Missing | BGP peer | edge1 > 10.0.0.2 vrf CUST'],
  },
  {
    name: 'a router of another AS number',
    change: setValues('bgpRouter', 0, { asn: '64999' }),
    says: [
      'Missing | BGP router | edge1 > AS64500',
      'Missing | BGP scope | edge1 > AS64500 > global',
      'Missing | BGP scope | edge1 > AS64500 > vrf CUST',
    ],
  },
  {
    name: 'a router of another device',
    change: setValues('bgpRouter', 0, { device: 'fra > edge2' }),
    says: [
      'Missing | BGP router | edge1 > AS64500',
      'Missing | BGP scope | edge1 > AS64500 > global',
      'Missing | BGP peer | edge1 > 192.0.2.0',
      'Missing | BGP scope | edge1 > AS64500 > vrf CUST',
      'Missing | BGP peer | edge1 > 10.0.0.2 vrf CUST',
    ],
  },
  {
    name: 'another id of a subnet',
    change: setValues('dhcpSubnet', 0, { subnetId: 8 }),
    says: ['Behind | DHCP subnet | users | subnetId'],
  },
  { name: 'another lifetime', change: setValues('dhcpSubnet', 0, { valid: 60 }), says: ['Behind | DHCP subnet | users | valid'] },
  { name: 'no lifetime', change: setValues('dhcpSubnet', 0, { valid: null }), says: [] },
  { name: 'the other server of the pair', change: setValues('dhcpSubnet', 0, { server: 'dhcp-b > fra > kea2' }), says: [] },
  {
    name: 'a server of somebody else',
    change: setValues('dhcpSubnet', 0, { server: 'dhcp-c > fra > kea3' }),
    says: ['Behind | DHCP subnet | users | server'],
  },
  { name: 'a subnet of a shared network', change: setValues('dhcpSubnet', 0, { server: null }), says: [] },
  { name: 'no pool', change: empty('dhcpPool'), says: ['Missing | DHCP pool | users 10.9.0.10-10.9.0.99'] },
  {
    name: 'a subnet twice',
    change: (objects) => objects['dhcpSubnet']?.push(...(objects['dhcpSubnet'] ?? [])),
    says: ['Conflict | DHCP subnet | users'],
  },
])('says of a NetBox with $name: $says', ({ change, says }) => expect(said(netbox(change))).toEqual(says));

describe('what is written', () => {
  it('is the scope before the neighbor in it, with our address as its source', () => {
    expect(planOf(empty('bgpScope', 'bgpPeer'))).toEqual({
      changes: [
        'make bgpScope edge1 > AS64500 > global router=edge1 > AS64500',
        'make bgpScope edge1 > AS64500 > vrf CUST router=edge1 > AS64500 vrf=CUST',
        'make bgpPeer edge1 > 192.0.2.0 scope=edge1 > AS64500 > global peer=192.0.2.0 name=transit source=192.0.2.1 remoteAs=64501 enabled=true status=active',
        'make bgpPeer edge1 > 10.0.0.2 vrf CUST scope=edge1 > AS64500 > vrf CUST peer=10.0.0.2 name=customer source=10.0.0.1 remoteAs=65001 enabled=true status=active',
      ],
      left: [],
    });
  });

  it('is nothing below a router that a person has to make, and that is said', () => {
    const { changes, left } = planOf(empty(...routing));
    expect(changes).toEqual([]);
    expect(left[0]).toEqual({ name: 'edge1 > AS64500', why: expect.stringContaining('a BGP router of netbox-routing') });
    expect(left.map(({ name }) => name)).toContain('edge1 > AS64500 > global: router');
  });

  it('is a subnet on its prefix and server, then a pool on its range', () => {
    expect(planOf(empty('prefix', 'ipRange', 'dhcpSubnet', 'dhcpPool'))).toEqual({
      changes: [
        'make prefix 10.9.0.0/24 prefix=10.9.0.0/24 status=active',
        'make ipRange 10.9.0.10-10.9.0.99 start=10.9.0.10/24 status=active end=10.9.0.99/24',
        'make dhcpSubnet users name=users prefix=10.9.0.0/24 subnetId=7 server=kea1 valid=3600',
        'make dhcpPool users 10.9.0.10-10.9.0.99 name=users 10.9.0.10-10.9.0.99 subnet=users range=10.9.0.10-10.9.0.99',
      ],
      left: [],
    });
  });

  it('is no subnet without its server', () => {
    const { changes, left } = planOf(empty(...dhcp));
    expect(changes).toEqual([]);
    expect(left[0]).toEqual({ name: 'users: server', why: 'NetBox has no DHCP server kea1' });
  });
});
