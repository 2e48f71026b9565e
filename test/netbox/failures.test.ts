import type { ServerResponse } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Secret, systemClock } from '../../controller/lib/index.ts';
import { carryOut, type NetBox, openNetBox } from '../../controller/netbox/index.ts';
import { type FakeNetBox, type Fault, startFakeNetBox } from './fake.ts';

let fake: FakeNetBox;
let netbox: NetBox | undefined;
beforeEach(async () => {
  fake = await startFakeNetBox();
});
afterEach(async () => {
  await netbox?.close();
  netbox = undefined;
  await fake.close();
});

type Options = Partial<Parameters<typeof openNetBox>[0]>;

/** Waits are over at once; a deadline, the longest sleep, is not. */
const hurried = {
  ...systemClock,
  sleep: async (ms: number, signal?: AbortSignal) => await systemClock.sleep(ms >= 300 && ms < 60_000 ? 1 : Math.min(ms, 60_000), signal),
};

async function open(options: Options = {}): Promise<NetBox> {
  return (netbox = await openNetBox({ url: fake.url, token: new Secret(fake.token), clock: hurried, pageSize: 3, ...options }));
}

function fillRirs(count: number): void {
  for (let i = 1; i <= count; i++) fake.insert('ipam/rirs', { slug: `r${i}`, name: `R${i}` });
}

const say =
  (status: number, body = '', headers: Record<string, string> = {}): ((response: ServerResponse) => void) =>
  (response) => {
    response.writeHead(status, { 'content-type': 'text/html', ...headers });
    response.end(body);
  };

/** Breaks the first `times` requests that are meant. */
function breaking(times: number, method: string, path: string, how: (response: ServerResponse) => void): Fault {
  let left = times;
  return (request, response) => {
    if (request.method !== method || request.path !== path || left-- <= 0) return false;
    how(response);
    return true;
  };
}

