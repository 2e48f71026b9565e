/**
 * A small NetBox that speaks HTTP: lists with cursor, offset, `fields=` and filters, bulk writes that are all or nothing, ETags, tokens.
 * What it must do as the real one does is in `contract.ts`, which runs against both. What only a fake can do, it does on demand: break.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

type Row = Record<string, unknown> & { id: number; last_updated: string };

/** Breaks a request instead of answering it. Gives false where the request is not meant. */
export type Fault = (
  request: { method: string; path: string; query: URLSearchParams },
  response: ServerResponse,
) => boolean | Promise<boolean>;

export interface FakeNetBox {
  readonly url: string;
  token: string;
  /** Every request as `GET dcim/devices`, the oldest first. */
  readonly requests: string[];
  readonly tables: Map<string, Map<number, Row>>;
  /** Asked first, until it is taken away. */
  fault: Fault | undefined;
  version: string;
  /** Installed plugins with their versions. */
  plugins: Readonly<Record<string, string>>;
  /** Lists with objects that this token does not see. */
  hidden: (path: string, row: Row) => boolean;
  /** Past the API, for the state of a test: gives the id. */
  insert(path: string, row: Record<string, unknown>): number;
  alter(path: string, row: Record<string, unknown> & { id: number }): void;
  drop(path: string, id: number): void;
  close(): Promise<void>;
}

/** Which list a field names an object of. */
const names: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'dcim/locations': { site: 'dcim/sites', parent: 'dcim/locations' },
  'dcim/sites': { tenant: 'tenancy/tenants' },
  'dcim/racks': { site: 'dcim/sites', location: 'dcim/locations' },
  'dcim/device-types': { manufacturer: 'dcim/manufacturers' },
  'dcim/device-roles': { parent: 'dcim/device-roles' },
  'dcim/platforms': { manufacturer: 'dcim/manufacturers' },
  'dcim/devices': {
    site: 'dcim/sites',
    tenant: 'tenancy/tenants',
    location: 'dcim/locations',
    rack: 'dcim/racks',
    device_type: 'dcim/device-types',
    role: 'dcim/device-roles',
    platform: 'dcim/platforms',
    primary_ip4: 'ipam/ip-addresses',
    primary_ip6: 'ipam/ip-addresses',
    oob_ip: 'ipam/ip-addresses',
  },
  'dcim/interfaces': {
    device: 'dcim/devices',
    lag: 'dcim/interfaces',
    parent: 'dcim/interfaces',
    untagged_vlan: 'ipam/vlans',
    tagged_vlans: 'ipam/vlans',
    vrf: 'ipam/vrfs',
  },
  'ipam/asns': { rir: 'ipam/rirs' },
  'ipam/prefixes': { vrf: 'ipam/vrfs', role: 'ipam/roles', vlan: 'ipam/vlans' },
  'ipam/ip-addresses': { vrf: 'ipam/vrfs' },
  'ipam/ip-ranges': { vrf: 'ipam/vrfs', role: 'ipam/roles' },
  'ipam/vlans': { site: 'dcim/sites', group: 'ipam/vlan-groups', role: 'ipam/roles' },
  'plugins/bgp/session': {
    device: 'dcim/devices',
    local_address: 'ipam/ip-addresses',
    remote_address: 'ipam/ip-addresses',
    local_as: 'ipam/asns',
    remote_as: 'ipam/asns',
  },
};
/** Fields that read as `{value, label}`, with what they are when nobody says. */
const choices: Readonly<Record<string, string | null>> = { status: 'active', type: null, mode: null };
const unique: Readonly<Record<string, readonly string[]>> = {
  'ipam/rirs': ['slug', 'name'],
  'ipam/asns': ['asn'],
  'dcim/sites': ['slug', 'name'],
  'extras/tags': ['slug', 'name'],
  'dcim/manufacturers': ['slug', 'name'],
};
/** Where a single object may stand in the way of a deletion. */
const protects: Readonly<Record<string, readonly [path: string, field: string][]>> = {
  'dcim/sites': [['dcim/devices', 'site']],
  'ipam/rirs': [['ipam/asns', 'rir']],
};
/** Fields that count, whatever the token may see. */
const counts: Readonly<Record<string, readonly [field: string, path: string, by: string][]>> = {
  'dcim/sites': [['device_count', 'dcim/devices', 'site']],
};
const models: Readonly<Record<string, string>> = {
  'extras/tags': 'extras.tag',
  'extras/custom-fields': 'extras.customfield',
  'dcim/sites': 'dcim.site',
  'dcim/devices': 'dcim.device',
  'dcim/interfaces': 'dcim.interface',
  'ipam/ip-addresses': 'ipam.ipaddress',
  'ipam/rirs': 'ipam.rir',
  'ipam/asns': 'ipam.asn',
  'plugins/bgp/session': 'netbox_bgp.bgpsession',
};
const filters = new Set([
  'id',
  'slug',
  'name',
  'asn',
  'device_id',
  'address',
  'prefix',
  'start_address',
  'changed_object_type',
  'changed_object_id',
]);

