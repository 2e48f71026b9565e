/**
 * node --expose-gc bench/netbox-memory.ts: a snapshot of a NetBox with 100,000 objects (10,000 devices, 30,000 interfaces, 50,000 addresses, 10,000 prefixes),
 * kept for later looks, as an operator has it; and a second one after one change. The NetBox is a process of its own that makes up its pages, with rows
 * as a real one sends them.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { keepHeapSmall } from '../controller/cli/heap.ts';
import { Secret, systemClock } from '../controller/lib/index.ts';
import { createMemory, openNetBox } from '../controller/netbox/index.ts';

type Row = Record<string, unknown>;

const devices = 10_000;
const tag = (path: string, id: number, name: string) => ({
  id,
  url: `https://netbox.example.net/api/${path}/${id}/`,
  display: name,
  name,
  slug: name.toLowerCase(),
  description: '',
});
const word = (value: string) => ({ value, label: value.toUpperCase() });
const changed = (id: number) => new Date(Date.parse('2026-11-01T00:00:00Z') + id).toISOString().replace('Z', '123Z');
const one = (id: number, slug: string): Row => ({ id, slug, name: slug.toUpperCase(), model: slug });
const address = (id: number): string => `10.${(id >> 14) & 255}.${(id >> 6) & 255}.${((id & 63) << 2) + 1}`;

/** How many rows a list has, and what they look like. */
const lists: Readonly<Record<string, readonly [count: number, row: (id: number) => Row]>> = {
  'dcim/sites': [100, (id) => ({ ...one(id, `site-${id}`), status: word('active'), tenant: null })],
  'dcim/manufacturers': [1, (id) => one(id, 'maker')],
  'dcim/device-types': [1, (id) => ({ ...one(id, 'box'), manufacturer: tag('dcim/manufacturers', 1, 'Maker') })],
  'dcim/device-roles': [1, (id) => ({ ...one(id, 'edge'), parent: null })],
  'dcim/platforms': [1, (id) => ({ ...one(id, 'frr'), manufacturer: null })],
  'dcim/devices': [
    devices,
    (id) => ({
      id,
      name: `router-${id}`,
      site: tag('dcim/sites', (id % 100) + 1, `Site-${(id % 100) + 1}`),
      device_type: { ...tag('dcim/device-types', 1, 'Box'), manufacturer: tag('dcim/manufacturers', 1, 'Maker') },
      role: tag('dcim/device-roles', 1, 'Edge'),
      platform: tag('dcim/platforms', 1, 'FRR'),
      status: word('active'),
      serial: `SN-${id}`,
      asset_tag: null,
      primary_ip4: {
        id,
        url: `https://netbox.example.net/api/ipam/ip-addresses/${id}/`,
        display: address(id),
        family: 4,
        address: `${address(id)}/30`,
      },
    }),
  ],
  'dcim/interfaces': [
    3 * devices,
    (id) => ({
      id,
      device: tag('dcim/devices', (id % devices) + 1, `router-${(id % devices) + 1}`),
      name: `eth${Math.floor(id / devices)}`,
      type: word('1000base-t'),
      enabled: true,
      mtu: 9000,
      mgmt_only: false,
      description: `link ${id} of the network`,
      mode: null,
      tagged_vlans: [],
    }),
  ],
  'ipam/prefixes': [
    10_000,
    (id) => ({ id, prefix: `172.${16 + (id >> 12)}.${(id >> 4) & 255}.${(id & 15) << 4}/28`, status: word('active'), description: '' }),
  ],
  'ipam/ip-addresses': [
    5 * devices,
    (id) => ({
      id,
      address: `${address(id)}/30`,
      status: word('active'),
      role: null,
      dns_name: `host-${id}.example.net`,
      description: '',
      assigned_object_type: 'dcim.interface',
      assigned_object_id: (id % (3 * devices)) + 1,
    }),
  ],
  'core/object-changes': [
    200,
    (id) => ({
      id,
      time: changed(id),
      changed_object_type: id > 100 ? 'dcim.interface' : 'dcim.cable',
      changed_object_id: id,
      action: word('update'),
    }),
  ],
};

/** Rows by cursor, as they are asked for. Records beyond the hundredth come once all was read. */
function serve(): void {
  let feedEnd = 100;
  const server = createServer((request, response) => {
    const { pathname, searchParams: query } = new URL(request.url ?? '/', 'http://localhost');
    const path = pathname.replace(/^\/api\/|\/$/g, '');
    const say = (body: unknown) => {
      response.writeHead(200, { 'content-type': 'application/json', 'api-version': '4.7' });
      response.end(JSON.stringify(body));
    };
    if (path === 'status') return say({ 'netbox-version': '4.7.3', plugins: {} });
    const [all, make] = lists[path] ?? [0, () => ({})];
    const isFeed = path === 'core/object-changes';
    const count = isFeed ? feedEnd : all;
    const limit = Math.min(Number(query.get('limit') ?? 50), 1000);
    const wanted = new Set(query.get('fields')?.split(','));
    const marks: Row = { tags: [], custom_fields: { plumbline_id: null, owner: null }, last_updated: changed(1) };
    const rowOf = (id: number) => Object.fromEntries(Object.entries({ ...marks, ...make(id) }).filter(([name]) => wanted.has(name)));
    const range = (from: number, length: number) => Array.from({ length: Math.max(0, length) }, (_, i) => rowOf(from + i));
    if (query.has('id')) return say({ count: null, next: null, results: query.getAll('id').map((id) => rowOf(Number(id))) });
    if (query.get('ordering') === '-id')
      return say({ count, next: 'more', results: range(count - limit + 1, Math.min(limit, count)).reverse() });
    if (isFeed) {
      const from = Number(query.get('id__gt')) + 1;
      return say({ count: count - from + 1, next: null, results: range(from, count - from + 1) });
    }
    const from = Math.max(1, Number(query.get('start') ?? 1));
    const length = Math.min(limit, count - from + 1);
    if (path === 'ipam/asns') feedEnd = 101;
    return say({ count: null, next: from + length <= count ? 'more' : null, results: range(from, length) });
  });
  server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));
}

async function measure(): Promise<void> {
  keepHeapSmall(); // as plumb up does
  const server: ChildProcess = fork(import.meta.filename, ['serve']);
  try {
    const [port] = (await once(server, 'message')) as [number];
    const token = new Secret(`nbt_${'x'.repeat(12)}.${'0'.repeat(40)}`);
    const memory = createMemory();
    let facts: unknown;
    for (const name of ['first look', 'second look, one change', 'third look']) {
      const start = performance.now();
      const netbox = await openNetBox({ url: `http://127.0.0.1:${port}`, token, clock: systemClock, memory });
      const found = await netbox.readFacts();
      await netbox.close();
      facts = found;
      const objects = Object.values(found.objects).reduce((sum, { length }) => sum + length, 0);
      print(`${name}, ${objects} objects`, `${((performance.now() - start) / 1000).toFixed(1)} s`);
      print('  highest memory until here', `${Math.round(process.resourceUsage().maxRSS / 1024)} MiB`);
      globalThis.gc?.();
      print('  heap in use', `${Math.round(process.memoryUsage().heapUsed / 2 ** 20)} MiB`);
    }
    if (facts === undefined) throw new Error('nothing was read');
  } finally {
    server.kill('SIGTERM');
  }
}

function print(name: string, value: string): void {
  process.stdout.write(`${name.padEnd(44)} ${value.padStart(10)}\n`);
}

if (process.argv[2] === 'serve') serve();
else await measure();
