import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stateOf } from '../../../test/builders/state.ts';
import type { NetBoxFacts, NetBoxObject, ToldFacts, ToldSides } from '../../api/index.ts';
import { planRecord } from '../record/plan.ts';
import { assertionsOf } from './assertions.ts';
import { compareRecord } from './compare.ts';

/** Six routers with three interfaces each. */
const names = Array.from({ length: 6 }, (_, i) => `r${i + 1}`);
const ports = ['eth0', 'eth1', 'lo'];
const addressOf = (device: string, port: string) => `10.${device.slice(1)}.${ports.indexOf(port)}.1/24`;
const yaml = names
  .map(
    (name) => `---
kind: Device
name: ${name}
labels: {site: fra, role: edge}
spec:
  platform: frr
  serial: S-${name}
  management: {address: ${addressOf(name, 'lo').split('/')[0] ?? ''}, hostKeys: ['SHA256:0NCNJe2odk+Qg25vtrml/Em2rYRXPch9cqgiE0hg8Zk']}
  credentials: {observe: {name: routers}}
  interfaces:
${ports.map((port) => `    - {name: ${port}, description: ${name} ${port}, mtu: 1500, addresses: [${addressOf(name, port)}]}`).join('\n')}
`,
  )
  .join('');
const state = stateOf(yaml);

type Values = Record<string, NetBoxObject['values'][string]>;
type World = Record<string, (Omit<NetBoxObject, 'values'> & { values: Values })[]>;

/** A NetBox that says what Git says, in an order of its own. */
function world(): World {
  let id = 0;
  const object = (key: string, values: Values) => ({ id: ++id, key, values, updated: `2026-11-21T12:00:00.${id}Z` });
  const devices = names.map((name) =>
    object(`fra > ${name}`, {
      name,
      site: 'fra',
      role: 'edge',
      status: 'active',
      platform: 'frr',
      serial: `S-${name}`,
      primaryIp4: `10.${name.slice(1)}.2.1`,
      oobIp: null,
    }),
  );
  const all = names.flatMap((name) => ports.map((port) => [name, port] as const));
  return {
    site: [object('fra', { slug: 'fra' }), object('lon', { slug: 'lon' })],
    deviceRole: [object('edge', { slug: 'edge' }), object('core', { slug: 'core' })],
    platform: [object('frr', { slug: 'frr' }), object('other', { slug: 'other' })],
    device: devices,
    interface: all.map(([name, port]) =>
      object(`fra > ${name} > ${port}`, { device: `fra > ${name}`, name: port, enabled: true, mtu: 1500, description: `${name} ${port}` }),
    ),
    ipAddress: all.map(([name, port]) =>
      object(addressOf(name, port).split('/')[0] ?? '', {
        address: addressOf(name, port),
        vrf: null,
        role: null,
        interface: `fra > ${name} > ${port}`,
      }),
    ),
  };
}

const factsOf = (objects: World): NetBoxFacts => ({
  url: 'https://netbox.example.net',
  version: '4.7.3',
  at: '2026-11-21T12:00:00Z',
  objects,
});

const live: ReadonlyMap<string, ToldSides> = new Map(
  names.map((name) => {
    const interfaces: NonNullable<ToldFacts['interfaces']> = Object.fromEntries(
      ports.map((port) => [port, { description: `${name} ${port}`, enabled: true, addresses: [addressOf(name, port)] }]),
    );
    return [name, { live: { interfaces }, baseline: { interfaces } }];
  }),
);

/** Edits that somebody makes in NetBox, and what is to be said of each: nothing where the value is empty or means the same. */
const edits: readonly { kind: string; field: string; to: fc.Arbitrary<Values[string]>; says: boolean }[] = [
  { kind: 'device', field: 'status', to: fc.constantFrom('offline', 'staged', 'failed', 'a word of 2030'), says: true },
  { kind: 'device', field: 'site', to: fc.constant('lon'), says: true },
  { kind: 'device', field: 'role', to: fc.constantFrom('core', 'edge-2'), says: true },
  { kind: 'device', field: 'role', to: fc.constant('network > edge'), says: false },
  { kind: 'device', field: 'platform', to: fc.constant('other'), says: true },
  { kind: 'device', field: 'serial', to: fc.stringMatching(/^[A-Z0-9]{4,12}$/), says: true },
  { kind: 'device', field: 'serial', to: fc.constant(null), says: false },
  { kind: 'device', field: 'primaryIp4', to: fc.constant(null), says: false },
  { kind: 'device', field: 'assetTag', to: fc.string(), says: false },
  { kind: 'interface', field: 'description', to: fc.constantFrom('uplink', 'Zürich ↔ 東京', '0', 'null'), says: true },
  { kind: 'interface', field: 'description', to: fc.constant(null), says: false },
  { kind: 'interface', field: 'mtu', to: fc.integer({ min: 1501, max: 9216 }), says: true },
  { kind: 'interface', field: 'mtu', to: fc.constant(null), says: false },
  { kind: 'interface', field: 'enabled', to: fc.constant(false), says: true },
  { kind: 'interface', field: 'type', to: fc.constantFrom('virtual', '1000base-t', '1.6tbase-x'), says: false },
  { kind: 'interface', field: 'mode', to: fc.constantFrom('access', 'tagged'), says: false },
  { kind: 'ipAddress', field: 'vrf', to: fc.constant('blue'), says: false },
  { kind: 'ipAddress', field: 'dnsName', to: fc.string(), says: false },
  { kind: 'ipAddress', field: 'status', to: fc.constantFrom('reserved', 'deprecated'), says: false },
];

