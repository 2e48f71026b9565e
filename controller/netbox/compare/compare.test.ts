import { describe, expect, it } from 'vitest';
import { stateOf } from '../../../test/builders/state.ts';
import type { NetBoxFacts, NetBoxObject, ToldInterface, ToldSides } from '../../api/index.ts';
import { assertionsOf } from './assertions.ts';
import { compareRecord } from './compare.ts';

const edge = `
kind: Device
name: edge1-fra
labels: {site: fra, role: edge}
spec:
  platform: frr
  management: {address: 10.255.0.1, hostKeys: ['SHA256:0NCNJe2odk+Qg25vtrml/Em2rYRXPch9cqgiE0hg8Zk']}
  credentials: {observe: {name: routers}}
  interfaces:
    - {name: eth0, description: to core, mtu: 9000, addresses: [192.0.2.1/31, '2001:db8::1/64']}
  bgp: {asn: 64500, routerId: 10.0.0.1}
`;

type Change = (objects: Record<string, NetBoxObject[]>) => void;

/** A NetBox that says exactly what Git says, until it is changed. */
function netbox(change: Change = () => undefined): NetBoxFacts {
  const object = (id: number, key: string, values: NetBoxObject['values']): NetBoxObject => ({ id, key, values, updated: null });
  const port = 'fra > edge1-fra > eth0';
  const objects: Record<string, NetBoxObject[]> = {
    device: [
      object(1, 'fra > edge1-fra', {
        name: 'edge1-fra',
        site: 'fra',
        role: 'network > edge',
        status: 'active',
        platform: 'frrouting > frr',
        primaryIp4: '10.255.0.1',
        oobIp: null,
      }),
    ],
    interface: [object(2, port, { device: 'fra > edge1-fra', name: 'eth0', enabled: true, mtu: 9000, description: 'to core' })],
    ipAddress: [
      object(3, '192.0.2.1', { address: '192.0.2.1/31', vrf: null, role: null, interface: port }),
      object(4, '2001:db8::1', { address: '2001:db8::1/64', vrf: null, role: null, interface: port }),
    ],
    asn: [object(5, '64500', { asn: 64500, rir: 'private' })],
  };
  change(objects);
  return { url: 'https://netbox.example.net', version: '4.7.3', at: '2026-11-21T12:00:00.000Z', objects };
}

function set(kind: string, field: string, value: NetBoxObject['values'][string], at = 0): Change {
  return (objects) => {
    const list = objects[kind] ?? [];
    const row = list[at];
    if (row) list[at] = { ...row, values: { ...row.values, [field]: value } };
  };
}

const asGit: ToldSides['live'] = {
  asn: 64500,
  interfaces: { eth0: { description: 'to core', enabled: true, addresses: ['192.0.2.1/31', '2001:db8::1/64'] } },
};
const held = (eth0: Partial<ToldInterface>): ToldSides['live'] => ({
  ...asGit,
  interfaces: { eth0: { description: 'to core', enabled: true, addresses: ['192.0.2.1/31', '2001:db8::1/64'], ...eth0 } },
});

function compare(facts: NetBoxFacts, sides?: ToldSides, text = edge) {
  const told = new Map(sides ? [['edge1-fra', sides]] : []);
  return compareRecord(assertionsOf(stateOf(text), told), facts, told);
}

const shown = ({ differences }: ReturnType<typeof compare>) =>
  differences.map(
    ({ record, object, field, next }) =>
      `${record} ${object}${field === undefined ? '' : ` ${field}`}${next.command === undefined ? '' : `: ${next.command}`}`,
  );

