import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { NetBoxFacts, NetBoxObject } from '../api/index.ts';
import { importNetBox } from './netbox.ts';

type Values = NetBoxObject['values'];
const wish = { sites: ['fra'], credentials: 'routers-observe' };

function factsOf(objects: Record<string, Values[]>): NetBoxFacts {
  const keys: Record<string, (values: Values) => string> = {
    site: ({ slug }) => String(slug),
    device: ({ site, name }) => `${String(site)} > ${String(name ?? '').toLowerCase()}`,
    interface: ({ device, name }) => `${String(device)} > ${String(name)}`,
    ipAddress: ({ address }) => String(address).split('/')[0] ?? '',
    vrf: ({ rd, name }) => [rd, name].filter((each) => each !== null).join(' > '),
  };
  let id = 0;
  return {
    url: 'https://netbox.example.net',
    version: '4.7.3',
    at: '2026-11-21T12:00:00.000Z',
    objects: Object.fromEntries(
      Object.entries({
        site: [{ slug: 'fra' }, { slug: 'lon' }],
        vrf: [
          { name: 'CUST', rd: '65000:1' },
          { name: 'blue', rd: null },
        ],
        ...objects,
      }).map(([kind, list]) => [kind, list.map((values) => ({ id: ++id, key: keys[kind]?.(values) ?? '', values, updated: null }))]),
    ),
  };
}

const device = (name: string | null, more: Values = {}): Values => ({
  name,
  site: 'fra',
  role: 'network > edge',
  type: 'maker > box',
  platform: 'frr',
  status: 'active',
  location: null,
  rack: null,
  tenant: null,
  serial: null,
  primaryIp4: null,
  primaryIp6: null,
  oobIp: null,
  ...more,
});
const port = (on: string, name: string, more: Values = {}): Values => ({
  device: `fra > ${on}`,
  name,
  enabled: true,
  mtu: null,
  description: null,
  mgmtOnly: false,
  ...more,
});
const ip = (address: string, on: string | null, more: Values = {}): Values => ({ address, vrf: null, role: null, interface: on, ...more });

