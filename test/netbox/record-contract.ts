import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Secret, systemClock } from '../../controller/lib/index.ts';
import { carryOut, compareWithNetBox, type Kind, type NetBox, openNetBox, planRecord } from '../../controller/netbox/index.ts';
import { stateOf } from '../builders/state.ts';

/** What is written into a NetBox, the fake one and the real one. Names begin with a prefix, addresses with two bytes, of this run. */
export function describeRecord(title: string, start: () => Promise<{ url: string; token: string }> | { url: string; token: string }): void {
  // oxlint-disable-next-line vitest/valid-title -- the caller names it
  describe(title, () => {
    let netbox: NetBox;
    const run = Math.floor(performance.timeOrigin % 1e9);
    const prefix = `r${run.toString(36)}`;
    const net = `10.${run % 250}`;
    const message = 'set up';
    const ids = new Map<string, number>();

    const make = async (kind: Kind, body: Record<string, unknown>): Promise<number> => {
      const [written] = await netbox.write(kind, [{ what: kind, message, body }]);
      if (!written || written.error) throw written?.error ?? new Error('nothing was written');
      return written.row?.['id'] as number;
    };
    const change = async (kind: Kind, id: number, body: Record<string, unknown>): Promise<void> => {
      const [written] = await netbox.write(kind, [{ what: kind, message, id, body }]);
      if (written?.error) throw written.error;
    };

    beforeAll(async () => {
      const access = await start();
      netbox = await openNetBox({ url: access.url, token: new Secret(access.token), clock: systemClock });
      const maker = await make('manufacturer', { name: `${prefix}-maker`, slug: `${prefix}-maker` });
      ids.set('type', await make('deviceType', { manufacturer: maker, model: `${prefix}-box`, slug: `${prefix}-box` }));
      ids.set('site', await make('site', { name: `${prefix}-fra`, slug: `${prefix}-fra` }));
      ids.set('role', await make('deviceRole', { name: `${prefix}-edge`, slug: `${prefix}-edge`, color: '9e9e9e' }));
      const { objects } = await netbox.readFacts();
      if (!objects['platform']?.some(({ key }) => key === 'frr')) await make('platform', { name: 'frr', slug: 'frr' });
      // The first write makes tag and field; the tests are about the others.
      await record(deviceOf('zero', [`${net}.0.1/24`]));
    });
    afterAll(() => netbox?.close());

    const deviceOf = (name: string, addresses: readonly string[], description = 'to core'): string => `
kind: Device
name: ${prefix}-${name}
labels: {site: ${prefix}-fra, role: ${prefix}-edge, device-type: ${prefix}-box}
spec:
  platform: frr
  management: {address: ${addresses[0]?.split('/')[0] ?? '192.0.2.1'}, hostKeys: ['SHA256:0NCNJe2odk+Qg25vtrml/Em2rYRXPch9cqgiE0hg8Zk']}
  credentials: {observe: {name: routers}}
  interfaces:
    - {name: eth0, description: ${description}, mtu: 9000, addresses: [${addresses.join(', ')}]}
    - {name: eth1, enabled: false}
`;

    const compare = async (yaml: string) => {
      const facts = await netbox.readFacts();
      return { facts, ...compareWithNetBox({ state: stateOf(yaml), facts, told: new Map() }) };
    };
    const record = async (yaml: string, options = { remove: false, allowRemovals: false }, meanwhile?: () => Promise<void>) => {
      const found = await compare(yaml);
      const plan = planRecord(found, found.facts, options);
      await meanwhile?.();
      const outcomes = await carryOut(netbox, { plan, matched: found.matched, facts: found.facts, revision: 'main@sha1:1' });
      return {
        plan,
        outcomes,
        results: outcomes.map(({ change, result, error }) => `${change.do} ${change.kind} ${result}${error ? ` ${error.code}` : ''}`),
      };
    };
    const shown = (plan: Awaited<ReturnType<typeof record>>['plan']) =>
      plan.changes.map((each) => `${each.do} ${each.kind} ${each.fields.map(({ field }) => field).join(' ')}`.trim());

    it('makes what is missing, in an order in which every name is known, and nothing the second time', async () => {
      const yaml = deviceOf('one', [`${net}.1.1/24`, `'2001:db8:${(run % 65_000).toString(16)}::1/64'`]);
      const first = await record(yaml);
      expect(first.plan.left).toEqual([]);
      expect(new Set(first.outcomes.map(({ result }) => result))).toEqual(new Set(['Done']));
      expect(shown(first.plan).slice(-6)).toEqual([
        'make device name site role type status platform',
        'make interface device name type enabled description mtu',
        'make interface device name type enabled',
        'make ipAddress status address interface',
        'make ipAddress status address interface',
        'change device primaryIp4',
      ]);
      const second = await record(yaml);
      expect(second).toMatchObject({ outcomes: [], plan: { changes: [], left: [] } });
      const { differences, facts } = await compare(yaml);
      expect(differences).toEqual([]);
      const device = facts.objects['device']?.find(({ values }) => values['name'] === `${prefix}-one`);
      expect(device?.values).toMatchObject({
        site: `${prefix}-fra`,
        status: 'active',
        primaryIp4: `${net}.1.1`,
        platform: expect.stringContaining('frr'),
      });
    });

    it('writes the field that differs and no other', async () => {
      const yaml = deviceOf('two', [`${net}.2.1/24`]);
      await record(yaml);
      const port = (await compare(yaml)).matched.find(({ assertion }) => assertion.name === `${prefix}-two > eth0`)?.objects[0]?.id ?? 0;
      await change('interface', port, { description: 'somebody', mode: 'access', mtu: null });
      const { plan, results } = await record(yaml);
      expect(shown(plan)).toEqual(['change interface description mtu']);
      expect(plan.changes[0]?.fields).toEqual([
        { field: 'description', from: 'somebody', to: 'to core' },
        { field: 'mtu', from: null, to: 9000 },
      ]);
      expect(results).toEqual(['change interface Done']);
      const [row] = await netbox.readRows('interface', { name: 'id', values: [port] });
      expect(row).toMatchObject({ description: 'to core', mode: { value: 'access' }, mtu: 9000 });
    });

    it('leaves empty what somebody else made and left empty', async () => {
      const device = await make('device', {
        name: `${prefix}-THREE`,
        site: ids.get('site'),
        role: ids.get('role'),
        device_type: ids.get('type'),
      });
      await make('interface', { device, name: 'eth0', type: '1000base-t' });
      const { plan } = await record(deviceOf('three', [`${net}.3.1/24`]));
      expect(shown(plan)).toEqual(['make interface device name type enabled', 'make ipAddress status address interface']);
    });

    it('takes what came since it looked, and changes only what differs in it', async () => {
      const yaml = deviceOf('four', [`${net}.4.1/24`]);
      const device = await make('device', {
        name: `${prefix}-four`,
        site: ids.get('site'),
        role: ids.get('role'),
        device_type: ids.get('type'),
      });
      const { results } = await record(yaml, undefined, async () => {
        const port = await make('interface', { device, name: 'eth0', type: '1000base-t', description: 'to core' });
        await make('interface', { device, name: 'eth1', type: '1000base-t', enabled: false });
        await make('ipAddress', {
          address: `${net}.4.1/24`,
          status: 'active',
          assigned_object_type: 'dcim.interface',
          assigned_object_id: port,
        });
      });
      expect(results).toEqual(['make interface Same', 'make interface Done', 'make ipAddress Same']);
      const { facts } = await compare(yaml);
      expect(facts.objects['interface']?.filter(({ key }) => key.startsWith(`${prefix}-fra > ${prefix}-four >`))).toHaveLength(2);
    });

    it('takes no address from where somebody put it meanwhile', async () => {
      const yaml = deviceOf('five', [`${net}.5.1/24`]);
      const device = await make('device', {
        name: `${prefix}-other`,
        site: ids.get('site'),
        role: ids.get('role'),
        device_type: ids.get('type'),
      });
      const port = await make('interface', { device, name: 'eth7', type: 'other' });
      const { outcomes } = await record(yaml, undefined, async () => {
        await make('ipAddress', { address: `${net}.5.1/24`, assigned_object_type: 'dcim.interface', assigned_object_id: port });
      });
      const failed = outcomes.flatMap(({ change: { kind }, error }) => (error ? [`${kind}: ${error.message}`] : []));
      expect(failed[0]).toMatch(/^ipAddress: .*it came meanwhile, on another interface/);
    });

    it('writes nothing over a change that somebody made since it looked', async () => {
      const yaml = deviceOf('six', [`${net}.6.1/24`]);
      await record(yaml);
      const port = (await compare(yaml)).matched.find(({ assertion }) => assertion.name === `${prefix}-six > eth0`)?.objects[0]?.id ?? 0;
      const { results } = await record(deviceOf('six', [`${net}.6.1/24`], 'to core 2'), undefined, () =>
        change('interface', port, { description: 'their words' }),
      );
      expect(results).toEqual(['change interface Failed NetBoxChanged']);
    });

    it('deletes what it made and Git no longer lists, when asked, and nothing of others', async () => {
      await record(deviceOf('seven', [`${net}.7.1/24`, `${net}.7.2/24`]));
      const yaml = deviceOf('seven', [`${net}.7.1/24`]);
      const found = await compare(yaml);
      const port = found.matched.find(({ assertion }) => assertion.name === `${prefix}-seven > eth0`)?.objects[0]?.id ?? 0;
      await make('ipAddress', { address: `${net}.7.9/24`, assigned_object_type: 'dcim.interface', assigned_object_id: port });
      expect((await record(yaml)).plan.changes).toEqual([]);
      const { plan, results } = await record(yaml, { remove: true, allowRemovals: false });
      expect(plan.changes.map(({ name }) => name)).toEqual([`${prefix}-seven > eth0 > ${net}.7.2/24`]);
      expect(results).toEqual(['delete ipAddress Done']);
      const rest = (await compare(yaml)).facts.objects['ipAddress']?.filter(({ key }) => key.startsWith(`${net}.7.`)).map(({ key }) => key);
      expect(rest).toEqual([`${net}.7.1`, `${net}.7.9`]);
    });

    it('deletes not more than the guard lets pass, and says so', async () => {
      const many = Array.from({ length: 9 }, (_, i) => `${net}.8.${i + 1}/24`);
      await record(deviceOf('eight', many));
      const yaml = deviceOf('eight', many.slice(0, 1));
      const guarded = await record(yaml, { remove: true, allowRemovals: false });
      expect(guarded.plan.changes).toEqual([]);
      expect(guarded.plan.left).toMatchObject([
        { name: 'IP address', why: expect.stringMatching(/^8 of our \d+ would be deleted, more than 5: add --allow-removals/) },
      ]);
      expect((await record(yaml, { remove: true, allowRemovals: true })).results).toEqual(
        Array.from({ length: 8 }, () => 'delete ipAddress Done'),
      );
    });

    it('writes VRFs, VLANs, what an inventory asks of a port, and BGP sessions into a custom field', async () => {
      const vlans = [
        await make('vlan', { vid: 10, name: `${prefix}-ten`, site: ids.get('site') }),
        await make('vlan', { vid: 20, name: `${prefix}-twenty`, site: ids.get('site') }),
      ];
      const sessions = await make('customField', { name: 'bgp_sessions', type: 'longtext', object_types: ['dcim.device'] });
      const rir = await make('rir', { name: prefix, slug: prefix });
      const { objects } = await netbox.readFacts();
      if (!objects['asn']?.some(({ key }) => key === '65010')) await make('asn', { asn: 65_010, rir });
      const vrf = `v${run.toString(36)}`.slice(0, 15);
      const yaml = `
kind: Device
name: ${prefix}-ten
labels: {site: ${prefix}-fra, role: ${prefix}-edge, device-type: ${prefix}-box}
spec:
  platform: frr
  lifecycle: Planned
  credentials: {observe: {name: routers}}
  assetTag: ${prefix}-17
  interfaces:
    - {name: bond0, inventory: {type: lag, vlan: 10, taggedVlans: [20]}}
    - {name: eth0, inventory: {type: 10gbase-x-sfpp, mac: '02:00:00:00:00:01', lag: bond0}}
    - {name: eth1, vrf: ${vrf}, addresses: [${net}.10.1/24], inventory: {vlan: 20, dnsName: Eth1.example.net}}
  vrfs: [{name: ${vrf}, bgp: {asn: 65010}}]
---
kind: BGPSession
name: customer
spec:
  type: External
  relationship: Customer
  families: [ipv4-unicast]
  ends:
    - {device: ${prefix}-ten, vrf: ${vrf}, interface: eth1, families: {ipv4-unicast: {unfiltered: true}}}
    - {external: {name: customer, asn: 65010, address: ${net}.10.2}}
`;
      const { plan, outcomes } = await record(yaml);
      expect(plan.left).toEqual([]);
      expect(outcomes.flatMap(({ error }) => error?.message ?? [])).toEqual([]);
      const { differences, facts } = await compare(yaml);
      expect(differences).toEqual([]);
      expect(await record(yaml)).toMatchObject({ outcomes: [], plan: { changes: [], left: [] } });
      const named = (kind: Kind, name: string) => facts.objects[kind]?.find(({ key }) => key.endsWith(`${prefix}-ten${name}`))?.values;
      expect(named('device', '')).toMatchObject({ assetTag: `${prefix}-17`, bgpSessions: [`${net}.10.2 AS65010 vrf ${vrf}`] });
      expect(named('interface', ' > eth1')).toMatchObject({ vrf, mode: 'access', untaggedVlan: `${prefix}-fra > 20`, taggedVlans: [] });
      expect(named('interface', ' > eth0')).toMatchObject({ mac: '02:00:00:00:00:01', lag: expect.stringContaining('-ten > bond0') });
      expect(named('interface', ' > bond0')).toMatchObject({ mode: 'tagged', taggedVlans: [`${prefix}-fra > 20`] });
      const address = facts.objects['ipAddress']?.find(({ key }) => key === `${vrf} > ${net}.10.1`);
      expect(address?.values).toMatchObject({ dnsName: 'eth1.example.net', vrf });
      // A port that somebody made a tagged one: the tagged VLANs go with the mode.
      const port = facts.objects['interface']?.find(({ key }) => key.endsWith(`${prefix}-ten > eth1`))?.id ?? 0;
      await change('interface', port, { mode: 'tagged', tagged_vlans: vlans });
      expect((await record(yaml)).results).toEqual(['change interface Done']);
      expect((await compare(yaml)).differences).toEqual([]);
      // The other tests know nothing of it.
      const [written] = await netbox.write('customField', [{ what: 'bgp_sessions', message, id: sessions }]);
      expect(written?.error).toBeUndefined();
    });

    it('says what it cannot write, and why', async () => {
      const yaml = deviceOf('nine', [`${net}.9.1/24`]).replace(`role: ${prefix}-edge`, 'role: nobody-knows');
      const { plan, outcomes } = await record(yaml);
      expect(plan.left[0]).toEqual({ name: `${prefix}-nine: role`, why: 'NetBox has no device role nobody-knows' });
      expect(outcomes).toEqual([]);
    });
  });
}