describe('a NetBox that says what Git says', () => {
  it('has no differences, and each field was looked at', () => {
    const compared = compare(netbox(), { live: asGit, baseline: asGit });
    expect(shown(compared)).toEqual([]);
    expect(compared.compared).toBe(17);
  });

  it.each<{ name: string; change: Change }>([
    {
      name: 'a serial number, an MTU, a description that NetBox does not assert',
      change: (objects) =>
        [set('interface', 'mtu', null), set('interface', 'description', null), set('device', 'primaryIp4', null)].forEach((each) =>
          each(objects),
        ),
    },
    {
      name: 'more than Git says: other devices, other interfaces',
      change: (objects) =>
        void objects['interface']?.push({ id: 90, key: 'fra > edge1-fra > eth9', values: { name: 'eth9', enabled: false }, updated: null }),
    },
    {
      name: 'the same address in a VRF of somebody else',
      change: (objects) =>
        void objects['ipAddress']?.push({
          id: 91,
          key: 'CUST > 192.0.2.1',
          values: { address: '192.0.2.1/24', vrf: 'CUST', role: null, interface: null },
          updated: null,
        }),
    },
    {
      name: 'its addresses in a VRF',
      change: (objects) => [set('ipAddress', 'vrf', 'GLOBAL', 0), set('ipAddress', 'vrf', 'GLOBAL', 1)].forEach((each) => each(objects)),
    },
    {
      name: 'the address that we reach it by as out of band',
      change: (objects) =>
        [set('device', 'primaryIp4', '192.0.2.1'), set('device', 'oobIp', 'MGMT > 10.255.0.1')].forEach((each) => each(objects)),
    },
    {
      name: 'a link-local address beside ours',
      change: (objects) =>
        void objects['ipAddress']?.push({
          id: 92,
          key: 'fe80::1',
          values: { address: 'fe80::1/64', vrf: null, role: null, interface: 'fra > edge1-fra > eth0' },
          updated: null,
        }),
    },
    { name: 'its name in capitals', change: set('device', 'name', 'EDGE1-FRA') },
    {
      name: 'the same name at another site as well',
      change: (objects) =>
        void objects['device']?.push({
          id: 93,
          key: 'lon > edge1-fra',
          values: { name: 'edge1-fra', site: 'lon', status: 'offline' },
          updated: null,
        }),
    },
  ])('may also say: $name', ({ change }) => expect(shown(compare(netbox(change), { live: asGit, baseline: asGit }))).toEqual([]));
});

