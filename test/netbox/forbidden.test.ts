import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { NetBoxFacts, RecordDifference } from '../../controller/api/index.ts';
import { Secret, systemClock } from '../../controller/lib/index.ts';
import { carryOut, compareWithNetBox, createMemory, type Kind, openNetBox, planRecord, resources } from '../../controller/netbox/index.ts';
import { externalSession as session } from '../builders/external-session.ts';
import { stateOf } from '../builders/state.ts';
import { type FakeNetBox, startFakeNetBox } from './fake.ts';

const state = stateOf(`
kind: Device
name: edge1
labels: {site: fra, role: edge, device-type: box, tenant: one, rack: R1, location: hall}
spec:
  platform: frr
  lifecycle: Planned
  credentials: {observe: {name: routers}}
  interfaces:
    - {name: eth0, addresses: [192.0.2.1/31], inventory: {vlan: 10}}
    - {name: eth1, vrf: CUST, addresses: [10.0.0.1/24]}
  bgp: {asn: 64500}
  vrfs: [{name: CUST, bgp: {asn: 64500}}]
${session('transit', 'interface: eth0', '192.0.2.0', 64501)}
---
kind: DHCPSubnet
name: users
labels: {site: fra, role: users, vlan: '10'}
spec: {family: IPv4, id: 7, prefix: 10.9.0.0/24, servedBy: [edge1], pools: [{range: 10.9.0.10-10.9.0.99}]}
`);

let fake: FakeNetBox;
let forbidden = new Set<string>();
const memory = createMemory();
beforeEach(async () => {
  fake = await startFakeNetBox();
  fake.plugins = { netbox_bgp: '0.20.2' };
  forbidden = new Set();
  delete memory.last;
  fake.fault = ({ path }, response) => {
    if (!forbidden.has(path)) return false;
    response.writeHead(403, { 'content-type': 'application/json' });
    response.end('{"detail":"You do not have permission to perform this action."}');
    return true;
  };
  const tenant = fake.insert('tenancy/tenants', { name: 'One', slug: 'one' });
  const site = fake.insert('dcim/sites', { name: 'Frankfurt', slug: 'fra' });
  const location = fake.insert('dcim/locations', { name: 'Hall', slug: 'hall', site, parent: null });
  const rack = fake.insert('dcim/racks', { name: 'R1', site, location });
  const maker = fake.insert('dcim/manufacturers', { name: 'Maker', slug: 'maker' });
  const type = fake.insert('dcim/device-types', { manufacturer: maker, model: 'Box', slug: 'box' });
  const role = fake.insert('dcim/device-roles', { name: 'Edge', slug: 'edge', parent: null });
  const platform = fake.insert('dcim/platforms', { name: 'FRR', slug: 'frr', manufacturer: null });
  fake.insert('ipam/rirs', { name: 'private', slug: 'private' });
  fake.insert('ipam/roles', { name: 'Users', slug: 'users' });
  fake.insert('ipam/vlans', { vid: 10, name: 'ten', site, group: null });
  fake.insert('extras/custom-fields', { name: 'bgp_sessions', type: 'longtext', object_types: ['dcim.device'] });
  fake.insert('dcim/devices', { name: 'edge1', site, tenant, location, rack, device_type: type, role, platform, status: 'planned' });
});
afterEach(() => fake.close());

async function withNetBox<T>(work: (netbox: Awaited<ReturnType<typeof openNetBox>>) => Promise<T>, isKept = false): Promise<T> {
  const netbox = await openNetBox({
    url: fake.url,
    token: new Secret(fake.token),
    clock: systemClock,
    memory: isKept ? memory : undefined,
  });
  try {
    return await work(netbox);
  } finally {
    await netbox.close();
  }
}
const look = (isKept = false) => withNetBox((netbox) => netbox.readFacts(), isKept);
const compare = (facts: NetBoxFacts) => compareWithNetBox({ state, facts, told: new Map() });
const planOf = (facts: NetBoxFacts) => planRecord(compare(facts), facts, { remove: true, allowRemovals: true });