describe('a read', () => {
  it.each<{ name: string; how: (response: ServerResponse) => void }>([
    { name: 'a proxy that has lost its server', how: say(502, '<html><title>502 Bad Gateway</title></html>') },
    { name: 'a server that asks for patience', how: say(429, '', { 'retry-after': '1' }) },
    { name: 'a socket that is closed', how: (response) => response.socket?.destroy() },
    {
      name: 'half an answer',
      how: (response) => {
        response.writeHead(200, { 'content-type': 'application/json', 'content-length': '100' });
        response.write('{"count": 1, ');
        response.socket?.end();
      },
    },
    { name: 'a page of a proxy', how: say(200, '<html>Welcome</html>') },
  ])('survives $name, twice', async ({ how }) => {
    fillRirs(5);
    await open();
    fake.fault = breaking(2, 'GET', 'ipam/rirs', how);
    expect((await netbox?.readFacts())?.objects['rir']).toHaveLength(5);
  });

  it.each<{ name: string; how: (response: ServerResponse) => void; expected: string }>([
    { name: 'a proxy that stays without a server', how: say(502), expected: 'NetBoxUnreachable' },
    { name: 'a list that is not there', how: say(404), expected: 'NetBoxLacks' },
    { name: 'an address that has moved', how: say(301, '', { location: 'https://new.example.net/' }), expected: 'NetBoxUnreadable' },
    {
      name: 'JSON that is no page',
      how: (response) => {
        response.writeHead(200, { 'content-type': 'application/json' });
        response.end('[]');
      },
      expected: 'NetBoxUnreadable',
    },
  ])('is an error, never an empty list: $name', async ({ how, expected }) => {
    await open();
    fake.fault = breaking(Number.POSITIVE_INFINITY, 'GET', 'ipam/rirs', how);
    await expect(netbox?.readFacts()).rejects.toMatchObject({ code: expected });
  });

  it('ends when a page takes too long', async () => {
    await open({ timeoutMs: 200 });
    fake.fault = ({ path }) => path === 'ipam/rirs';
    await expect(netbox?.readFacts()).rejects.toMatchObject({
      code: 'NetBoxUnreachable',
      message: expect.stringContaining('no answer within 0.2 s'),
    });
  });

  it('ends when it was asked more often than one run may ask', async () => {
    fillRirs(30);
    await open({ budget: 25 });
    await expect(netbox?.readFacts()).rejects.toMatchObject({ code: 'NetBoxBudget' });
  });

  it('ends with the reason of whoever stops it', async () => {
    await open();
    fake.fault = ({ path }) => path === 'ipam/rirs';
    const reason = new Error('stopped');
    await expect(netbox?.readFacts(AbortSignal.abort(reason))).rejects.toBe(reason);
  });

  it('skips nothing while others write between its pages', async () => {
    fillRirs(9);
    await open();
    fake.fault = ({ path, query }) => {
      if (path === 'ipam/rirs' && query.get('start') === '4') fake.tables.get('ipam/rirs')?.delete(1);
      return false;
    };
    const found = (await netbox?.readFacts())?.objects['rir']?.map(({ key }) => key) ?? [];
    expect(found).toEqual(expect.arrayContaining(['r4', 'r5', 'r6', 'r7', 'r8', 'r9']));
  });

  it('begins a numbered list again when it changed under reading, and says so when it never holds still', async () => {
    fake.version = '4.5.2';
    fillRirs(9);
    await open();
    let changes = 1;
    fake.fault = ({ path, query }) => {
      if (path === 'ipam/rirs' && query.get('offset') === '3' && changes-- > 0) fake.tables.get('ipam/rirs')?.delete(1);
      return false;
    };
    expect((await netbox?.readFacts())?.objects['rir']).toHaveLength(8);
    changes = 100;
    fake.fault = ({ path, query }) => {
      if (path === 'ipam/rirs' && query.get('offset') === '3') fake.insert('ipam/rirs', { slug: `n${changes}`, name: `N${changes--}` });
      return false;
    };
    await expect(netbox?.readFacts()).rejects.toMatchObject({
      code: 'NetBoxIncomplete',
      message: expect.stringContaining('grew or shrank'),
    });
  });

  it('never loops where a server does not know the cursor', async () => {
    fillRirs(9);
    await open();
    fake.version = '4.4.0'; // it was set back between the question for its version and this one
    await expect(netbox?.readFacts()).rejects.toMatchObject({ code: expect.stringMatching(/NetBoxIncomplete|NetBoxUnreadable/) });
  });

  it('does not believe a list that came with rows that the filter does not let pass', async () => {
    fillRirs(3);
    await open();
    const list = fake.tables.get('ipam/rirs');
    fake.fault = ({ path, query }) => {
      if (path === 'ipam/rirs') query.delete('id');
      return false;
    };
    expect(list?.size).toBe(3);
    await expect(netbox?.readRows('rir', { name: 'id', values: [2] })).rejects.toMatchObject({ code: 'NetBoxFilterIgnored' });
  });

  it('takes an object that the token may not see for no deleted one', async () => {
    const site = fake.insert('dcim/sites', { slug: 'fra', name: 'FRA' });
    fake.insert('dcim/locations', { slug: 'hall', name: 'Hall', site });
    fake.hidden = (path) => path === 'dcim/sites';
    await open();
    await expect(netbox?.readFacts()).rejects.toMatchObject({
      code: 'NetBoxIncomplete',
      message: expect.stringContaining('the token may not see it'),
    });
  });

  it('takes devices for no deleted ones that the token may not see, where the site counts more', async () => {
    const site = fake.insert('dcim/sites', { slug: 'fra', name: 'FRA' });
    for (const name of ['r1', 'r2']) fake.insert('dcim/devices', { name, site });
    fake.hidden = (path, row) => path === 'dcim/devices' && row['name'] === 'r2';
    await open();
    await expect(netbox?.readFacts()).rejects.toMatchObject({
      code: 'NetBoxIncomplete',
      message: expect.stringContaining('site fra has 2 of device, and 1 came'),
    });
  });

  it('takes a device that came between two lists for no hidden one', async () => {
    fake.insert('dcim/devices', { name: 'r1', site: fake.insert('dcim/sites', { slug: 'fra', name: 'FRA' }) });
    let isListed = false;
    fake.hidden = (path) => path === 'dcim/devices' && !isListed;
    fake.fault = ({ path }) => {
      if (path === 'dcim/devices') setImmediate(() => (isListed = true));
      return false;
    };
    await open();
    expect((await netbox?.readFacts())?.objects['device']?.map(({ key }) => key)).toEqual(['fra > r1']);
  });

  it('stops at the first page of a list that a filter should have made short', async () => {
    fillRirs(30);
    await open();
    fake.fault = ({ path, query }) => {
      if (path === 'ipam/rirs') query.delete('id');
      return false;
    };
    await expect(netbox?.readRows('rir', { name: 'id', values: [2] })).rejects.toMatchObject({ code: 'NetBoxFilterIgnored' });
    expect(fake.requests.filter((each) => each === 'GET ipam/rirs')).toHaveLength(1);
  });

  it('does not stumble over a custom field of people that only has the name of ours', async () => {
    const site = fake.insert('dcim/sites', { slug: 'fra', name: 'FRA' });
    fake.insert('extras/custom-fields', { name: 'bgp_sessions', type: 'integer', object_types: ['dcim.device'] });
    fake.insert('dcim/devices', { name: 'r1', site, custom_fields: { bgp_sessions: 5 } });
    await open();
    expect((await netbox?.readFacts())?.objects['device']).toMatchObject([{ values: { bgpSessions: null } }]);
  });

  it('says which object is not shaped as the API says', async () => {
    const rir = fake.insert('ipam/rirs', { slug: 'r', name: 'R' });
    const id = fake.insert('ipam/asns', { asn: 'AS64500', rir });
    await open();
    await expect(netbox?.readFacts()).rejects.toMatchObject({
      code: 'NetBoxUnreadable',
      message: expect.stringContaining(`ASN ${id}: "AS64500" is no number`),
    });
  });
});