class Refused extends Error {
  readonly status: number;
  readonly body: unknown;

  constructor(status: number, body: unknown) {
    super(String(status));
    this.status = status;
    this.body = body;
  }
}

export async function startFakeNetBox(): Promise<FakeNetBox> {
  const tables = new Map<string, Map<number, Row>>();
  const table = (path: string) => tables.get(path) ?? tables.set(path, new Map()).get(path) ?? new Map<number, Row>();
  let clock = Date.parse('2026-11-01T00:00:00Z');
  let lastId = 0;
  const touch = () => new Date((clock += 1)).toISOString().replace('Z', '123Z');

  const server = createServer((request, response) => {
    void answer(request, response).catch((error: unknown) => {
      if (error instanceof Refused) send(response, error.status, error.body);
      else send(response, 500, { error: String(error) });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));

  const fake: FakeNetBox = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    token: 'nbt_fakefakefake.0123456789abcdef0123456789abcdef01234567',
    requests: [],
    tables,
    fault: undefined,
    version: '4.7.3',
    plugins: {},
    hidden: () => false,
    insert: (path, row) => logged(path, 'create', create(path, row)).id,
    alter: (path, row) => void logged(path, 'update', change(path, row)),
    drop: (path, id) => {
      remove(path, { id });
      log(path, 'delete', id);
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return fake;

  function send(response: ServerResponse, status: number, body: unknown): void {
    const minor = fake.version.split('.').slice(0, 2).join('.');
    response.writeHead(status, {
      'content-type': 'application/json',
      'api-version': minor,
      'x-request-id': `request-${fake.requests.length}`,
    });
    response.end(body === undefined ? undefined : JSON.stringify(body));
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams: query } = new URL(request.url ?? '/', fake.url);
    const method = request.method ?? 'GET';
    const path = pathname.replace(/^\/api\//, '').replace(/\/$/, '');
    fake.requests.push(`${method} ${path}`);
    const text = await textOf(request);
    if (fake.fault && (await fake.fault({ method, path, query }, response))) return;
    const scheme = fake.token.startsWith('nbt_') ? 'Bearer' : 'Token';
    if (request.headers.authorization !== `${scheme} ${fake.token}`) throw new Refused(403, { detail: 'Invalid v2 token' });
    if (path === 'status') return send(response, 200, { 'netbox-version': fake.version, plugins: fake.plugins });
    const body = text === '' ? undefined : (JSON.parse(text) as Record<string, unknown>[]);
    switch (method) {
      case 'GET':
        return send(response, 200, list(path, query));
      case 'POST':
        return send(
          response,
          201,
          each(body ?? [], 'index', (row) => shown(path, logged(path, 'create', create(path, row))), path),
        );
      case 'PATCH':
        checkTags(path, body ?? [], request.headers['if-match']);
        return send(
          response,
          200,
          each(body ?? [], 'id', (row) => shown(path, logged(path, 'update', change(path, row))), path),
        );
      default:
        checkTags(path, body ?? [], request.headers['if-match']);
        each(body ?? [], 'id', (row) => remove(path, row), path);
        for (const { id } of body ?? []) log(path, 'delete', id as number);
        return send(response, 204, undefined);
    }
  }

  function list(path: string, query: URLSearchParams): unknown {
    const limit = Math.min(Number(query.get('limit') ?? 50), 1000);
    let rows = [...table(path).values()].filter((row) => !fake.hidden(path, row)).sort((a, b) => a.id - b.id);
    for (const name of new Set(query.keys())) {
      if (!filters.has(name)) continue;
      // Names of devices are one whatever their capitals; an address is found whatever its length.
      const bare = (value: string) => (name.endsWith('address') ? value.split('/')[0] : name === 'name' ? value.toLowerCase() : value);
      const wanted = new Set(query.getAll(name).map(bare));
      rows = rows.filter((row) => wanted.has(bare(String(row[name] ?? row[name.replace(/(?<=.)_id$/, '')]))));
    }
    if (query.has('id__gt')) rows = rows.filter(({ id }) => id > Number(query.get('id__gt')));
    if (query.get('ordering') === '-id') rows.reverse();
    if (query.get('ordering') === '-time') rows.sort((a, b) => (String(a['time']) < String(b['time']) ? 1 : -1));
    const hasCursor = query.has('start') && atLeast(4, 6);
    const from = hasCursor ? rows.filter(({ id }) => id >= Number(query.get('start'))) : rows.slice(Number(query.get('offset') ?? 0));
    const page = from.slice(0, limit).map((row) => pick(shown(path, row), query.get('fields')));
    const next = from.length > limit ? 'http://behind.a.proxy.example.net/next' : null;
    return { count: hasCursor ? null : rows.length, next, previous: null, results: page };
  }

  function atLeast(major: number, minor: number): boolean {
    const [a = 0, b = 0] = fake.version.split('.').map(Number);
    return a > major || (a === major && b >= minor);
  }

  /** All of a request or nothing. */
  function each<T>(rows: Record<string, unknown>[], key: 'index' | 'id', work: (row: Record<string, unknown>) => T, path: string): T[] {
    const before = new Map([...table(path)].map(([id, row]) => [id, { ...row }]));
    const records = new Map(table('core/object-changes'));
    const undo = () => tables.set(path, before).set('core/object-changes', records);
    const faults: unknown[] = [];
    const done = rows.map((row, index) => {
      try {
        return work(row);
      } catch (error) {
        if (!(error instanceof Refused)) throw error;
        if (error.status === 409) {
          undo();
          throw error;
        }
        faults.push({ [key]: key === 'id' ? row['id'] : index, errors: error.body });
        return undefined as T;
      }
    });
    if (faults.length === 0) return done;
    undo();
    throw new Refused(400, { detail: `${faults.length} of ${rows.length} objects could not be written.`, errors: faults });
  }

  function logged(path: string, action: string, row: Row): Row {
    log(path, action, row.id);
    return row;
  }

  function log(path: string, action: string, object: number): void {
    if (path === 'core/object-changes') return;
    const type = models[path] ?? path.replace('/', '.').replace(/s$/, '');
    const row = {
      id: ++lastId,
      last_updated: touch(),
      time: touch(),
      changed_object_type: type,
      changed_object_id: object,
      action: { value: action, label: action },
    };
    table('core/object-changes').set(row.id, row);
  }

  function create(path: string, body: Record<string, unknown>): Row {
    const row: Row = { tags: [], custom_fields: {}, ...defaults(path), ...body, id: ++lastId, last_updated: touch() };
    checkUnique(path, row);
    table(path).set(row.id, row);
    return row;
  }

  function change(path: string, { id, ...body }: Record<string, unknown>): Row {
    const row = table(path).get(id as number);
    if (!row) throw new Refused(400, [`Object with ID ${String(id)} does not exist.`]);
    const custom = { ...(row['custom_fields'] as object), ...(body['custom_fields'] as object | undefined) };
    const next: Row = { ...row, ...body, custom_fields: custom, last_updated: touch() };
    checkUnique(path, next);
    table(path).set(row.id, next);
    return next;
  }

  function remove(path: string, { id }: Record<string, unknown>): void {
    if (!table(path).has(id as number)) throw new Refused(400, [`Object with ID ${String(id)} does not exist.`]);
    for (const [other, field] of protects[path] ?? []) {
      if ([...table(other).values()].some((row) => row[field] === id))
        throw new Refused(409, { detail: 'Unable to delete object. 1 dependent objects were found' });
    }
    table(path).delete(id as number);
  }

  function checkUnique(path: string, row: Row): void {
    for (const field of unique[path] ?? []) {
      const isTaken = [...table(path).values()].some((other) => other.id !== row.id && other[field] === row[field]);
      if (isTaken) throw new Refused(400, { [field]: [`An object with this ${field} already exists.`] });
    }
  }

  function checkTags(path: string, rows: Record<string, unknown>[], ifMatch: string | undefined): void {
    if (ifMatch === undefined) return;
    const tags = new Set(ifMatch.split(', '));
    const isStale = rows.some(({ id }) => {
      const row = table(path).get(id as number);
      return row && !tags.has(`W/"${row.last_updated.replace(/Z$/, '+00:00')}"`);
    });
    if (isStale) throw new Refused(412, { detail: 'The object has changed.' });
  }

  function shown(path: string, row: Row): Record<string, unknown> {
    const nested = names[path] ?? {};
    const counted = (counts[path] ?? []).map(([field, other, by]) => [
      field,
      [...table(other).values()].filter((each) => each[by] === row.id).length,
    ]);
    return Object.fromEntries(
      [...Object.entries(row), ...(counted as [string, unknown][])].map(([name, value]) => {
        if (name === 'custom_fields') return [name, { ...customFieldsOf(path), ...(value as object) }];
        if (name === 'tags') return [name, (value as (number | { slug?: string; id?: number })[]).map(tagOf)];
        const to = nested[name];
        if (to !== undefined) return [name, Array.isArray(value) ? value.map((id) => brief(to, id)) : brief(to, value)];
        if (name in choices && path !== 'extras/custom-fields')
          return [name, value === null || value === '' ? null : { value, label: 'for people' }];
        return [name, value];
      }),
    );
  }

  /** Every object of a type shows its custom fields, also those that are empty. */
  function customFieldsOf(path: string): Record<string, null> {
    const own = [...table('extras/custom-fields').values()].filter(({ object_types: types }) =>
      (types as string[]).includes(models[path] ?? ''),
    );
    return Object.fromEntries(own.map((row) => [String(row['name']), null]));
  }

  function brief(path: string, id: unknown): unknown {
    if (typeof id !== 'number') return null;
    const { slug, name }: Record<string, unknown> = table(path).get(id) ?? {};
    return { id, url: `/api/${path}/${id}/`, display: name ?? slug ?? String(id) };
  }

  function tagOf(tag: number | { slug?: string; id?: number }): unknown {
    const rows = [...table('extras/tags').values()];
    const found = rows.find((row) => (typeof tag === 'number' ? row.id === tag : row['slug'] === tag.slug));
    if (!found) throw new Refused(400, { tags: ['Related object not found'] });
    return { id: found.id, slug: found['slug'], name: found['name'] };
  }
}

function defaults(path: string): Record<string, unknown> {
  return path === 'dcim/interfaces'
    ? { enabled: true, description: '', mtu: null }
    : path.startsWith('ipam/') || path === 'dcim/devices'
      ? { status: 'active' }
      : {};
}

function pick(row: Record<string, unknown>, fields: string | null): Record<string, unknown> {
  return fields === null ? row : Object.fromEntries(fields.split(',').flatMap((name) => (name in row ? [[name, row[name]]] : [])));
}

async function textOf(stream: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}