async function record(): Promise<void> {
  await withNetBox(async (netbox) => {
    const facts = await netbox.readFacts();
    const { matched } = compare(facts);
    const outcomes = await carryOut(netbox, { plan: planOf(facts), matched, facts, revision: 'main@sha1:1' });
    expect(outcomes.flatMap(({ error }) => error?.message ?? [])).toEqual([]);
  });
  expect(compare(await look()).differences).toEqual([]);
}

/** Somebody edits one object of each list that Git says anything of. */
function edit(): void {
  const change = (path: string, values: object) => {
    const [id = 0] = fake.tables.get(path)?.keys() ?? [];
    fake.alter(path, { id, ...values });
  };
  change('dcim/devices', { serial: 'S1', asset_tag: 'A1', status: 'offline', rack: null });
  change('dcim/interfaces', { enabled: false });
  change('ipam/ip-addresses', { address: '192.0.2.1/24' });
  change('ipam/prefixes', { role: fake.insert('ipam/roles', { name: 'Others', slug: 'others' }) });
  change('ipam/ip-ranges', { end_address: '10.9.0.50/24' });
  change('plugins/bgp/session', { status: 'planned' });
  const [, vrf = 0] = [...(fake.tables.get('ipam/vrfs')?.keys() ?? [])];
  if (vrf !== 0) fake.drop('ipam/vrfs', vrf);
}

/** Lists without which no device is found. */
const roots = new Set<Kind>(['device', 'site']);
const lists = (Object.keys(resources) as Kind[]).filter((kind) => !('plugin' in resources[kind]) || kind === 'bgpSession');
const nameOf = ({ kind, object, field = '' }: RecordDifference) => `${kind} ${object} ${field}`.trim();

describe.each(lists.filter((kind) => !roots.has(kind)).map((kind) => ({ kind, path: resources[kind].path })))(
  'a token that may not view $path',
  ({ kind, path }) => {
    it('leaves Unknown what only that tells, with the right to give, and nothing is missing', async () => {
      await record();
      forbidden.add(path);
      const facts = await look();
      expect(facts.unseen?.[kind]).toBe(kind);
      const { differences, matched } = compare(facts);
      expect(new Set(differences.map((each) => each.record))).toEqual(new Set(differences.length > 0 ? ['Unknown'] : []));
      for (const { next, why } of differences) {
        expect(why).toContain(`may not view ${path} `);
        expect(next.words).toContain(resources[kind].model);
      }
      const asserted = matched.filter(({ assertion }) => assertion.kind === kind).map(({ assertion }) => assertion.name);
      const said = new Set(differences.map(({ object }) => object));
      expect(asserted.filter((name) => !said.has(name))).toEqual([]);
      expect(planOf(facts).changes).toEqual([]);
    });

    it('hears of all else exactly what another one hears, and writes none of what it cannot see', async () => {
      await record();
      edit();
      const whole = await look();
      const all = new Map(compare(whole).differences.map((each) => [nameOf(each), each.record]));
      const wanted = new Set(planOf(whole).changes.map(({ kind: of, name }) => `${of} ${name}`));
      expect(all.size).toBeGreaterThan(4);
      forbidden.add(path);
      const facts = await look();
      const known = compare(facts).differences.filter((each) => each.record !== 'Unknown');
      expect(known.filter((each) => all.get(nameOf(each)) !== each.record).map(nameOf)).toEqual([]);
      expect(known.length).toBeGreaterThan(0);
      for (const { do: what, kind: of, name } of planOf(facts).changes) {
        expect(wanted).toContain(`${of} ${name}`);
        expect(what === 'change' || !(of in (facts.unseen ?? {}))).toBe(true);
      }
    });

    it('makes nothing in an empty NetBox of which it cannot say whether it is there', async () => {
      forbidden.add(path);
      const facts = await look();
      const { changes, left } = planOf(facts);
      expect(changes.filter((change) => change.kind === kind)).toEqual([]);
      const isAsserted = compare(facts).matched.some(({ assertion }) => assertion.kind === kind);
      if (isAsserted) expect(left.map(({ why }) => why).join('\n')).toContain(`may not view ${path}`);
    });
  },
);