describe('a write', () => {
  const rir = (name: string) => ({ what: name, message: '', body: { name, slug: name } });

  it('is never sent again when nobody knows what became of it', async () => {
    await open();
    fake.fault = breaking(1, 'POST', 'ipam/rirs', (response) => response.socket?.destroy());
    const written = await netbox?.write('rir', [rir('a'), rir('b')]);
    expect(written?.map(({ error }) => error?.code)).toEqual(['NetBoxOutcomeUnknown', 'NetBoxOutcomeUnknown']);
    expect(fake.requests.filter((each) => each === 'POST ipam/rirs')).toHaveLength(1);
  });

  it('is sent again when the server said that it was not looked at', async () => {
    await open();
    fake.fault = breaking(1, 'POST', 'ipam/rirs', say(429, '', { 'retry-after': '0' }));
    const written = await netbox?.write('rir', [rir('a')]);
    expect(written?.map(({ error }) => error)).toEqual([undefined]);
  });

  it('stops at the first failure that is not about an object, and says so of all that wait', async () => {
    await open();
    fake.fault = breaking(1, 'POST', 'ipam/rirs', say(502));
    const written = await netbox?.write(
      'rir',
      Array.from({ length: 25 }, (_, i) => rir(`r${i}`)),
    );
    expect(new Set(written?.map(({ error }) => error?.code))).toEqual(new Set(['NetBoxOutcomeUnknown']));
    expect(written).toHaveLength(25);
    expect(fake.tables.get('ipam/rirs')?.size ?? 0).toBe(0);
  });

  it('finds the bad one among many where an older NetBox does not say which it is', async () => {
    await open();
    fake.insert('ipam/rirs', { name: 'r7', slug: 'r7' });
    fake.fault = ({ method, path }, response) => {
      void method;
      void path;
      const writeHead = response.writeHead.bind(response) as (status: number, headers: Record<string, string>) => ServerResponse;
      response.writeHead = ((status: number, headers: Record<string, string>) => writeHead(status, headers)) as typeof response.writeHead;
      const end = response.end.bind(response) as (text?: string) => ServerResponse;
      response.end = ((text?: string) => end(response.statusCode === 400 ? '{"slug":["taken"]}' : text)) as typeof response.end;
      return false;
    };
    const written = await netbox?.write(
      'rir',
      Array.from({ length: 12 }, (_, i) => rir(`r${i}`)),
    );
    expect(written?.flatMap(({ write: { what }, error }) => (error ? [what] : []))).toEqual(['r7']);
    expect(fake.tables.get('ipam/rirs')?.size).toBe(12);
  });

  it('looks again right before it where the server does not compare tags', async () => {
    fake.version = '4.5.2';
    const id = fake.insert('ipam/rirs', { name: 'a', slug: 'a' });
    await open();
    const [read] = (await netbox?.readFacts())?.objects['rir'] ?? [];
    const change = { what: 'a', message: '', id, updated: read?.updated ?? null, body: { name: 'ours' } };
    expect((await netbox?.write('rir', [change]))?.[0]?.error).toBeUndefined();
    expect((await netbox?.write('rir', [change]))?.[0]?.error).toMatchObject({ code: 'NetBoxChanged' });
  });

  it('says of each what became of it when somebody changed one, and nobody can say which', async () => {
    const ids = ['a', 'b'].map((name) => fake.insert('ipam/rirs', { name, slug: name }));
    await open();
    fake.fault = ({ method, path, query }, response) => {
      if (path !== 'ipam/rirs' || !(method === 'PATCH' || query.has('id'))) return false;
      say(method === 'PATCH' ? 412 : 502)(response);
      return true;
    };
    const updated = '2026-01-01T00:00:00Z';
    const writes = ids.map((id) => ({ what: `rir ${id}`, message: '', id, updated, body: { name: 'ours' } }));
    const written = await netbox?.write('rir', writes);
    expect(written?.map(({ error }) => error?.code)).toEqual(['NetBoxUnreachable', 'NetBoxUnreachable']);
  });

  it('is refused on a version that is newer than what was tested', async () => {
    fake.version = '4.8.0';
    await open();
    await expect(netbox?.write('rir', [rir('a')])).rejects.toMatchObject({ code: 'NetBoxTooNew' });
    expect(fake.requests).not.toContain('POST ipam/rirs');
  });
});

