import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { NetBoxFacts } from '../../controller/api/index.ts';
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
import { stateOf } from '../builders/state.ts';

const ports = ['eth0', 'eth1', 'lo'];

/** Edits that somebody makes in a NetBox that agrees, by the names of its API, and whether anything is to be said of them. */
const edits: readonly { kind: Kind; field: string; name: string; to: readonly unknown[]; says: boolean }[] = [
  { kind: 'device', field: 'status', name: 'status', to: ['offline', 'staged', 'failed'], says: true },
  { kind: 'device', field: 'serial', name: 'serial', to: ['X1', 'Y2', 'ß-3', '0'], says: true },
  { kind: 'device', field: 'serial', name: 'serial', to: [''], says: false },
  { kind: 'device', field: 'comments', name: 'comments', to: ['seen', ''], says: false },
  { kind: 'interface', field: 'description', name: 'description', to: ['uplink', 'Zürich ↔ 東京', '0', 'null', 'eth0'], says: true },
  { kind: 'interface', field: 'description', name: 'description', to: ['', '  '], says: false },
  { kind: 'interface', field: 'mtu', name: 'mtu', to: [1400, 9000, 9216], says: true },
  { kind: 'interface', field: 'mtu', name: 'mtu', to: [null], says: false },
  { kind: 'interface', field: 'enabled', name: 'enabled', to: [false], says: true },
  { kind: 'interface', field: 'enabled', name: 'enabled', to: [true], says: false },
  { kind: 'interface', field: 'type', name: 'type', to: ['virtual', '1000base-t', 'other'], says: false },
  { kind: 'interface', field: 'mode', name: 'mode', to: ['access', 'tagged', ''], says: false },
  { kind: 'ipAddress', field: 'dnsName', name: 'dns_name', to: ['r1.example.net', ''], says: false },
  { kind: 'ipAddress', field: 'status', name: 'status', to: ['reserved', 'deprecated', 'active'], says: false },
];
const edit = fc
  .constantFrom(...edits)
  .chain((row) => fc.record({ row: fc.constant(row), at: fc.nat(1000), to: fc.constantFrom(...row.to) }));