describe('an inventory as desired state', () => {
  it('gives devices with interfaces and addresses, under labels that NetBox is compared by', async () => {
    const facts = factsOf({
      device: [device('Edge1-FRA', { serial: 'S1', location: 'fra > hall' }), device('other', { site: 'lon' })],
      interface: [
        port('edge1-fra', 'lo', { description: 'router id' }),
        port('edge1-fra', 'eth0', { mtu: 9000, description: 'to core: rack 7' }),
        port('edge1-fra', 'eth1', { enabled: false }),
        port('edge1-fra', 'eth2'),
        port('edge1-fra', 'mgmt0', { mgmtOnly: true }),
      ],
      ipAddress: [
        ip('10.0.0.1/32', 'fra > edge1-fra > lo'),
        ip('192.0.2.1/31', 'fra > edge1-fra > eth0'),
        ip('2001:db8::1/64', 'fra > edge1-fra > eth0'),
        ip('10.255.0.1/24', 'fra > edge1-fra > mgmt0'),
      ],
    });
    const { files, devices, left } = await importNetBox(facts, wish);
    expect([devices, left]).toEqual([['edge1-fra'], []]);
    expect(
      files.get('devices/edge1-fra.yaml'),
    ).toBe(`# From NetBox. How the device is reached is not known there: write management (address, hostKeys), then lifecycle: Active.
apiVersion: plumbline.dev/v1alpha1
kind: Device
metadata:
  name: edge1-fra
  labels:
    site: fra
    location: hall
    role: edge
    device-type: box
spec:
  platform: frr
  lifecycle: Planned
  credentials:
    observe:
      name: routers-observe
  serial: S1
  interfaces:
    - {name: lo, role: Loopback, addresses: [10.0.0.1/32], description: router id}
    - {name: eth0, addresses: [192.0.2.1/31, 2001:db8::1/64], description: 'to core: rack 7', mtu: 9000}
    - {name: eth1, enabled: false}
    - {name: mgmt0, role: Management, addresses: [10.255.0.1/24]}
`);
  });

  it.each([
    { role: 'anycast', says: 'role: Anycast' },
    { role: 'vrrp', says: 'role: Virtual' },
    { role: 'secondary', says: '{name: eth0, addresses' },
  ])('says of an interface with an address of role $role: $says', async ({ role, says }) => {
    const facts = factsOf({
      device: [device('r1')],
      interface: [port('r1', 'eth0')],
      ipAddress: [ip('192.0.2.1/24', 'fra > r1 > eth0', { role })],
    });
    const { files, left } = await importNetBox(facts, wish);
    expect([files.get('devices/r1.yaml'), left]).toEqual([expect.stringContaining(says), []]);
  });

  it.each<{ name: string; objects: Record<string, Values[]>; left: { what: unknown; why: unknown }[]; devices?: string[] }>([
    {
      name: 'a device without a name',
      objects: { device: [device(null)] },
      left: [{ what: expect.stringMatching(/^fra > device \d+$/), why: 'it has no name' }],
    },
    {
      name: 'a name that Git cannot have',
      objects: { device: [device('edge1.fra.example.net')] },
      left: [{ what: 'fra > edge1.fra.example.net', why: expect.stringContaining('its name is none in Git') }],
    },
    {
      name: 'a platform without a driver',
      objects: { device: [device('sw1', { platform: 'cisco > ios-xe' })] },
      left: [{ what: 'fra > sw1', why: expect.stringContaining('its platform is ios-xe') }],
    },
    {
      name: 'no platform',
      objects: { device: [device('r1', { platform: null })] },
      left: [{ what: 'fra > r1', why: expect.stringContaining('--platform') }],
    },
    {
      name: 'two devices of one name',
      objects: { device: [device('r1'), device('R1', { site: 'lon' })] },
      left: [{ what: 'fra > r1', why: 'NetBox has 2 devices of this name' }],
    },
    {
      name: 'two VRFs of one name on a device',
      objects: {
        vrf: [
          { name: 'CUST', rd: '65000:1' },
          { name: 'CUST', rd: '65000:2' },
        ],
        device: [device('r1')],
        interface: [port('r1', 'eth0', { vrf: '65000:1 > CUST', mtu: 1500 }), port('r1', 'eth1'), port('r1', 'eth2')],
        ipAddress: [ip('10.0.0.1/24', 'fra > r1 > eth1', { vrf: '65000:2 > CUST' }), ip('10.0.2.1/24', 'fra > r1 > eth2')],
      },
      left: [
        { what: 'r1 > eth0: vrf', why: expect.stringContaining('2 VRFs CUST on this device, 65000:1 > CUST and 65000:2 > CUST') },
        { what: 'r1 > eth1: addresses', why: expect.stringContaining('2 VRFs CUST') },
      ],
      devices: ['r1'],
    },
    {
      name: 'addresses in two VRFs on one interface',
      objects: {
        device: [device('r1')],
        interface: [port('r1', 'eth0')],
        ipAddress: [ip('10.0.1.1/24', 'fra > r1 > eth0'), ip('10.0.0.1/24', 'fra > r1 > eth0', { vrf: '65000:1 > CUST' })],
      },
      left: [{ what: 'r1 > eth0: addresses', why: '10.0.0.1/24 is in VRF 65000:1 > CUST, and the rest of the interface in no VRF' }],
      devices: ['r1'],
    },
    {
      name: 'what is not one line, and a rack whose name no label holds',
      objects: {
        device: [device('r1', { serial: 'a\u0007b', rack: 'fra > R 7 / α' })],
        interface: [port('r1', 'eth0', { description: 'one\ntwo' })],
      },
      left: [
        { what: 'r1: serial', why: expect.stringContaining('one line') },
        { what: 'r1 > eth0: description', why: expect.stringContaining('one line') },
        { what: 'r1: rack R 7 / α', why: expect.stringContaining('no label can hold it') },
      ],
      devices: ['r1'],
    },
    {
      name: 'a VRF whose name no router takes',
      objects: {
        device: [device('r1')],
        interface: [port('r1', 'eth0')],
        ipAddress: [ip('10.0.1.1/24', 'fra > r1 > eth0', { vrf: 'Customer of the week' })],
      },
      left: [{ what: 'r1 > eth0: addresses', why: 'VRF Customer of the week has a name that no router takes' }],
      devices: ['r1'],
    },
    {
      name: 'an address that no host has',
      objects: {
        device: [device('r1')],
        interface: [port('r1', 'eth0', { description: 'x' })],
        ipAddress: [ip('10.0.0.0/24', 'fra > r1 > eth0')],
      },
      left: [{ what: 'r1 > eth0: addresses', why: expect.stringContaining('no address of a host') }],
      devices: ['r1'],
    },
    {
      name: 'an interface whose name no router prints',
      objects: { device: [device('r1')], interface: [port('r1', 'the blue one', { description: 'x' })] },
      left: [{ what: 'r1 > the blue one', why: expect.stringContaining('write the name as the router prints it') }],
      devices: ['r1'],
    },
    {
      name: 'one address on two devices',
      objects: {
        device: [device('r1'), device('r2')],
        interface: [port('r1', 'eth0'), port('r2', 'eth0')],
        ipAddress: [ip('10.0.0.1/24', 'fra > r1 > eth0'), ip('10.0.0.1/24', 'fra > r2 > eth0')],
      },
      left: [{ what: expect.stringMatching(/r[12] > eth0: addresses/), why: expect.stringContaining('10.0.0.1') }],
      devices: ['r1', 'r2'],
    },
  ])('leaves out, and says so: $name', async ({ objects, left, devices = [] }) => {
    const imported = await importNetBox(factsOf(objects), wish);
    expect(imported.left).toEqual(left);
    expect(imported.devices).toEqual(devices);
  });

  it('knows which site was meant', async () => {
    const asked = importNetBox(factsOf({}), { ...wish, sites: ['frs'] });
    await expect(asked).rejects.toMatchObject({ code: 'SiteUnknown', next: 'Did you mean fra?' });
  });

  it('says the VRF of an interface, by its own word or that of its addresses', async () => {
    const facts = factsOf({
      device: [device('r1')],
      interface: [port('r1', 'eth0'), port('r1', 'eth1', { vrf: 'blue' }), port('r1', 'eth2')],
      ipAddress: [
        ip('10.0.0.1/24', 'fra > r1 > eth0', { vrf: '65000:1 > CUST' }),
        ip('10.0.0.1/24', 'fra > r1 > eth1'),
        ip('10.0.2.1/24', 'fra > r1 > eth2', { vrf: 'default' }),
      ],
    });
    const { files, left } = await importNetBox(facts, wish);
    expect(left).toEqual([]);
    expect(files.get('devices/r1.yaml')).toContain(`  interfaces:
    - {name: eth0, addresses: [10.0.0.1/24], vrf: CUST}
    - {name: eth1, addresses: [10.0.0.1/24], vrf: blue}
    - {name: eth2, addresses: [10.0.2.1/24]}
  vrfs:
    - name: CUST
    - name: blue
`);
  });

  it('takes every site when none is named, and gives a platform to devices without one', async () => {
    const facts = factsOf({ device: [device('r1', { platform: null }), device('r2', { site: 'lon' })] });
    expect((await importNetBox(facts, { ...wish, sites: [], platform: 'frr' })).devices).toEqual(['r1', 'r2']);
  });

  it('leaves out the addresses of an interface that has one of them twice, and says so', async () => {
    const twice = ip('192.0.2.1/24', 'fra > r1 > eth0', { role: 'vrrp' });
    const facts = factsOf({ device: [device('r1')], interface: [port('r1', 'eth0')], ipAddress: [twice, twice] });
    const { files, left } = await importNetBox(facts, wish);
    expect(left).toEqual([{ what: 'r1 > eth0: addresses', why: 'NetBox has 192.0.2.1 more than once on this interface' }]);
    expect(files.get('devices/r1.yaml')).not.toContain('192.0.2.1');
  });

  it('makes of any inventory what passes the checks and lacks nothing in NetBox', { timeout: 240_000 }, async () => {
    const name = fc.oneof(fc.constantFrom('r1', 'R2', 'r3', 'edge.fra'), fc.stringMatching(/^[a-zA-Z0-9-]{1,12}$/));
    const portName = fc.oneof(fc.constantFrom('eth0', 'eth1', 'lo', 'Gi0/0/1'), fc.string({ maxLength: 20, minLength: 1 }));
    const text = fc.option(
      fc.oneof(
        fc.constantFrom('yes', 'null', '0x10', '- a', 'a: b', '"'),
        fc.string({ unit: 'grapheme', maxLength: 30 }).map((each) => each.trim() || null),
      ),
    );
    const address = fc.record({
      host: fc.oneof(fc.integer({ min: 0, max: 20 }), fc.integer({ min: 0, max: 65_535 })),
      length: fc.constantFrom(24, 30, 31, 32, 8),
    });
    const world = fc.array(
      fc.record({
        name,
        serial: text,
        ports: fc.uniqueArray(
          fc.record({
            name: portName,
            description: text,
            mtu: fc.option(fc.integer({ min: 1, max: 70_000 })),
            enabled: fc.boolean(),
            addresses: fc.array(address, { maxLength: 3 }),
            role: fc.constantFrom(null, 'anycast', 'vrrp', 'secondary'),
            vrf: fc.constantFrom(null, null, 'blue', '65000:1 > CUST'),
          }),
          { selector: (each) => each.name, maxLength: 4 },
        ),
      }),
      { maxLength: 5 },
    );
    await fc.assert(
      fc.asyncProperty(world, async (routers) => {
        const unique = routers.filter(
          (each, index) => routers.findIndex(({ name }) => name.toLowerCase() === each.name.toLowerCase()) === index,
        );
        const on = (router: string) => router.toLowerCase();
        const facts = factsOf({
          device: unique.map(({ name, serial }) => device(name, { serial })),
          interface: unique.flatMap(({ name, ports }) =>
            ports.map(({ name: each, description, mtu, enabled }) => port(on(name), each, { description, mtu, enabled })),
          ),
          ipAddress: unique.flatMap(({ name, ports }) =>
            ports.flatMap((each) =>
              each.addresses.map(({ host, length }) =>
                ip(`10.0.${host >> 8}.${host & 255}/${length}`, `fra > ${on(name)} > ${each.name}`, { role: each.role, vrf: each.vrf }),
              ),
            ),
          ),
        });
        const { devices, left } = await importNetBox(facts, wish);
        expect(devices.length + left.filter(({ what }) => what.startsWith('fra > ')).length).toBe(unique.length);
      }),
      { numRuns: 10 },
    );
  });
});