const edit = fc.integer({ min: 0, max: edits.length - 1 }).chain((index) => {
  const row = edits[index];
  if (!row) throw new Error('no such edit');
  return fc.record({ row: fc.constant(row), at: fc.nat(17), to: row.to });
});

describe('random edits of a NetBox that agrees', () => {
  it('each give exactly their verdict, and nothing else', { timeout: 60_000 }, () => {
    fc.assert(
      fc.property(fc.array(edit, { minLength: 1, maxLength: 10 }), (batch) => {
        const objects = world();
        const last = new Map<string, boolean>();
        for (const { row, at, to } of batch) {
          const list = objects[row.kind] ?? [];
          const object = list[at % list.length];
          if (!object) continue;
          object.values[row.field] = to;
          // A later edit of the same field counts; what an assertion is called is what Git calls it.
          last.set(`${row.kind} ${object.id} ${row.field}`, row.says);
        }
        const facts = factsOf(objects);
        const { differences } = compareRecord(assertionsOf(state, live), facts, live);
        const said = differences.map(({ kind, ids, field }) => `${kind} ${ids[0] ?? ''} ${field ?? ''}`);
        const expected = [...last].flatMap(([what, says]) => (says ? [what] : []));
        expect(said.sort()).toEqual(expected.sort());
        for (const { record } of differences) expect(record).toBe('Behind');
      }),
      { numRuns: 1_000, seed: 20_261_121 },
    );
  });

  it('are all taken back by the plan, field by field', () => {
    fc.assert(
      fc.property(fc.array(edit, { maxLength: 10 }), (batch) => {
        const objects = world();
        for (const { row, at, to } of batch) {
          const list = objects[row.kind] ?? [];
          const object = list[at % list.length];
          if (object) object.values[row.field] = to;
        }
        const comparison = compareRecord(assertionsOf(state, live), factsOf(objects), live);
        const { changes, left } = planRecord(comparison, factsOf(objects), { remove: true, allowRemovals: false });
        expect(left).toEqual([]);
        expect(changes.filter((change) => change.do !== 'change')).toEqual([]);
        for (const { kind, id, fields } of changes) {
          const object = objects[kind]?.find((each) => each.id === id);
          for (const { field, to, from } of fields) {
            expect(object?.values[field]).toEqual(from);
            if (object) object.values[field] = to;
          }
        }
        expect(compareRecord(assertionsOf(state, live), factsOf(objects), live).differences).toEqual([]);
      }),
    );
  });

  it('do not depend on the order in which NetBox lists its objects', () => {
    const shuffled = fc.tuple(
      ...Object.entries(world()).map(([kind, list]) =>
        fc.shuffledSubarray(list, { minLength: list.length }).map((each) => [kind, each] as const),
      ),
    );
    fc.assert(
      fc.property(shuffled, (lists) => {
        expect(compareRecord(assertionsOf(state, live), factsOf(Object.fromEntries(lists)), live).differences).toEqual([]);
      }),
    );
  });
});

describe('what NetBox holds twice', () => {
  it.each(['device', 'interface', 'ipAddress'])('is a conflict that names both, never one of them: %s', (kind) => {
    const objects = world();
    const [first] = objects[kind] ?? [];
    if (first) objects[kind]?.push({ ...first, id: 999, values: { ...first.values } });
    const { differences, ...comparison } = compareRecord(assertionsOf(state, live), factsOf(objects), live);
    expect(differences).toMatchObject([{ record: 'Conflict', ids: [first?.id, 999], why: expect.stringContaining('999') }]);
    const { changes } = planRecord({ differences, ...comparison }, factsOf(objects), { remove: false, allowRemovals: false });
    expect(changes).toEqual([]);
  });
});