describe('what is recorded', () => {
  const makeOf = (kind: 'tag' | 'rir' | 'tenant', name: string) => ({
    kind,
    do: 'make' as const,
    name,
    owner: 'Device/edge1-fra',
    plumblineId: name,
    fields: [
      { field: 'slug', to: name, from: null },
      { field: 'name', to: name, from: null },
    ],
    step: 1 as const,
  });
  const carry = async (...changes: ReturnType<typeof makeOf>[]) => {
    const server = await open();
    const facts = await server.readFacts();
    return carryOut(server, { plan: { changes }, matched: [], facts, revision: 'main@sha1:1' });
  };

  it('is told to its end when a list cannot be read any more: what was written, and what was not tried', async () => {
    const isLookUp = ({ path, query }: Parameters<Fault>[0]) => path === 'ipam/rirs' && query.has('slug');
    fake.fault = (request, response) => {
      if (!isLookUp(request)) return false;
      say(502)(response);
      return true;
    };
    const outcomes = await carry(makeOf('tag', 'a'), makeOf('rir', 'b'), makeOf('tenant', 'c'));
    expect(outcomes.map(({ change, result, error }) => [change.name, result, error?.code])).toEqual([
      ['a', 'Done', undefined],
      ['b', 'Failed', 'NetBoxUnreachable'],
      ['c', 'Failed', 'NetBoxUnreachable'],
    ]);
    expect(fake.requests).not.toContain('POST tenancy/tenants');
  });

  it('is an error as a whole when nothing of it was written', async () => {
    fake.fault = breaking(99, 'GET', 'ipam/rirs', say(502));
    await expect(carry(makeOf('rir', 'b'))).rejects.toMatchObject({ code: 'NetBoxUnreachable' });
  });
});

describe('opening', () => {
  it.each<{ name: string; options: () => Options; expected: string }>([
    { name: 'a token with a line break', options: () => ({ token: new Secret('nbt_a.b\n') }), expected: 'NetBoxAuthFailed' },
    { name: 'no token', options: () => ({ token: new Secret('') }), expected: 'NetBoxAuthFailed' },
    { name: 'an address with a password', options: () => ({ url: 'https://me:secret@netbox.example.net' }), expected: 'NetBoxAddress' },
    { name: 'an address of the API', options: () => ({ url: 'https://netbox.example.net/api/' }), expected: 'NetBoxAddress' },
    { name: 'an address that is none', options: () => ({ url: 'netbox' }), expected: 'NetBoxAddress' },
    {
      name: 'an authority without a certificate',
      options: () => ({ url: 'https://netbox.example.net', ca: 'netbox.example.net' }),
      expected: 'NetBoxAuthority',
    },
    { name: 'a port where nobody listens', options: () => ({ url: 'http://127.0.0.1:1' }), expected: 'NetBoxUnreachable' },
  ])('refuses $name', async ({ options, expected }) => {
    await expect(open(options())).rejects.toMatchObject({ code: expected });
    await expect(open(options())).rejects.not.toMatchObject({ message: expect.stringContaining('secret') });
  });

  it('takes a token of either kind', async () => {
    fake.token = '0123456789abcdef0123456789abcdef01234567';
    expect((await open()).server.version).toBe('4.7.3');
  });

  it('says of an address below which there is no NetBox that there is none, not that something is missing in it', async () => {
    fake.fault = breaking(1, 'GET', 'status', say(404));
    await expect(open()).rejects.toMatchObject({ code: 'NetBoxAddress', message: expect.stringContaining('/api/status/') });
  });

  it('refuses a NetBox that is too old, and one that does not say what it is', async () => {
    fake.version = '4.1.0';
    await expect(open()).rejects.toMatchObject({ code: 'NetBoxVersion' });
    fake.version = 'banana';
    await expect(open()).rejects.toMatchObject({ code: 'NetBoxUnreadable' });
  });
});

it('a release of a plugin that has not the lists we know counts as none, and all else is read', async () => {
  fake.plugins = { netbox_routing: '0.1.0', netbox_bgp: '0.20.2' };
  fillRirs(2);
  fake.fault = ({ path }, response) => {
    if (path !== 'plugins/routing/bgp/peer') return false;
    say(404)(response);
    return true;
  };
  const { objects } = await (await open()).readFacts();
  expect([netbox?.server.plugins, objects['rir']?.length]).toEqual([['netbox_bgp'], 2]);
  expect(Object.keys(objects).filter((kind) => kind.startsWith('bgp'))).toEqual(['bgpSession']);
});