describe('who is wrong', () => {
  const both = { live: asGit, baseline: asGit };
  const before = {
    ...asGit,
    interfaces: {
      eth0: { description: 'to core', enabled: true, addresses: ['2001:db8::1/64'] },
      eth1: { description: null, enabled: true, addresses: ['192.0.2.1/31'] },
    },
  };
  const moving = { live: before, baseline: before };
  it.each<{ name: string; change: Change; sides?: ToldSides; says: string[] }>([
    {
      name: 'NetBox is behind Git and the device',
      change: set('interface', 'description', 'old'),
      sides: both,
      says: ['Behind edge1-fra > eth0 description: plumb netbox record edge1-fra'],
    },
    {
      name: 'NetBox is behind what the device cannot tell',
      change: set('device', 'status', 'staged'),
      sides: both,
      says: ['Behind edge1-fra status: plumb netbox record edge1-fra'],
    },
    {
      name: 'a platform of another name is another one',
      change: set('device', 'platform', 'frrouting > frr-8'),
      sides: both,
      says: ['Behind edge1-fra platform: plumb netbox record edge1-fra'],
    },
    {
      name: 'an address is on another interface',
      change: set('ipAddress', 'interface', 'fra > edge1-fra > eth9'),
      sides: both,
      says: ['Behind edge1-fra > eth0 > 192.0.2.1/31 interface: plumb netbox record edge1-fra'],
    },
    {
      name: 'an address has another length',
      change: set('ipAddress', 'address', '192.0.2.1/24'),
      sides: both,
      says: ['Behind edge1-fra > eth0 > 192.0.2.1/31 address: plumb netbox record edge1-fra'],
    },
    {
      name: 'the device was changed by hand, and NetBox with it',
      change: set('interface', 'description', 'new'),
      sides: { live: held({ description: 'new' }), baseline: asGit },
      says: ['Ahead edge1-fra > eth0 description: plumb why edge1-fra'],
    },
    {
      name: 'a merge is not rolled out, and NetBox says what the device has',
      change: set('interface', 'description', 'before'),
      sides: { live: held({ description: 'before' }), baseline: held({ description: 'before' }) },
      says: [],
    },
    {
      name: 'three words',
      change: set('interface', 'description', 'new'),
      sides: { live: held({ description: null }), baseline: asGit },
      says: ['Conflict edge1-fra > eth0 description: plumb why edge1-fra'],
    },
    {
      name: 'the device was not read',
      change: set('interface', 'description', 'old'),
      sides: { live: asGit, unread: true, baseline: asGit },
      says: ['Unknown edge1-fra > eth0 description: plumb drift edge1-fra'],
    },
    {
      name: 'the device was not read, and its platform would not tell',
      change: set('interface', 'description', 'old'),
      sides: { live: { asn: 64500 }, unread: true },
      says: ['Behind edge1-fra > eth0 description: plumb netbox record edge1-fra'],
    },
    {
      name: 'NetBox has the address on another device, and this one does not tell',
      change: set('ipAddress', 'interface', 'fra > edge2-fra > eth0'),
      says: ['Conflict edge1-fra > eth0 > 192.0.2.1/31 interface'],
    },
    {
      name: 'NetBox has the address on another device, and this one holds it',
      change: set('ipAddress', 'interface', 'fra > edge2-fra > eth0'),
      sides: both,
      says: ['Behind edge1-fra > eth0 > 192.0.2.1/31 interface: plumb netbox record edge1-fra'],
    },
    {
      name: 'an address moves to another interface of the device, which is not rolled out yet',
      change: set('ipAddress', 'interface', 'fra > edge1-fra > eth1'),
      sides: moving,
      says: [],
    },
    {
      name: 'the device was never adopted',
      change: set('interface', 'enabled', false),
      sides: { live: held({ enabled: false }) },
      says: ['Unknown edge1-fra > eth0 enabled: plumb adopt edge1-fra'],
    },
    {
      name: 'an AS number is missing',
      change: (objects) => void (objects['asn'] = []),
      says: ['Missing 64500: plumb netbox record edge1-fra'],
    },
    {
      name: 'an address is missing',
      change: (objects) => void objects['ipAddress']?.pop(),
      sides: both,
      says: ['Missing edge1-fra > eth0 > 2001:db8::1/64: plumb netbox record edge1-fra'],
    },
    {
      name: 'NetBox holds an address twice',
      change: (objects) =>
        void objects['ipAddress']?.push({
          id: 77,
          key: '192.0.2.1',
          values: { address: '192.0.2.1/31', vrf: null, role: null, interface: 'fra > edge1-fra > eth0' },
          updated: null,
        }),
      sides: both,
      says: ['Conflict edge1-fra > eth0 > 192.0.2.1/31'],
    },
    {
      name: 'an address is recorded that neither Git nor the device has',
      change: (objects) =>
        void objects['ipAddress']?.push({
          id: 78,
          key: '192.0.2.9',
          values: { address: '192.0.2.9/31', vrf: null, role: null, interface: 'fra > edge1-fra > eth0' },
          updated: null,
        }),
      sides: both,
      says: ['Behind edge1-fra > eth0 > 192.0.2.9/31'],
    },
    {
      name: 'and one that we made ourselves',
      change: (objects) =>
        void objects['ipAddress']?.push({
          id: 78,
          key: '192.0.2.9',
          values: { address: '192.0.2.9/31', vrf: null, role: null, interface: 'fra > edge1-fra > eth0' },
          updated: null,
          plumblineId: 'Device/edge1-fra/interfaces/eth0/192.0.2.9',
        }),
      sides: both,
      says: ['Behind edge1-fra > eth0 > 192.0.2.9/31: plumb netbox record edge1-fra --delete'],
    },
    {
      name: 'an address that somebody put on the device and into NetBox',
      change: (objects) =>
        void objects['ipAddress']?.push({
          id: 78,
          key: '192.0.2.9',
          values: { address: '192.0.2.9/31', vrf: null, role: null, interface: 'fra > edge1-fra > eth0' },
          updated: null,
        }),
      sides: { live: held({ addresses: ['192.0.2.1/31', '2001:db8::1/64', '192.0.2.9/31'] }), baseline: asGit },
      says: ['Ahead edge1-fra > eth0 > 192.0.2.9/31: plumb why edge1-fra'],
    },
  ])('$name', ({ change, sides, says }) => expect(shown(compare(netbox(change), sides))).toEqual(says));

  it('tells of a device that is missing, and of all that would stand on it', () => {
    const empty = netbox((objects) => Object.assign(objects, { device: [], interface: [], ipAddress: [] }));
    expect(compare(empty).differences.map(({ record, object, next }) => [record, object, next.words])).toEqual([
      [
        'Missing',
        'edge1-fra',
        'Make it in NetBox; or let Git say what it takes to make it: labels site, role and device-type with slugs of NetBox',
      ],
      ['Missing', 'edge1-fra > eth0', 'Let it be made in NetBox'],
      ['Missing', 'edge1-fra > eth0 > 192.0.2.1/31', 'Let it be made in NetBox'],
      ['Missing', 'edge1-fra > eth0 > 2001:db8::1/64', 'Let it be made in NetBox'],
    ]);
  });

  it.each([
    ['Planned', 'staged', 0],
    ['Planned', 'active', 1],
    ['Maintenance', 'failed', 0],
    ['Decommissioning', 'offline', 0],
    ['Active', 'offline', 1],
  ])('a device that is %s may be recorded as %s: %i differences', (lifecycle, status, count) => {
    const text = edge.replace('platform: frr', `platform: frr\n  lifecycle: ${lifecycle}`);
    expect(compare(netbox(set('device', 'status', status)), undefined, text).differences).toHaveLength(count);
  });

  it('never asks a planned device for what it says', () => {
    const text = edge.replace('platform: frr', 'platform: frr\n  lifecycle: Planned');
    const change: Change = (objects) =>
      [set('device', 'status', 'planned'), set('interface', 'description', 'old')].forEach((each) => each(objects));
    expect(shown(compare(netbox(change), { live: asGit, unread: true }, text))).toEqual([
      'Behind edge1-fra > eth0 description: plumb netbox record edge1-fra',
    ]);
  });

  it('asserts no primary address of a device that is reached by a tunnel on our own machine', () => {
    const primaryBy = (address: string) => {
      const state = stateOf(edge.replace(/management: \{address: [^,}]+/, `management: {address: ${address}`));
      const { fields = {} } = assertionsOf(state, new Map()).find(({ kind }) => kind === 'device') ?? {};
      return Object.keys(fields).filter((name) => name.startsWith('primaryIp'));
    };
    expect(primaryBy('192.0.2.9')).toEqual(['primaryIp4']);
    for (const address of ['127.0.0.1', "'::1'"]) expect(primaryBy(address)).toEqual([]);
  });

  it('knows the place in Git of each difference', () => {
    expect(compare(netbox(set('interface', 'mtu', 1500))).differences).toMatchObject([
      { field: 'mtu', desired: 9000, recorded: 1500, source: { file: 'state.yaml', line: 10 } },
    ]);
  });
});