/** Many edits, and many orders, in the fake NetBox and in the real one. */
export function describeEdits(title: string, start: () => Promise<{ url: string; token: string }> | { url: string; token: string }): void {
  // oxlint-disable-next-line vitest/valid-title -- the caller names it
  describe(title, () => {
    let netbox: NetBox;
    let whole: NetBox;
    let access: { url: string; token: string };
    const run = Math.floor(performance.timeOrigin % 1e9);
    const prefix = `e${run.toString(36)}`;
    const net = `10.${(run + 100) % 250}`;

    const make = async (kind: Kind, body: Record<string, unknown>): Promise<number> => {
      const [written] = await netbox.write(kind, [{ what: kind, message: 'set up', body }]);
      if (!written || written.error) throw written?.error ?? new Error('nothing was written');
      return written.row?.['id'] as number;
    };

    beforeAll(async () => {
      access = await start();
      const options = { ...access, token: new Secret(access.token), clock: systemClock };
      netbox = await openNetBox({ ...options, memory: createMemory() });
      whole = await openNetBox(options);
      const maker = await make('manufacturer', { name: prefix, slug: prefix });
      await make('deviceType', { manufacturer: maker, model: prefix, slug: prefix });
      await make('site', { name: prefix, slug: prefix });
      await make('deviceRole', { name: prefix, slug: prefix, color: '9e9e9e' });
      const { objects } = await netbox.readFacts();
      if (!objects['platform']?.some(({ key }) => key === 'frr')) await make('platform', { name: 'frr', slug: 'frr' });
    }, 120_000);
    afterAll(async () => {
      await netbox?.close();
      await whole?.close();
    });

    /** A router in Git. `order` is that of its interfaces. */
    const deviceOf = (name: string, third: number, order: readonly string[] = ports): string => {
      const address = (port: string) => `${net}.${third}.${16 * ports.indexOf(port) + 1}`;
      const lines = order.map((port) => `    - {name: ${port}, description: ${name} ${port}, mtu: 1500, addresses: [${address(port)}/28]}`);
      return `---
kind: Device
name: ${prefix}-${name}
labels: {site: ${prefix}, role: ${prefix}, device-type: ${prefix}}
spec:
  platform: frr
  serial: S-${name}
  management: {address: ${address('lo')}, hostKeys: ['SHA256:0NCNJe2odk+Qg25vtrml/Em2rYRXPch9cqgiE0hg8Zk']}
  credentials: {observe: {name: routers}}
  interfaces:
${lines.join('\n')}
`;
    };
    const compare = async (yaml: string, of = netbox) => {
      const facts = await of.readFacts();
      return { facts, ...compareWithNetBox({ state: stateOf(yaml), facts, told: new Map() }) };
    };
    const record = async (yaml: string, by = netbox): Promise<number> => {
      const found = await compare(yaml, by);
      const plan = planRecord(found, found.facts, { remove: false, allowRemovals: false });
      expect(plan.left).toEqual([]);
      const outcomes = await carryOut(by, { plan, matched: found.matched, facts: found.facts, revision: 'main@sha1:1' });
      expect(outcomes.flatMap(({ error }) => error?.message ?? [])).toEqual([]);
      return outcomes.length;
    };
    const newestChange = async (): Promise<unknown> => {
      const answer = await fetch(`${access.url}/api/core/object-changes/?ordering=-id&limit=1&fields=id`, {
        headers: { authorization: `Bearer ${access.token}` },
      });
      return ((await answer.json()) as { results: { id: number }[] }).results[0]?.id;
    };

    it('a thousand random edits in batches each give exactly their verdict, and are taken back', { timeout: 900_000 }, async () => {
      const names = Array.from({ length: 6 }, (_, i) => `b${i}`);
      const yaml = names.map((name, i) => deviceOf(name, i)).join('');
      await record(yaml);
      const { matched } = await compare(yaml);
      const objects = (kind: Kind) => matched.filter(({ assertion }) => assertion.kind === kind).flatMap((each) => each.objects);
      const all = fc.sample(edit, { numRuns: 1000, seed: 20_261_122 });
      const last = new Map<string, boolean>();
      for (let from = 0; from < all.length; from += 50) {
        const bodies = new Map<string, { kind: Kind; id: number; body: Record<string, unknown> }>();
        for (const { row, at, to } of all.slice(from, from + 50)) {
          const list = objects(row.kind);
          const id = list[at % list.length]?.id ?? 0;
          const known = bodies.get(`${row.kind} ${id}`) ?? { kind: row.kind, id, body: {} };
          bodies.set(`${row.kind} ${id}`, { ...known, body: { ...known.body, [row.name]: to } });
          last.set(`${row.kind} ${id} ${row.field}`, row.says);
        }
        for (const [kind, same] of Map.groupBy(bodies.values(), (each) => each.kind)) {
          const written = await netbox.write(
            kind,
            same.map(({ id, body }) => ({ what: `${kind} ${id}`, message: 'an edit', id, body })),
          );
          expect(written.flatMap(({ error }) => error?.message ?? [])).toEqual([]);
        }
        const { differences } = await compare(yaml);
        const kindOf = new Map([
          ['IP address', 'ipAddress'],
          ['interface', 'interface'],
          ['device', 'device'],
        ]);
        const said = differences.map(
          ({ record: verdict, kind, ids, field }) => `${verdict} ${kindOf.get(kind) ?? kind} ${ids[0] ?? ''} ${field ?? ''}`,
        );
        expect(said.sort()).toEqual([...last].flatMap(([what, says]) => (says ? [`Behind ${what}`] : [])).sort());
      }
      // As `plumb netbox record` does: without a memory, for an edit that changed nothing moves the time of an object and leaves no record.
      expect(await record(yaml, whole)).toBeGreaterThan(10);
      expect((await compare(yaml)).differences).toEqual([]);
    });

    it('an address that NetBox holds twice is a conflict that names both, and neither is written', { timeout: 300_000 }, async () => {
      const address = `${net}.100.1/28`;
      // The only way to have it twice in one table that NetBox allows.
      const ids = [await make('ipAddress', { address, role: 'anycast' }), await make('ipAddress', { address, role: 'anycast' })];
      const found = await compare(deviceOf('twice', 100));
      expect(found.differences.filter(({ record: verdict }) => verdict === 'Conflict')).toMatchObject([
        { kind: 'IP address', object: `${prefix}-twice > eth0 > ${address}`, ids, why: expect.stringContaining(ids.join(', ')) },
      ]);
      const { changes, left } = planRecord(found, found.facts, { remove: true, allowRemovals: true });
      expect(left).toEqual([{ name: `${prefix}-twice > eth0 > ${address}`, why: 'NetBox holds it 2 times' }]);
      expect(changes.filter(({ name }) => name.includes(address))).toEqual([]);
    });

    it('twenty random orders of creation end in the same dump, and a second run leaves no change record', {
      timeout: 900_000,
    }, async () => {
      const orders = fc.sample(fc.tuple(fc.shuffledSubarray(['x', 'y'], { minLength: 2 }), fc.shuffledSubarray(ports, { minLength: 3 })), {
        numRuns: 20,
        seed: 20_261_122,
      });
      const worlds: string[] = [];
      for (const [i, [names, interfaces]] of orders.entries()) {
        // Each world has names and networks of its own.
        const yamlOf = (name: string) => deviceOf(`w${i}-${name}`, 50 + 2 * i + (name === 'x' ? 0 : 1), interfaces);
        for (const name of names) await record(yamlOf(name));
        worlds.push(['x', 'y'].map(yamlOf).join(''));
      }
      const facts = await netbox.readFacts();
      const dumps = worlds.map((_, i) => dumpOf(facts, i));
      expect(dumps[0]?.length).toBe(2 * (1 + 3 + 3));
      for (const dump of dumps) expect(dump).toEqual(dumps[0]);
      const before = await newestChange();
      expect(before).toEqual(expect.any(Number));
      expect(await record(worlds.join(''))).toBe(0);
      expect(await newestChange()).toBe(before);
    });

    /** What NetBox holds of one of the worlds, without what is only its own: names, networks, ids, times. */
    function dumpOf({ objects }: NetBoxFacts, world: number): readonly string[] {
      const plain = (text: string) =>
        text
          .replaceAll(`${prefix}-w${world}-`, 'w-')
          .replaceAll(`S-w${world}-`, 'S-')
          .replaceAll(new RegExp(`\\bw${world}-`, 'g'), 'w-')
          .replaceAll(`${net}.${50 + 2 * world}.`, '10.0.0.')
          .replaceAll(`${net}.${51 + 2 * world}.`, '10.0.1.');
      const isOurs = (key: string, id: string | undefined) => `${key} ${id ?? ''}`.includes(`${prefix}-w${world}-`);
      return ['device', 'interface', 'ipAddress']
        .flatMap((kind) =>
          (objects[kind] ?? []).flatMap(({ key, values, plumblineId }) =>
            isOurs(key, plumblineId) ? [plain(JSON.stringify([kind, key, plumblineId, values]))] : [],
          ),
        )
        .sort();
    }
  });
}
