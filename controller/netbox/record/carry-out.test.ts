import { afterEach, beforeEach, expect, it } from 'vitest';
import { stateOf } from '../../../test/builders/state.ts';
import { type FakeNetBox, startFakeNetBox } from '../../../test/netbox/fake.ts';
import { Secret, systemClock } from '../../lib/index.ts';
import { type NetBox, openNetBox } from '../client.ts';
import { compareWithNetBox } from '../compare/report.ts';
import { carryOut } from './carry-out.ts';
import { planRecord } from './plan.ts';

let fake: FakeNetBox;
beforeEach(async () => void (fake = await startFakeNetBox()));
afterEach(() => fake.close());

/** Reads NetBox, plans what it lacks, and writes it. */
async function writeAll(netbox: NetBox, state: ReturnType<typeof stateOf>) {
  const facts = await netbox.readFacts();
  const found = compareWithNetBox({ state, facts, told: new Map() });
  const plan = planRecord(found, facts, { remove: false, allowRemovals: false });
  return { plan, outcomes: await carryOut(netbox, { plan, matched: found.matched, facts, revision: 'main@sha1:1' }) };
}

it('says what was written when somebody ends the work, and sends nothing more', async () => {
  const site = fake.insert('dcim/sites', { name: 'fra', slug: 'fra', status: 'active' });
  fake.insert('dcim/devices', { name: 'r1', site, status: 'active', device_type: null, role: null, platform: null });
  const ports = Array.from({ length: 25 }, (_, i) => `    - {name: eth${i}}`);
  const state = stateOf(
    `kind: Device\nname: r1\nlabels: {site: fra}\nspec:\n  platform: frr\n  lifecycle: Planned\n  credentials: {observe: {name: x}}\n  interfaces:\n${ports.join('\n')}`,
  );
  const netbox = await openNetBox({ url: fake.url, token: new Secret(fake.token), clock: systemClock });
  const facts = await netbox.readFacts();
  const found = compareWithNetBox({ state, facts, told: new Map() });
  const plan = planRecord(found, facts, { remove: false, allowRemovals: false });
  const end = new AbortController();
  // In the middle of a write: it is waited for.
  fake.fault = ({ method, path }) => {
    if (method === 'POST' && path === 'dcim/interfaces') end.abort(new Error('interrupted by SIGINT'));
    return false;
  };
  const outcomes = await carryOut(netbox, { plan, matched: found.matched, facts, revision: 'main@sha1:1', signal: end.signal });
  await netbox.close();
  const done = outcomes
    .filter(({ change: { kind }, result }) => kind === 'interface' && result === 'Done')
    .map(({ change }) => change.name);
  expect(done).toHaveLength(fake.tables.get('dcim/interfaces')?.size ?? 0);
  expect(done.length).toBeGreaterThan(0);
  const failed = outcomes.filter(({ result }) => result === 'Failed');
  expect(failed.length).toBe(plan.changes.length - outcomes.filter(({ result }) => result === 'Done').length);
  expect(new Set(failed.map(({ error }) => error?.code))).toEqual(new Set(['NetBoxInterrupted']));
});

it('makes a neighbor that two devices have once, and both sessions to it', async () => {
  fake.plugins = { netbox_bgp: '0.19.0' };
  const site = fake.insert('dcim/sites', { name: 'fra', slug: 'fra', status: 'active' });
  const rir = fake.insert('ipam/rirs', { name: 'private', slug: 'private' });
  for (const asn of [64500, 64501]) fake.insert('ipam/asns', { asn, rir });
  for (const name of ['e1', 'e2']) fake.insert('dcim/devices', { name, site, device_type: null, role: null, platform: null });
  const edge = (name: string, address: string) => `
kind: Device
name: ${name}
labels: {site: fra}
spec:
  platform: frr
  lifecycle: Planned
  credentials: {observe: {name: x}}
  interfaces: [{name: ixp, addresses: [${address}/24]}]
  bgp: {asn: 64500, routerId: ${address}}
---
kind: BGPSession
name: ${name}-rs
spec:
  type: External
  relationship: Peer
  families: [ipv4-unicast]
  ends:
    - {device: ${name}, interface: ixp, families: {ipv4-unicast: {unfiltered: true}}}
    - {external: {name: rs, asn: 64501, address: 203.0.113.254}}
`;
  const state = stateOf(`${edge('e1', '203.0.113.1')}---${edge('e2', '203.0.113.2')}`);
  const netbox = await openNetBox({ url: fake.url, token: new Secret(fake.token), clock: systemClock });
  try {
    const { plan, outcomes } = await writeAll(netbox, state);
    expect([plan.left, outcomes.flatMap(({ error }) => error?.message ?? [])]).toEqual([[], []]);
    const again = await netbox.readFacts();
    expect(again.objects['ipAddress']?.filter(({ key }) => key === '203.0.113.254')).toHaveLength(1);
    expect(again.objects['bgpSession']?.map(({ key }) => key)).toEqual([
      'fra > e1 > 203.0.113.1 > 203.0.113.254',
      'fra > e2 > 203.0.113.2 > 203.0.113.254',
    ]);
    expect(compareWithNetBox({ state, facts: again, told: new Map() }).differences).toEqual([]);
  } finally {
    await netbox.close();
  }
});

