import { describe, expect, it } from 'vitest';
import { type NetBoxChange, setValues } from '../../../test/builders/netbox-objects.ts';
import { stateOf } from '../../../test/builders/state.ts';
import type { FactValue, NetBoxFacts, NetBoxObject, ToldSides } from '../../api/index.ts';
import { planRecord } from '../record/plan.ts';
import { assertionsOf } from './assertions.ts';
import { compareRecord } from './compare.ts';

const yaml = `
kind: Device
name: edge1
labels: {site: fra, location: hall, rack: R7, role: edge}
spec:
  platform: frr
  lifecycle: Maintenance
  management: {address: 10.255.0.1, hostKeys: ['SHA256:0NCNJe2odk+Qg25vtrml/Em2rYRXPch9cqgiE0hg8Zk']}
  credentials: {observe: {name: routers}}
  assetTag: A-17
  interfaces:
    - name: eth0
      addresses: [192.0.2.1/31]
      inventory: {type: 10gbase-x-sfpp, mac: 02-00-00-00-00-01, dnsName: eth0.edge1.example.net., lag: bond0}
    - {name: eth1, vrf: CUST, addresses: [10.0.0.1/24], inventory: {vlan: 10, taggedVlans: [30, 20]}}
    - {name: eth2, inventory: {vlan: 10}}
  bgp: {asn: 64500, routerId: 10.0.0.1}
  vrfs: [{name: CUST, bgp: {asn: 65000}}]
---
kind: BGPSession
name: transit
spec:
  type: External
  relationship: Transit
  families: [ipv4-unicast]
  ends:
    - {device: edge1, interface: eth0, families: {ipv4-unicast: {unfiltered: true}}}
    - {external: {name: transit, asn: 64501, address: 192.0.2.0}}
---
kind: BGPSession
name: customer
spec:
  type: External
  relationship: Customer
  families: [ipv4-unicast]
  ends:
    - {device: edge1, vrf: CUST, interface: eth1, families: {ipv4-unicast: {unfiltered: true}}}
    - {external: {name: customer, asn: 65001, address: 10.0.0.2}}
---
kind: DHCPSubnet
name: users
labels: {site: fra, role: users, vrf: CUST, vlan: '10'}
spec: {family: IPv4, id: 7, prefix: 10.9.0.0/24, servedBy: [edge1], pools: [{range: 10.9.0.10-10.9.0.99}]}
`;
const state = stateOf(yaml);
const lines = ['10.0.0.2 AS65001 vrf CUST', '192.0.2.0 AS64501'];

/** A NetBox that says exactly what Git says, with the plugin netbox-bgp and the custom field of sessions. */
function netbox(change: NetBoxChange = () => undefined): NetBoxFacts {
  let id = 0;
  const object = (key: string, values: Record<string, FactValue>): NetBoxObject => ({ id: ++id, key, values, updated: null });
  const port = (name: string, more: Record<string, FactValue>) =>
    object(`fra > edge1 > ${name}`, { device: 'fra > edge1', name, enabled: true, mode: null, taggedVlans: [], ...more });
  const session = (local: string, remote: string, localAs: string, remoteAs: string) =>
    object(`fra > edge1 > ${local} > ${remote}`, {
      device: 'fra > edge1',
      localAddress: local,
      remoteAddress: remote,
      localAs,
      remoteAs,
      status: 'active',
    });
  const place = { site: 'fra', location: 'fra > hall', rack: 'fra > hall > R7', role: 'edge', platform: 'frr' };
  const address = (text: string, on: string | null, vrf: string | null = null) =>
    object(`${vrf === null ? '' : `${vrf} > `}${text.split('/')[0] ?? ''}`, { address: text, interface: on, vrf, dnsName: null });
  const objects = {
    customField: [object('bgp_sessions', { type: 'longtext', objectTypes: ['dcim.device'] })],
    vrf: [object('65000:1 > CUST', { name: 'CUST', rd: '65000:1' })],
    asn: [64500, 64501, 65000, 65001].map((asn) => object(String(asn), { asn })),
    vlan: [10, 20, 30].map((vid) => object(`fra > ${vid}`, { vid, site: 'fra' })),
    device: [object('fra > edge1', { name: 'edge1', ...place, assetTag: 'A-17', primaryIp4: null, bgpSessions: lines })],
    interface: [
      port('eth0', { type: '10gbase-x-sfpp', mac: '02:00:00:00:00:01', lag: 'fra > edge1 > bond0' }),
      port('eth1', { vrf: '65000:1 > CUST', mode: 'tagged', untaggedVlan: 'fra > 10', taggedVlans: ['fra > 20', 'fra > 30'] }),
      port('eth2', { mode: 'access', untaggedVlan: 'fra > 10' }),
      port('bond0', { type: 'lag' }),
    ],
    ipAddress: [
      {
        ...address('192.0.2.1/31', 'fra > edge1 > eth0'),
        values: { address: '192.0.2.1/31', interface: 'fra > edge1 > eth0', vrf: null, dnsName: 'eth0.edge1.example.net' },
      },
      address('10.0.0.1/24', 'fra > edge1 > eth1', '65000:1 > CUST'),
      address('192.0.2.0/31', null),
      address('10.0.0.2/24', null, '65000:1 > CUST'),
    ],
    prefix: [
      object('65000:1 > CUST > 10.9.0.0/24', {
        prefix: '10.9.0.0/24',
        vrf: '65000:1 > CUST',
        site: 'fra',
        role: 'users',
        vlan: 'fra > 10',
      }),
    ],
    ipRange: [object('x', { start: '10.9.0.10/24', end: '10.9.0.99/24', vrf: '65000:1 > CUST' })],
    bgpSession: [
      session('192.0.2.1', '192.0.2.0', '64500', '64501'),
      session('65000:1 > CUST > 10.0.0.1', '65000:1 > CUST > 10.0.0.2', '65000', '65001'),
    ],
  };
  change(objects);
  return { url: 'https://netbox.example.net', version: '4.7.3', at: '2026-11-22T06:00:00Z', objects };
}

