import { describe, expect, it } from 'vitest';
import { stateOf } from '../../../test/builders/state.ts';
import { FleetSpec, type NetBoxFacts, type NetBoxObject, type ToldSides } from '../../api/index.ts';
import type { NetBox } from '../../netbox/index.ts';
import type { World } from '../world.ts';
import { textOfRecords } from './reported-records.ts';
import { newStanding, recordOf } from './standing.ts';
import { writeRecord } from './write-record.ts';

const git = `
kind: Device
name: edge1-fra
labels: {site: fra}
spec:
  platform: frr
  serial: SN-1
  management: {address: 10.255.0.1, hostKeys: ["SHA256:0NCNJe2odk+Qg25vtrml/Em2rYRXPch9cqgiE0hg8Zk"]}
  credentials: {observe: {name: routers}}
  interfaces:
    - {name: eth0, description: to core, mtu: 9000, addresses: [192.0.2.1/31]}
`;
/** With what NetBox fed before somebody took it away there. */
const inForce = `${git}    - {name: eth9, addresses: [198.51.100.1/24]}\n`;
const told: ToldSides['live'] = {
  interfaces: {
    eth0: { description: 'to core', enabled: true, addresses: ['192.0.2.1/31'] },
    eth9: { description: null, enabled: true, addresses: ['198.51.100.1/24'] },
  },
};

/** A NetBox in which a person corrected all that can be fed. Git and the device still say what it said before. */
function facts(): NetBoxFacts {
  const object = (id: number, key: string, values: NetBoxObject['values']): NetBoxObject => ({ id, key, values, updated: null });
  const port = 'fra > edge1-fra > eth0';
  return {
    url: 'https://netbox.example.net',
    version: '4.7.3',
    at: '2026-11-21T12:00:00.000Z',
    objects: {
      device: [
        object(1, 'fra > edge1-fra', {
          name: 'edge1-fra',
          site: 'fra',
          platform: 'old',
          serial: 'SN-2',
          status: 'active',
          primaryIp4: '10.255.0.1',
        }),
      ],
      platform: [object(9, 'frr', { slug: 'frr', name: 'FRR' })],
      interface: [object(2, port, { device: 'fra > edge1-fra', name: 'eth0', enabled: false, mtu: 1500, description: 'to the core' })],
      ipAddress: [object(3, '192.0.2.1', { address: '192.0.2.1/31', vrf: null, role: null, interface: port })],
    },
  };
}

const everything = { serial: 'NetBox', description: 'NetBox', mtu: 'NetBox', interfaces: 'NetBox' };

/** A session that the NetBox of `withPlugin` says is offline. */
const session = `  bgp: {asn: 64500, routerId: 192.0.2.1}
---
kind: BGPSession
name: transit
spec:
  type: External
  relationship: Transit
  families: [ipv4-unicast]
  ends:
    - {device: edge1-fra, interface: eth0, families: {ipv4-unicast: {unfiltered: true}}}
    - {external: {name: transit, asn: 64501, address: 192.0.2.0}}
`;

function withPlugin({ objects, ...rest }: NetBoxFacts): NetBoxFacts {
  const object = (id: number, key: string, values: NetBoxObject['values']): NetBoxObject => ({ id, key, values, updated: null });
  const values = { device: 'fra > edge1-fra', localAddress: '192.0.2.1', remoteAddress: '192.0.2.0', localAs: '64500', remoteAs: '64501' };
  return {
    ...rest,
    objects: {
      ...objects,
      asn: [64_500, 64_501].map((asn) => object(asn, String(asn), { asn })),
      ipAddress: [
        ...(objects['ipAddress'] ?? []),
        object(4, '192.0.2.0', { address: '192.0.2.0/31', vrf: null, role: null, interface: null }),
      ],
      bgpSession: [object(5, 'x', { ...values, status: 'offline' })],
    },
  };
}

function desk(authority: object = {}, more = '') {
  const wanted = FleetSpec.shape.netbox.parse({
    url: 'https://netbox.example.net',
    secretRef: { name: 'netbox' },
    record: 'Enforce',
    authority,
  });
  if (!wanted) throw new Error('no NetBox');
  const [state, asWritten] = [stateOf(inForce + more), stateOf(git + more)];
  const object = state.objects.Device.get('edge1-fra');
  if (!object) throw new Error('no device');
  const device = {
    name: 'edge1-fra',
    object,
    inputs: { objects: [], sessions: [...state.objects.BGPSession.values()], subnets: [] },
  } as never;
  const netbox = newStanding();
  netbox.facts = more === '' ? facts() : withPlugin(facts());
  netbox.told.set('edge1-fra', { live: told, baseline: told });
  const found = recordOf(netbox, wanted, { state }, device);
  netbox.said.set('edge1-fra', textOfRecords(found?.differences ?? []));
  const history: string[] = [];
  const count = { inc: () => undefined };
  const world = {
    fleet: 'lab',
    netbox,
    inForce: { state, asWritten, revision: 'main@sha1:1', devices: new Map([['edge1-fra', device]]) },
    runtime: {
      log: { info: () => undefined },
      metrics: { plumbline_netbox_writes_total: count },
      corridor: {
        clock: { now: () => new Date('2026-11-22T04:00:00.000Z') },
        store: { history: { append: ({ message }: { message: string }) => void history.push(message) } },
      },
    },
  } as unknown as World;
  const bodies: object[] = [];
  const server = {
    host: 'netbox.example.net',
    readRows: () => Promise.resolve([]),
    write: (_kind: string, writes: readonly { body?: object }[]) => {
      bodies.push(...writes.map(({ body = {} }) => body));
      return Promise.resolve(writes.map((write) => ({ write })));
    },
  } as unknown as NetBox;
  return { netbox, bodies, history, write: () => writeRecord(world, wanted, server, new AbortController().signal) };
}

describe('what is written into NetBox', () => {
  it('is never what NetBox has the word on: not a correction taken back, and nothing put back that was taken away', async () => {
    const { write, bodies, history } = desk(everything);
    await write();
    expect(bodies).toEqual([{ platform: 9 }, { enabled: true }]);
    expect(history.join()).not.toMatch(/serial|mtu|description|eth9/);
  });

  it('is a session, also where NetBox has the word on interfaces', async () => {
    const { write, bodies } = desk(everything, session);
    await write();
    expect(bodies).toContainEqual({ status: 'active' });
  });

  it('is all of it where Git has the word', async () => {
    const { write, bodies } = desk();
    await write();
    expect(bodies).toContainEqual({ serial: 'SN-1', platform: 9 });
    expect(bodies).toContainEqual({ enabled: true, mtu: 9000, description: 'to core' });
  });

  it('is not written for ever where somebody takes it back each time, and the Fleet goes on saying so', async () => {
    const { write, bodies, netbox } = desk(everything);
    for (let i = 0; i < 5; i++) await write();
    expect(bodies).toHaveLength(6);
    expect(netbox.unwritten?.message).toContain('written 3 times, and somebody took it back each time');
  });
});