describe('subnets of DHCP servers', () => {
  const subnet = `
kind: DHCPSubnet
name: users
spec:
  family: IPv4
  id: 7
  prefix: 198.51.100.0/24
  servedBy: [dhcp1]
  pools: [{range: 198.51.100.10-198.51.100.99}, {range: 198.51.100.128/25}]
`;
  it('are a prefix, and a range for each pool', () => {
    const { differences } = compareRecord(assertionsOf(stateOf(subnet), new Map()), netbox(), new Map());
    expect(differences.map(({ record, kind, object }) => [record, kind, object])).toEqual([
      ['Missing', 'prefix', '198.51.100.0/24'],
      ['Missing', 'IP range', '198.51.100.10-198.51.100.99'],
      ['Missing', 'IP range', '198.51.100.128-198.51.100.255'],
    ]);
  });

  it('are found whatever length and form NetBox gives them', () => {
    const facts = netbox((objects) => {
      objects['prefix'] = [{ id: 1, key: 'x', values: { prefix: '198.51.100.0/24', vrf: 'USERS' }, updated: null }];
      objects['ipRange'] = [
        { id: 2, key: 'x', values: { start: '198.51.100.10/24', end: '198.51.100.99/24', vrf: null }, updated: null },
        { id: 3, key: 'x', values: { start: '198.51.100.128/25', end: '198.51.100.255/25', vrf: null }, updated: null },
      ];
    });
    expect(compareRecord(assertionsOf(stateOf(subnet), new Map()), facts, new Map()).differences).toEqual([]);
  });
});