const drop =
  (kind: string, at: number): NetBoxChange =>
  (objects) =>
    void objects[kind]?.splice(at, 1);

function compare(facts: NetBoxFacts, sides?: ToldSides, git = state) {
  const told = new Map(sides ? [['edge1', sides]] : []);
  return compareRecord(assertionsOf(git, told), facts, told);
}
const said = ({ differences }: ReturnType<typeof compare>) =>
  differences.map(({ record, kind, object, field }) => [record, kind, object, ...(field === undefined ? [] : [field])].join(' | '));

it('a NetBox that knows all of it and says the same has no differences', () => {
  expect(said(compare(netbox()))).toEqual([]);
});

it('the AS number that a session shows is that of its group, where the end says none', () => {
  const group = '---\nkind: PeerGroup\nname: shown\nspec: {localAs: {asn: 64599}}\n';
  const git = stateOf(yaml.replace('interface: eth0, families', 'interface: eth0, peerGroup: shown, families') + group);
  const facts = netbox((objects) => {
    objects['asn']?.push({ id: 900, key: '64599', values: { asn: 64599 }, updated: null });
    setValues('bgpSession', 0, { localAs: '64599' })(objects);
  });
  expect(said(compare(facts, undefined, git))).toEqual([]);
});

it.each<{ name: string; change: NetBoxChange; says: string[] }>([
  { name: 'an asset tag', change: setValues('device', 0, { assetTag: 'A-18' }), says: ['Behind | device | edge1 | assetTag'] },
  { name: 'no asset tag', change: setValues('device', 0, { assetTag: null }), says: [] },
  { name: 'a rack', change: setValues('device', 0, { rack: 'fra > hall > R8' }), says: ['Behind | device | edge1 | rack'] },
  { name: 'a type', change: setValues('interface', 0, { type: '1000base-t' }), says: ['Behind | interface | edge1 > eth0 | type'] },
  {
    name: 'a hardware address',
    change: setValues('interface', 0, { mac: '02:00:00:00:00:02' }),
    says: ['Behind | interface | edge1 > eth0 | mac'],
  },
  { name: 'a LAG', change: setValues('interface', 0, { lag: 'fra > edge1 > bond1' }), says: ['Behind | interface | edge1 > eth0 | lag'] },
  {
    name: 'a DNS name',
    change: setValues('ipAddress', 0, { dnsName: 'x.example.net' }),
    says: ['Behind | IP address | edge1 > eth0 > 192.0.2.1/31 | dnsName'],
  },
  { name: 'a VRF of an interface', change: setValues('interface', 1, { vrf: 'BLUE' }), says: ['Behind | interface | edge1 > eth1 | vrf'] },
  {
    name: 'a VRF of an address',
    change: setValues('ipAddress', 1, { vrf: 'BLUE' }),
    says: ['Behind | IP address | edge1 > eth1 > 10.0.0.1/24 | vrf'],
  },
  { name: 'no VRF of an address', change: setValues('ipAddress', 1, { vrf: null }), says: [] },
  {
    name: 'tagged VLANs',
    change: setValues('interface', 1, { taggedVlans: ['fra > 20'] }),
    says: ['Behind | interface | edge1 > eth1 | taggedVlans'],
  },
  {
    name: 'an untagged VLAN',
    change: setValues('interface', 2, { untaggedVlan: 'fra > 20' }),
    says: ['Behind | interface | edge1 > eth2 | untaggedVlan'],
  },
  { name: 'no mode, and so no VLANs', change: setValues('interface', 1, { mode: null, untaggedVlan: null, taggedVlans: [] }), says: [] },
  {
    name: 'another mode',
    change: setValues('interface', 2, { mode: 'tagged', taggedVlans: ['fra > 20'] }),
    says: ['Behind | interface | edge1 > eth2 | mode', 'Behind | interface | edge1 > eth2 | taggedVlans'],
  },
  { name: 'no VRF of that name', change: drop('vrf', 0), says: ['Missing | VRF | CUST'] },
  {
    name: 'two VRFs of that name',
    change: (objects) => void objects['vrf']?.push({ id: 900, key: '65000:2 > CUST', values: { name: 'CUST' }, updated: null }),
    says: [],
  },
  { name: 'no AS number of a VRF', change: drop('asn', 2), says: ['Missing | ASN | 65000'] },
  {
    name: 'a network of another VLAN',
    change: setValues('prefix', 0, { vlan: 'fra > 20' }),
    says: ['Behind | prefix | 10.9.0.0/24 vrf CUST | vlan'],
  },
  {
    name: 'a network of another role',
    change: setValues('prefix', 0, { role: 'guests' }),
    says: ['Behind | prefix | 10.9.0.0/24 vrf CUST | role'],
  },
  {
    name: 'the network in another VRF alone',
    change: setValues('prefix', 0, { vrf: 'BLUE' }),
    says: ['Missing | prefix | 10.9.0.0/24 vrf CUST'],
  },
  {
    name: 'a pool that ends elsewhere',
    change: setValues('ipRange', 0, { end: '10.9.0.120/24' }),
    says: ['Behind | IP range | 10.9.0.10-10.9.0.99 vrf CUST | end'],
  },
  {
    name: 'a pool with another length of subnet',
    change: setValues('ipRange', 0, { start: '10.9.0.10/32', end: '10.9.0.99/32' }),
    says: [],
  },
  { name: 'sessions in another order of lines', change: setValues('device', 0, { bgpSessions: lines }), says: [] },
  { name: 'no session', change: setValues('device', 0, { bgpSessions: [] }), says: ['Behind | device | edge1 | bgpSessions'] },
  {
    name: 'a field of another type with the name of ours',
    change: (objects) =>
      [setValues('customField', 0, { type: 'integer' }), setValues('device', 0, { bgpSessions: [] })].forEach((each) => each(objects)),
    says: [],
  },
  { name: 'no object of a session', change: drop('bgpSession', 0), says: ['Missing | BGP session | edge1 > 192.0.2.0'] },
  {
    name: 'another AS number of a neighbor',
    change: setValues('bgpSession', 1, { remoteAs: '64501' }),
    says: ['Behind | BGP session | edge1 > 10.0.0.2 vrf CUST | remoteAs'],
  },
  {
    name: 'a session that is planned',
    change: setValues('bgpSession', 0, { status: 'planned' }),
    says: ['Behind | BGP session | edge1 > 192.0.2.0 | status'],
  },
  { name: 'a session that is down just now', change: setValues('bgpSession', 0, { status: 'failed' }), says: [] },
  { name: 'no address of a neighbor', change: drop('ipAddress', 2), says: ['Missing | IP address | 192.0.2.0'] },
])('says of a NetBox with $name: $says', ({ change, says }) => {
  const changed = netbox(change);
  expect(said(compare(changed))).toEqual(says);
});

