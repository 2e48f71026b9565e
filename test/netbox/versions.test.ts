import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Secret, systemClock } from '../../controller/lib/index.ts';
import { openNetBox } from '../../controller/netbox/index.ts';
import { type FakeNetBox, startFakeNetBox } from './fake.ts';

type Row = Record<string, unknown>;
type Lists = Readonly<Record<string, readonly Row[]>>;

/** Recorded: what a real NetBox 4.7.3 answered. */
const recorded = JSON.parse(readFileSync(join(import.meta.dirname, 'answers/4.7.3.json'), 'utf8')) as { version: string; lists: Lists };

/**
 * Not recorded, for these versions cannot be installed here: the answers above without what their release notes say came later. Roles are a tree
 * since 4.3, and cursors came with 4.6; the fake NetBox counts where there is none.
 */
function before(version: readonly [number, number]): Lists {
  const [, minor] = version;
  const without = (row: Row): Row => Object.fromEntries(Object.entries(row).filter(([name]) => name !== 'parent' && name !== '_depth'));
  if (minor >= 3) return recorded.lists;
  return {
    ...recorded.lists,
    'dcim/device-roles': (recorded.lists['dcim/device-roles'] ?? []).map(without),
    'dcim/devices': (recorded.lists['dcim/devices'] ?? []).map((row) => ({ ...row, role: without(row['role'] as Row) })),
  };
}

let fake: FakeNetBox;
beforeEach(async () => {
  fake = await startFakeNetBox();
});
afterEach(() => fake.close());

/** What is read of lists as a server of this version sends them, and what of them was asked for. */
async function look(
  version: string,
  lists: Lists,
): Promise<{ objects: unknown; server: object; asked: ReadonlyMap<string, URLSearchParams> }> {
  const asked = new Map<string, URLSearchParams>();
  fake.version = version;
  fake.fault = ({ path, query }, response) => {
    if (path === 'status') return false;
    asked.set(path, query);
    const rows = lists[path] ?? [];
    const hasCursor = query.has('start');
    const from = hasCursor ? rows.filter(({ id }) => Number(id) >= Number(query.get('start'))) : rows.slice(Number(query.get('offset')));
    const page = from.slice(0, Number(query.get('limit')));
    response.writeHead(200, { 'content-type': 'application/json', 'api-version': version.split('.').slice(0, 2).join('.') });
    response.end(JSON.stringify({ count: hasCursor ? null : rows.length, next: from.length > page.length ? 'more' : null, results: page }));
    return true;
  };
  const netbox = await openNetBox({ url: fake.url, token: new Secret(fake.token), clock: systemClock, pageSize: 1 });
  try {
    return { objects: (await netbox.readFacts()).objects, server: netbox.server, asked };
  } finally {
    await netbox.close();
  }
}

describe('a NetBox as it was recorded', () => {
  it('is read whole, with every value that we compare', async () => {
    const { objects } = await look(recorded.version, recorded.lists);
    expect(objects).toMatchObject({
      device: [
        {
          key: 'fra > edge1-fra',
          values: {
            rack: expect.stringContaining('R1'),
            position: 24,
            type: 'maker > box',
            role: 'edge',
            status: 'staged',
            assetTag: 'A1',
            primaryIp4: '192.0.2.1',
          },
        },
      ],
      interface: [
        {
          key: 'fra > edge1-fra > bond0',
          values: { type: 'lag', mode: 'tagged', taggedVlans: [expect.stringContaining('100')], mac: null },
        },
        {
          key: 'fra > edge1-fra > eth0',
          values: { mtu: 9000, description: 'Zürich ↔ 東京', mac: 'AA:BB:CC:00:11:22', lag: 'fra > edge1-fra > bond0', mode: null },
        },
      ],
      ipAddress: [
        { values: { address: '192.0.2.1/24', interface: 'fra > edge1-fra > bond0', dnsName: 'edge1.example.net', vrf: null, role: null } },
        { values: { address: '2001:db8::1/64', interface: null, vrf: expect.stringContaining('CUST'), role: 'anycast' } },
      ],
      prefix: [{ values: { prefix: '192.0.2.0/24', site: 'fra', status: 'container' } }],
    });
  });
});

describe('an older NetBox, written after its release notes', () => {
  it.each([
    { version: '4.2.9', cursor: false, changelogMessage: false, bulkIfMatch: false },
    { version: '4.3.7', cursor: false, changelogMessage: false, bulkIfMatch: false },
    { version: '4.4.10', cursor: false, changelogMessage: true, bulkIfMatch: false },
    { version: '4.5.10', cursor: false, changelogMessage: true, bulkIfMatch: false },
    { version: '4.6.8', cursor: true, changelogMessage: true, bulkIfMatch: false },
    { version: '4.8.0', cursor: true, changelogMessage: true, bulkIfMatch: true, writable: false },
  ])('$version says the same in the end, and is asked only for what it knows', async ({ version, ...able }) => {
    const [major = 0, minor = 0] = version.split('.').map(Number);
    const { objects, server, asked } = await look(version, before([major, minor]));
    expect(objects).toEqual((await look(recorded.version, recorded.lists)).objects);
    expect(server).toMatchObject({ writable: true, ...able });
    const roles = asked.get('dcim/device-roles');
    expect([roles?.has('start'), roles?.has('offset')]).toEqual([able.cursor, !able.cursor]);
    expect(roles?.get('fields')?.split(',').includes('parent')).toBe(minor >= 3);
  });

  it.each(['3.7.8', '4.0.11', '4.1.11'])('%s is refused with the oldest that can be read', async (version) => {
    await expect(look(version, recorded.lists)).rejects.toMatchObject({
      code: 'NetBoxVersion',
      message: expect.stringMatching(`${version.replaceAll('.', '\\.')}.*4\\.2`),
    });
  });
});