it('sessions of two tables that use the same addresses on both sides name each its own', async () => {
  fake.plugins = { netbox_bgp: '0.20.2' };
  const site = fake.insert('dcim/sites', { name: 'fra', slug: 'fra', status: 'active' });
  const rir = fake.insert('ipam/rirs', { name: 'private', slug: 'private' });
  for (const asn of [64500, 64501]) fake.insert('ipam/asns', { asn, rir });
  const vrf = fake.insert('ipam/vrfs', { name: 'A' });
  const device = fake.insert('dcim/devices', { name: 'pe1', site, device_type: null, role: null, platform: null });
  const ids = [null, vrf].map((each, i) => {
    const port = fake.insert('dcim/interfaces', { device, name: `eth${i}`, enabled: true, vrf: each, type: 'other' });
    const on = { assigned_object_type: 'dcim.interface', assigned_object_id: port };
    const own = fake.insert('ipam/ip-addresses', { address: '10.0.0.1/24', vrf: each, status: 'active', ...on });
    const other = fake.insert('ipam/ip-addresses', { address: '10.0.0.9/24', vrf: each, status: 'active' });
    return [own, other];
  });
  const session = (name: string, end: string) => `
---
kind: BGPSession
name: ${name}
spec:
  type: External
  relationship: Peer
  families: [ipv4-unicast]
  ends:
    - {device: pe1, ${end}, families: {ipv4-unicast: {unfiltered: true}}}
    - {external: {name: x, asn: 64501, address: 10.0.0.9}}`;
  const state = stateOf(`
kind: Device
name: pe1
labels: {site: fra}
spec:
  platform: frr
  lifecycle: Planned
  credentials: {observe: {name: x}}
  interfaces: [{name: eth0, addresses: [10.0.0.1/24]}, {name: eth1, vrf: A, addresses: [10.0.0.1/24]}]
  bgp: {asn: 64500, routerId: 10.0.0.1}
  vrfs: [{name: A, bgp: {asn: 64500, routerId: 10.0.0.1}}]
${session('global', 'interface: eth0')}${session('in-a', 'vrf: A, interface: eth1')}`);
  const netbox = await openNetBox({ url: fake.url, token: new Secret(fake.token), clock: systemClock });
  const { plan, outcomes } = await writeAll(netbox, state);
  await netbox.close();
  expect([plan.left, outcomes.flatMap(({ error }) => error?.message ?? [])]).toEqual([[], []]);
  const made = [...(fake.tables.get('plugins/bgp/session')?.values() ?? [])];
  expect(made.map((row) => [row['local_address'], row['remote_address']])).toEqual(ids);
});

it.each([
  { name: 'the one outside of all VRFs', vrfs: ['A', undefined, 'B'], meant: 1 },
  { name: 'the first that Git lists where all are in VRFs', vrfs: ['B', 'A'], meant: 0 },
])('of an address that a device has in several tables $name becomes its primary one', async ({ vrfs, meant }) => {
  fake.insert('dcim/sites', { name: 'fra', slug: 'fra', status: 'active' });
  fake.insert('dcim/device-roles', { name: 'edge', slug: 'edge', parent: null });
  const manufacturer = fake.insert('dcim/manufacturers', { name: 'maker', slug: 'maker' });
  fake.insert('dcim/device-types', { model: 'box', slug: 'box', manufacturer });
  fake.insert('dcim/platforms', { name: 'frr', slug: 'frr', manufacturer: null });
  const ports = vrfs.map((vrf, i) => `{name: eth${i}, ${vrf === undefined ? '' : `vrf: ${vrf}, `}addresses: [10.0.0.1/24]}`);
  const state = stateOf(`
kind: Device
name: pe1
labels: {site: fra, role: edge, device-type: box}
spec:
  platform: frr
  management: {address: 10.0.0.1, hostKeys: ['SHA256:0NCNJe2odk+Qg25vtrml/Em2rYRXPch9cqgiE0hg8Zk']}
  credentials: {observe: {name: x}}
  interfaces: [${ports.join(', ')}]
  vrfs: [{name: A}, {name: B}]
`);
  const netbox = await openNetBox({ url: fake.url, token: new Secret(fake.token), clock: systemClock });
  const write = async () => {
    const { plan, outcomes } = await writeAll(netbox, state);
    expect([plan.left, outcomes.flatMap(({ error }) => error?.message ?? [])]).toEqual([[], []]);
    return outcomes.length;
  };
  const primary = () => {
    const [device] = fake.tables.get('dcim/devices')?.values() ?? [];
    const address = fake.tables.get('ipam/ip-addresses')?.get(device?.['primary_ip4'] as number);
    return fake.tables.get('dcim/interfaces')?.get(address?.['assigned_object_id'] as number)?.['name'];
  };
  try {
    await write();
    expect(primary()).toBe(`eth${meant}`);
    expect(await write()).toBe(0);
  } finally {
    await netbox.close();
  }
});

it('a subnet is made with its reservations in the custom field of people, beside our own mark', async () => {
  fake.insert('extras/custom-fields', { name: 'dhcp_reservations', type: 'longtext', object_types: ['ipam.prefix'] });
  const state = stateOf(`
kind: DHCPSubnet
name: users
spec: {family: IPv4, id: 7, prefix: 10.9.0.0/24, servedBy: [kea1], reservations: [{hwAddress: '02:00:5e:00:53:01', addresses: [10.9.0.20]}]}
`);
  const netbox = await openNetBox({ url: fake.url, token: new Secret(fake.token), clock: systemClock });
  try {
    const { outcomes } = await writeAll(netbox, state);
    expect(outcomes.flatMap(({ error }) => error?.message ?? [])).toEqual([]);
    const [prefix] = fake.tables.get('ipam/prefixes')?.values() ?? [];
    expect(prefix?.['custom_fields']).toEqual({ dhcp_reservations: '02:00:5e:00:53:01 10.9.0.20', plumbline_id: 'DHCPSubnet/users' });
    expect(compareWithNetBox({ state, facts: await netbox.readFacts(), told: new Map() }).differences).toEqual([]);
  } finally {
    await netbox.close();
  }
});
