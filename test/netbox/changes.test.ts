import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { NetBoxFacts } from '../../controller/api/index.ts';
import { Secret, systemClock } from '../../controller/lib/index.ts';
import { createMemory, type Memory, openNetBox } from '../../controller/netbox/index.ts';
import { type FakeNetBox, startFakeNetBox } from './fake.ts';

let fake: FakeNetBox;
let memory: Memory;
let site: number;
let device: number;
let port: number;
beforeEach(async () => {
  fake = await startFakeNetBox();
  memory = createMemory();
  site = fake.insert('dcim/sites', { slug: 'fra', name: 'FRA' });
  device = fake.insert('dcim/devices', { name: 'r1', site });
  port = fake.insert('dcim/interfaces', { name: 'eth0', device });
  fake.insert('ipam/ip-addresses', { address: '192.0.2.1/24', assigned_object_type: 'dcim.interface', assigned_object_id: port });
});
afterEach(() => fake.close());

let clock = systemClock;
beforeEach(() => (clock = systemClock));

async function look(known?: Memory): Promise<{ facts: NetBoxFacts['objects']; requests: string[] }> {
  const before = fake.requests.length;
  const netbox = await openNetBox({ url: fake.url, token: new Secret(fake.token), clock, memory: known });
  try {
    const { objects } = await netbox.readFacts();
    return { facts: objects, requests: fake.requests.slice(before).filter((each) => each !== 'GET status') };
  } finally {
    await netbox.close();
  }
}

/** A look with the memory finds what one without finds. */
async function lookAgain(): Promise<string[]> {
  const { facts, requests } = await look(memory);
  expect(facts).toEqual((await look()).facts);
  return requests;
}

const feed = 'GET core/object-changes';