it.each([...roots])('a token that may not view the list of %s is told so: no device could be found', async (kind) => {
  forbidden.add(resources[kind].path);
  await expect(look()).rejects.toMatchObject({ code: 'NetBoxForbidden', message: expect.stringContaining(resources[kind].path) });
});

it('whoever needs a list is told that the token may not view it, or what it takes', async () => {
  forbidden.add('ipam/vrfs');
  const read = (needs: readonly Kind[]) => withNetBox((netbox) => netbox.readFacts(undefined, needs));
  await expect(read(['ipAddress'])).rejects.toMatchObject({ code: 'NetBoxForbidden', message: expect.stringContaining('ipam/vrfs') });
  expect((await read(['interface'])).unseen).toMatchObject({ vrf: 'vrf', ipAddress: 'vrf', prefix: 'vrf', bgpSession: 'vrf' });
});

it('without VRFs an address outside of them is compared, unless one of the same host may be meant that is in one', async () => {
  await record();
  const change = (host: string, values: object) => {
    const rows = [...(fake.tables.get('ipam/ip-addresses')?.values() ?? [])];
    const row = rows.find(({ address, vrf }) => String(address).startsWith(`${host}/`) && (vrf ?? null) === null);
    fake.alter('ipam/ip-addresses', { id: row?.id ?? 0, ...values });
  };
  change('192.0.2.1', { address: '192.0.2.1/24' });
  forbidden.add('ipam/vrfs');
  const said = async () =>
    compare(await look()).differences.flatMap(({ record: is, object }) => (/ > 192/.test(object) ? [`${is} ${object}`] : []));
  expect(await said()).toContain('Behind edge1 > eth0 > 192.0.2.1/31');
  const [vrf] = fake.tables.get('ipam/vrfs')?.keys() ?? [];
  fake.insert('ipam/ip-addresses', { address: '192.0.2.1/32', vrf, status: 'active' });
  expect(await said()).toContain('Unknown edge1 > eth0 > 192.0.2.1/31');
});

it('without DHCP servers a subnet of none is not taken for the one that our server has on the same prefix', async () => {
  await record();
  fake.plugins = { netbox_dhcp: '0.6.0' };
  const [[prefix] = [], [device] = []] = [fake.tables.get('ipam/prefixes')?.keys(), fake.tables.get('dcim/devices')?.keys()].map((ids) => [
    ...(ids ?? []),
  ]);
  const server = fake.insert('plugins/netbox-dhcp/dhcpservers', { name: 'dhcp', device });
  fake.insert('plugins/netbox-dhcp/subnets', { name: 'ours', prefix, subnet_id: 7, dhcp_server: server });
  fake.insert('plugins/netbox-dhcp/subnets', { name: 'of a shared network', prefix, subnet_id: 9, dhcp_server: null });
  const said = async () => {
    const facts = await look();
    const ofSubnets = compare(facts).differences.filter(({ kind }) => kind === 'DHCP subnet');
    const writes = planOf(facts).changes.filter(({ kind }) => kind === 'dhcpSubnet');
    return [ofSubnets.map((each) => `${each.record} ${nameOf(each)}`), writes];
  };
  expect(await said()).toEqual([[], []]);
  forbidden.add('plugins/netbox-dhcp/dhcpservers');
  expect(await said()).toEqual([['Unknown DHCP subnet users'], []]);
});

it('a right that is given is seen at the next look, and meanwhile only what changed is read', async () => {
  await record();
  forbidden.add('ipam/vrfs');
  expect((await look(true)).unseen).toBeDefined();
  fake.requests.length = 0;
  expect((await look(true)).unseen).toBeDefined();
  expect(fake.requests).toEqual(['GET status', 'GET plugins/bgp/session', 'GET ipam/vrfs', 'GET core/object-changes']);
  forbidden.clear();
  const facts = await look(true);
  expect([facts.unseen, compare(facts).differences]).toEqual([undefined, []]);
});
