import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Secret, systemClock } from '../../controller/lib/index.ts';
import {
  carryOut,
  compareWithNetBox,
  createMemory,
  type Kind,
  type NetBox,
  openNetBox,
  planRecord,
} from '../../controller/netbox/index.ts';
import { externalSession as session } from '../builders/external-session.ts';
import { stateOf } from '../builders/state.ts';

interface Place {
  url: string;
  token: string;
}

const device = `
kind: Device
name: edge1
labels: {site: fra, role: edge, device-type: box}
spec:
  platform: frr
  lifecycle: Planned
  credentials: {observe: {name: routers}}
  interfaces: [{name: eth0, addresses: [192.0.2.1/31]}, {name: eth1, vrf: CUST, addresses: [10.0.0.1/24]}]
  bgp: {asn: 64500}
  vrfs: [{name: CUST, bgp: {asn: 64500}}]
`;
const sessions = `${session('transit', 'interface: eth0', '192.0.2.0', 64501)}${session('customer', 'vrf: CUST, interface: eth1', '10.0.0.2', 65001)}`;
const subnet = `
---
kind: DHCPSubnet
name: users
spec: {family: IPv4, id: 7, prefix: 10.9.0.0/24, servedBy: [edge1], lifetimes: {validSeconds: 3600}, pools: [{range: 10.9.0.10-10.9.0.99}],
  reservations: [{hwAddress: '02:00:5e:00:53:01', addresses: [10.9.0.5], hostname: printer}, {clientId: '01:02:03:04:05:06:07', hostname: nobody}]}
`;

/** What a real NetBox with plugins takes and gives: one with netbox-bgp, or one with netbox-routing and netbox-plugin-dhcp. Its database is empty. */
export function describePlugins(plugins: readonly string[], start: () => Place): void {
  // oxlint-disable-next-line vitest/valid-title -- the caller names it
  describe(`with ${plugins.join(' and ')}`, () => {
    let netbox: NetBox;
    const hasRouting = plugins.includes('netbox_routing');
    const yaml = `${device}${sessions}${hasRouting ? subnet : ''}`;

    const post = async (path: string, body: object): Promise<number> => {
      const answer = await fetch(`${start().url}/api/${path}/`, {
        method: 'POST',
        headers: { authorization: `Bearer ${start().token}`, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
      if (!answer.ok) throw new Error(`POST ${path}: ${answer.status} ${await answer.text()}`);
      return ((await answer.json()) as { id: number }).id;
    };
    const get = async (path: string): Promise<{ count: number; results: Record<string, unknown>[] }> =>
      (await (await fetch(`${start().url}/api/${path}`, { headers: { authorization: `Bearer ${start().token}` } })).json()) as never;
    const compare = async () => {
      const facts = await netbox.readFacts();
      return { facts, ...compareWithNetBox({ state: stateOf(yaml), facts, told: new Map() }) };
    };
    const record = async () => {
      const found = await compare();
      const plan = planRecord(found, found.facts, { remove: false, allowRemovals: false });
      const outcomes = await carryOut(netbox, { plan, matched: found.matched, facts: found.facts, revision: 'main@sha1:1' });
      return {
        left: plan.left.map(({ name }) => name),
        failed: outcomes.flatMap(({ change, error }) => (error ? [`${change.kind}: ${error.message}`] : [])),
        outcomes,
      };
    };
    const said = async () =>
      (await compare()).differences.map(({ record: verdict, kind, field }) => [verdict, kind, field ?? ''].join(' ').trim());

    beforeAll(async () => {
      netbox = await openNetBox({ url: start().url, token: new Secret(start().token), clock: systemClock, memory: createMemory() });
      const maker = await post('dcim/manufacturers', { name: 'maker', slug: 'maker' });
      await post('dcim/device-types', { manufacturer: maker, model: 'box', slug: 'box' });
      await post('dcim/sites', { name: 'fra', slug: 'fra' });
      await post('dcim/device-roles', { name: 'edge', slug: 'edge', color: '9e9e9e' });
      await post('dcim/platforms', { name: 'frr', slug: 'frr' });
      await post('ipam/rirs', { name: 'private', slug: 'private' });
    }, 120_000);
    afterAll(() => netbox?.close());

    it('has them, and takes all that Git says', async () => {
      expect(netbox.server.plugins).toEqual(plugins.toSorted());
      const first = await record();
      if (hasRouting) {
        // What hangs on a router or a server waits for a person, and is said.
        expect(first.left).toEqual(expect.arrayContaining(['edge1 > AS64500', 'users: server']));
        const { results } = await get('core/object-types/?app_label=dcim&model=device');
        const [type, edge1] = [results[0]?.['id'], (await get('dcim/devices/?name=edge1')).results[0]?.['id']];
        const asn = (await get('ipam/asns/?asn=64500')).results[0]?.['id'];
        await post('plugins/routing/bgp/router', { assigned_object_type: type, assigned_object_id: edge1, asn });
        await post('plugins/netbox-dhcp/dhcpservers', { name: 'dhcp-fra', device: edge1 });
      }
      const second = hasRouting ? await record() : first;
      expect([...first.failed, ...second.failed]).toEqual([]);
      expect(second.left).toEqual([]);
      expect(await said()).toEqual([]);
    }, 240_000);

    it('is written nothing more the second time', async () => {
      const { count } = await get('core/object-changes/?limit=1');
      expect((await record()).outcomes).toEqual([]);
      expect((await get('core/object-changes/?limit=1')).count).toBe(count);
    }, 120_000);

    it('says when somebody changed it, at a later look as at a first one', async () => {
      await compare();
      const change = async (kind: Kind, body: Record<string, unknown>) => {
        const [row] = (await netbox.readFacts()).objects[kind] ?? [];
        const [written] = await netbox.write(kind, [{ what: kind, message: 'somebody', id: row?.id ?? 0, body }]);
        if (written?.error) throw written.error;
      };
      if (hasRouting) {
        await change('bgpPeer', { enabled: false });
        await change('dhcpSubnet', { valid_lifetime: 60 });
      } else await change('bgpSession', { status: 'planned' });
      const expected = hasRouting ? ['Behind BGP peer enabled', 'Behind DHCP subnet valid'] : ['Behind BGP session status'];
      expect((await said()).toSorted()).toEqual(expected);
      expect((await record()).failed).toEqual([]);
      expect(await said()).toEqual([]);
    }, 240_000);

    it.runIf(hasRouting)(
      'compares reservations once it has one, and leaves them to a person',
      async () => {
        const subnetId = (await get('plugins/netbox-dhcp/subnets/?name=users')).results[0]?.['id'];
        const mac = await post('dcim/mac-addresses', { mac_address: '02:00:5e:00:53:01' });
        const address = await post('ipam/ip-addresses', { address: '10.9.0.5/24' });
        const reserve = (body: object) => post('plugins/netbox-dhcp/hostreservations', { subnet: subnetId, ...body });
        await reserve({ name: 'printer', hw_address: mac, ipv4_address: address, hostname: 'Printer' });
        expect(await said()).toEqual(['Behind DHCP subnet reservations']);
        const { outcomes, left } = await record();
        expect([outcomes, left]).toEqual([[], ['users: reservations']]);
        await reserve({ name: 'nobody', client_id: '01020304050607', hostname: 'nobody' });
        expect(await said()).toEqual([]);
      },
      240_000,
    );
  });
}