describe('a second look at NetBox', () => {
  beforeEach(() => look(memory));

  it('asks the change log alone when nothing changed', async () => {
    expect(await lookAgain()).toEqual([feed]);
    expect(await lookAgain()).toEqual([feed]);
  });

  it('reads only what changed, once', async () => {
    fake.alter('dcim/interfaces', { id: port, description: 'new' });
    fake.insert('dcim/interfaces', { name: 'eth1', device });
    expect(await lookAgain()).toEqual([feed, 'GET dcim/interfaces']);
    expect(await lookAgain()).toEqual([feed]);
  });

  it('knows what was deleted, and reads the lists that may have named it', async () => {
    const rir = fake.insert('ipam/rirs', { slug: 'r', name: 'R' });
    await lookAgain();
    fake.drop('ipam/rirs', rir);
    expect(await lookAgain()).toEqual([feed, 'GET ipam/asns']);
  });

  it('knows what a write did that was on its way when all was read', async () => {
    const log = fake.tables.get('core/object-changes');
    const ids = [...(log?.keys() ?? [])];
    const [record] = [...(log?.values() ?? [])].filter((row) => row['changed_object_id'] === port);
    const late = ids[0] === undefined ? 0 : ids[0] + 1; // between two others
    Object.assign(fake.tables.get('dcim/interfaces')?.get(port) ?? {}, { description: 'late' });
    if (record) log?.set(late, { ...record, id: late });
    expect(ids).not.toContain(late);
    expect(await lookAgain()).toEqual([feed, 'GET dcim/interfaces']);
    expect(await lookAgain()).toEqual([feed]);
  });

  it('reads the lists again whose rows went along with a location', async () => {
    const location = fake.insert('dcim/locations', { slug: 'l', name: 'L', site, parent: null });
    const child = fake.insert('dcim/locations', { slug: 'c', name: 'C', site, parent: location });
    await lookAgain();
    const other = fake.insert('dcim/sites', { slug: 'ams', name: 'AMS' });
    fake.alter('dcim/locations', { id: location, site: other });
    Object.assign(fake.tables.get('dcim/locations')?.get(child) ?? {}, { site: other });
    expect((await lookAgain()).toSorted()).toEqual(
      [feed, 'GET dcim/devices', 'GET dcim/locations', 'GET dcim/racks', 'GET dcim/sites'].toSorted(),
    );
  });

  it('takes nothing for deleted that the token may not see any more', async () => {
    fake.alter('dcim/interfaces', { id: port, description: 'new' });
    fake.hidden = (path) => path === 'dcim/interfaces';
    await expect(look(memory)).rejects.toMatchObject({ code: 'NetBoxIncomplete' });
    await expect(look(memory)).rejects.toMatchObject({ code: 'NetBoxIncomplete' });
    fake.hidden = () => false;
    expect((await lookAgain()).length).toBeGreaterThan(10);
  });

  it.each<{ name: string; change: () => void }>([
    {
      name: 'an object is not there that nobody deleted',
      change: () => {
        fake.alter('dcim/interfaces', { id: port, description: 'new' });
        fake.tables.get('dcim/interfaces')?.delete(port);
        fake.tables.get('ipam/ip-addresses')?.clear();
      },
    },
    {
      name: 'the log was cut off',
      change: () => {
        fake.tables.get('core/object-changes')?.clear();
        fake.alter('dcim/interfaces', { id: port, description: 'new' });
      },
    },
    { name: 'a tag changed, whose name stands in other rows', change: () => void fake.insert('extras/tags', { slug: 't', name: 'T' }) },
    { name: 'the token is another one', change: () => void (fake.token = fake.token.replace('0123', '3210')) },
    { name: 'the server was updated', change: () => void (fake.version = '4.7.4') },
    {
      name: 'an hour is over',
      change: () => {
        const late = systemClock.monotonicMs() + 3_700_000;
        clock = { ...systemClock, monotonicMs: () => late };
      },
    },
  ])('reads all when $name', async ({ change }) => {
    change();
    const requests = await lookAgain();
    expect(requests.length).toBeGreaterThan(10);
  });

  it('reads all when a plugin came or went: nobody read its list before', async () => {
    const [first = 0] = ['a', 'b'].map((name) => fake.insert('plugins/bgp/session', { name, device }));
    await lookAgain();
    fake.plugins = { netbox_bgp: '0.19.0' };
    fake.alter('plugins/bgp/session', { id: first, name: 'c' });
    await lookAgain();
    expect((await look(memory)).facts['bgpSession']).toHaveLength(2);
    fake.plugins = {};
    await lookAgain();
    expect((await look(memory)).facts).not.toHaveProperty('bgpSession');
  });

  it('reads all every time where the token may not see the change log', async () => {
    memory = createMemory();
    fake.fault = ({ path }, response) => {
      if (path !== 'core/object-changes') return false;
      response.writeHead(403, { 'content-type': 'application/json' });
      response.end('{"detail": "You do not have permission to perform this action."}');
      return true;
    };
    expect((await look(memory)).requests.length).toBeGreaterThan(10);
    expect((await look(memory)).requests.length).toBeGreaterThan(10);
  });

  it('reads all every time where the token sees nothing of the change log', async () => {
    memory = createMemory();
    fake.hidden = (path) => path === 'core/object-changes';
    await look(memory);
    fake.alter('dcim/interfaces', { id: port, description: 'new' });
    expect((await lookAgain()).length).toBeGreaterThan(10);
  });

  it('forgets what failed half way, and reads all again', async () => {
    fake.alter('dcim/interfaces', { id: port, description: 'new' });
    fake.fault = ({ path }, response) => {
      if (path !== 'dcim/interfaces') return false;
      response.writeHead(400, { 'content-type': 'application/json' });
      response.end('{"detail": "no"}');
      return true;
    };
    await expect(look(memory)).rejects.toThrow('refuses');
    fake.fault = undefined;
    expect((await lookAgain()).length).toBeGreaterThan(10);
  });
});