describe('a NetBox without plugin and without custom field', () => {
  const bare = netbox((objects) => {
    delete objects['bgpSession'];
    objects['customField'] = [];
    objects['asn'] = (objects['asn'] ?? []).filter(({ key }) => key !== '64501' && key !== '65001');
    objects['ipAddress'] = (objects['ipAddress'] ?? []).filter(({ values }) => values['interface'] !== null);
    setValues('device', 0, { bgpSessions: null })(objects);
  });

  it('is asked for no session, no neighbor and no AS number of others', () => expect(said(compare(bare))).toEqual([]));

  it('gets no write that it would not understand', () => {
    const { changes, left } = planRecord(compare(bare), bare, { remove: true, allowRemovals: false });
    expect([changes, left]).toEqual([[], []]);
  });
});

describe('sessions beside the device', () => {
  const sides = (live: readonly string[], baseline = lines): ToldSides => ({ live: { sessions: live }, baseline: { sessions: baseline } });
  const other = ['10.0.0.2 AS65001 vrf CUST', '192.0.2.0 AS64999'];
  it.each<{ name: string; recorded: readonly string[]; told: ToldSides; says: string[] }>([
    { name: 'NetBox alone is wrong', recorded: other, told: sides(lines), says: ['Behind | device | edge1 | bgpSessions'] },
    { name: 'somebody changed the device and NetBox', recorded: other, told: sides(other), says: ['Ahead | device | edge1 | bgpSessions'] },
    { name: 'a merge is not rolled out', recorded: other, told: sides(other, other), says: [] },
    { name: 'three words', recorded: other, told: sides([]), says: ['Conflict | device | edge1 | bgpSessions'] },
    {
      name: 'the device was not read',
      recorded: other,
      told: { ...sides([]), unread: true },
      says: ['Unknown | device | edge1 | bgpSessions'],
    },
  ])('$name', ({ recorded, told, says }) =>
    expect(
      said(compare(netbox(setValues('device', 0, { bgpSessions: recorded })), told)).filter((line) => !line.includes('BGP session |')),
    ).toEqual(says),
  );

  it('as objects are judged by the AS number that the device tells', () => {
    const told = sides(other);
    const facts = netbox(setValues('bgpSession', 0, { remoteAs: '64999' }));
    expect(said(compare(facts, told))).toEqual(['Ahead | BGP session | edge1 > 192.0.2.0 | remoteAs']);
  });
});

describe('what is written', () => {
  const planOf = (change: NetBoxChange) => {
    const facts = netbox(change);
    const { changes, left } = planRecord(compare(facts), facts, { remove: false, allowRemovals: false });
    return {
      left,
      changes: changes.map(({ do: what, kind, name, fields }) =>
        [what, kind, name, ...fields.map(({ field, to }) => `${field}=${String(to)}`)].join(' '),
      ),
    };
  };

  it('names the VLAN of the site, where another site has one of that number', () => {
    const elsewhere: NetBoxChange = (objects) =>
      void objects['vlan']?.push({ id: 901, key: 'lon > 20', values: { vid: 20, site: 'lon' }, updated: null });
    const { changes, left } = planOf((objects) =>
      [elsewhere, setValues('interface', 1, { taggedVlans: [] })].forEach((each) => each(objects)),
    );
    expect([changes, left]).toEqual([['change interface edge1 > eth1 taggedVlans=30,fra > 20'], []]);
  });

  it('takes the tagged VLANs away with the mode that had them', () => {
    const { changes } = planOf(setValues('interface', 2, { mode: 'tagged', taggedVlans: ['fra > 20'] }));
    expect(changes).toEqual(['change interface edge1 > eth2 mode=access taggedVlans=']);
  });

  it('makes a VRF before what is in it, and a session after its addresses and AS numbers', () => {
    const { changes, left } = planOf((objects) => {
      objects['rir'] = [{ id: 902, key: 'private', values: { slug: 'private' }, updated: null }];
      for (const kind of ['vrf', 'ipAddress', 'asn', 'bgpSession']) objects[kind] = [];
    });
    expect(left).toEqual([]);
    const kinds = changes.filter((each) => !each.includes('plumbline')).map((each) => each.split(' ').slice(0, 2).join(' '));
    expect([...new Set(kinds)]).toEqual(['make vrf', 'make asn', 'make ipAddress', 'make bgpSession']);
    expect(changes).toContain(
      'make ipAddress edge1 > eth1 > 10.0.0.1/24 status=active address=10.0.0.1/24 interface=edge1 > eth1 vrf=CUST',
    );
    expect(changes).toContain('make ipAddress 192.0.2.0 address=192.0.2.0/31 status=active');
  });

  it('says which of two VRFs of a name it cannot tell apart', () => {
    const { left } = planOf((objects) => {
      objects['vrf']?.push({ id: 903, key: '65000:2 > CUST', values: { name: 'CUST' }, updated: null });
      setValues('interface', 1, { vrf: 'BLUE' })(objects);
    });
    expect(left).toEqual([{ name: 'edge1 > eth1: vrf', why: 'NetBox has 2 times a VRF CUST, and Git does not say which' }]);
  });
});
