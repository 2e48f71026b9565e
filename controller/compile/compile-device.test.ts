import { assert, property, shuffledSubarray } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { stateOf } from '../../test/builders/state.ts';
import type { CheckedState, DeviceIntent } from '../api/index.ts';
import { formatPosition } from '../lib/index.ts';
import { compileAll, compileDevice, digestIntent } from './compile-device.ts';

const management =
  'management: { address: 192.0.2.250, hostKeys: ["SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"] }, credentials: { observe: { name: observer } }';

/** Two routers on one link, with loopbacks; `edge` and `bgp` are added to the spec of edge1. */
function network({ edge = '', bgp = '' }: { edge?: string; bgp?: string } = {}): string {
  return `
kind: Device
name: edge1
spec: { platform: frr, ${management}, ${edge} interfaces: [{ name: lo, role: Loopback, addresses: [198.51.100.1/32] }, { name: t0, addresses: [192.0.2.1/31, "2001:db8:1::1/64"] }, { name: t1, addresses: [192.0.2.9/29, 192.0.2.10/29] }], bgp: { asn: 64496, routerId: 198.51.100.1, ${bgp} } }
---
kind: Device
name: core1
spec: { platform: frr, ${management}, interfaces: [{ name: lo, role: Loopback, addresses: [198.51.100.2/32] }, { name: t0, addresses: [192.0.2.0/31, "2001:db8:1::2/64"] }], bgp: { asn: 64496, routerId: 198.51.100.2 } }
`;
}

function compiled(yaml: string, device = 'edge1'): DeviceIntent {
  const { intent, problems } = compileDevice(stateOf(yaml), device);
  expect(problems.map(({ message }) => message)).toEqual([]);
  if (!intent) throw new Error('no intent');
  return intent;
}

function problemsOf(yaml: string, device = 'edge1', files: Record<string, string> = {}): string[] {
  const { intent, problems } = compileDevice(stateOf(yaml, files), device);
  expect(intent).toBeUndefined();
  return problems.map((problem) => `${problem.at ? formatPosition(problem.at) : '-'} ${problem.code} ${problem.message}`);
}

function session(spec: string, name = 'edge1-core1'): string {
  return `---\nkind: BGPSession\nname: ${name}\nspec: { ${spec} }\n`;
}

const external = 'external: { name: isp, asn: 64500, address: 192.0.2.0 }';
const direct = (end = '', rest = ''): string =>
  session(
    `type: External, relationship: Transit, families: [ipv4-unicast], ends: [{ device: edge1, interface: t0, ${end} }, { ${external} }], ${rest}`,
    'isp',
  );

describe('a neighbor', () => {
  test.each<{ name: string; yaml: string; has: object }>([
    {
      name: 'has the address and AS of the other end',
      yaml: direct(),
      has: { address: '192.0.2.0', remoteAs: 64500, peer: 'isp', peerDevice: null, type: 'External', relationship: 'Transit' },
    },
    { name: 'is described by the name of the session', yaml: direct(), has: { description: 'isp' } },
    {
      name: 'has the description of the session',
      yaml: direct('', 'description: "to ISP, port 4"'),
      has: { description: 'to ISP, port 4' },
    },
    { name: 'is shut down when the session is', yaml: direct('', 'adminState: Shutdown'), has: { shutdown: true } },
    { name: 'is passive where the end is', yaml: direct('passive: true'), has: { passive: true } },
    {
      name: 'shows a local AS',
      yaml: direct('localAs: { asn: 64510, noPrepend: true }'),
      has: { localAs: { asn: 64510, noPrepend: true, replaceAs: false } },
    },
    {
      name: 'refers to its password',
      yaml: direct('', 'auth: { passwordRef: { name: bgp, key: isp } }'),
      has: { password: { secret: { name: 'bgp', key: 'isp' } } },
    },
    {
      name: 'has the timers of the session',
      yaml: direct('', 'timers: { keepaliveSeconds: 3, holdSeconds: 9, connectRetrySeconds: 7 }'),
      has: { keepaliveSeconds: 3, holdSeconds: 9, connectRetrySeconds: 7 },
    },
    {
      name: 'has no timers when nobody says any',
      yaml: direct(),
      has: { keepaliveSeconds: null, holdSeconds: null, connectRetrySeconds: null },
    },
    { name: 'is many hops away', yaml: direct('', 'ttl: { multihop: 5 }'), has: { multihop: 5, gtsmHops: null } },
    { name: 'is guarded by TTL', yaml: direct('', 'ttl: { gtsmHops: 1 }'), has: { multihop: null, gtsmHops: 1 } },
    { name: 'needs no update source on a link', yaml: direct(), has: { updateSource: null } },
    {
      name: 'has an update source where the interface holds two addresses of the subnet',
      yaml: session(
        'type: External, relationship: Peer, families: [ipv4-unicast], ends: [{ device: edge1, interface: t1, address: 192.0.2.10 }, { external: { name: x, asn: 64501, address: 192.0.2.11 } }]',
        'x',
      ),
      has: { updateSource: '192.0.2.10' },
    },
    {
      name: 'is reached from the loopback, which is a hop more for an external session',
      yaml: session(
        'type: External, relationship: Peer, families: [ipv4-unicast], ends: [{ device: edge1, loopback: lo }, { external: { name: x, asn: 64501, address: 203.0.113.1 } }]',
        'x',
      ),
      has: { updateSource: '198.51.100.1', multihop: 2 },
    },
    {
      name: 'is reached from the loopback without a hop limit inside the own AS',
      yaml: session('type: Internal, families: [ipv4-unicast], ends: [{ device: edge1, loopback: lo }, { device: core1, loopback: lo }]'),
      has: { address: '198.51.100.2', updateSource: '198.51.100.1', multihop: null, peerDevice: 'core1' },
    },
    {
      name: 'is reached over IPv6',
      yaml: session(
        'type: Internal, transport: IPv6, families: [ipv6-unicast], ends: [{ device: edge1, interface: t0 }, { device: core1, interface: t0 }]',
      ),
      has: { address: '2001:db8:1::2', family: 'ipv6' },
    },
  ])('$name', ({ yaml, has }) => expect(compiled(network() + yaml).bgp?.neighbors[0]).toMatchObject(has));

  test('takes the timers of the profile when its session has none', () => {
    const profile = '---\nkind: DeviceProfile\nname: fast\nspec: { platform: frr, timers: { keepaliveSeconds: 1, holdSeconds: 3 } }\n';
    expect(compiled(network({ edge: 'profile: fast,' }) + profile + direct()).bgp?.neighbors[0]).toMatchObject({
      keepaliveSeconds: 1,
      holdSeconds: 3,
    });
  });

  test('stands on both ends of an internal session, each seeing the other', () => {
    const yaml =
      network() +
      session(
        'type: Internal, transport: IPv4, families: [ipv4-unicast, ipv6-unicast], ends: [{ device: edge1, interface: t0 }, { device: core1, interface: t0 }], auth: { passwordRef: { name: bgp, key: k } }',
      );
    const [edge, core] = [compiled(yaml), compiled(yaml, 'core1')];
    expect(edge.bgp?.neighbors.map(({ address }) => address)).toEqual(['192.0.2.0']);
    expect(core.bgp?.neighbors.map(({ address }) => address)).toEqual(['192.0.2.1']);
    expect(edge.secrets).toEqual(core.secrets);
    expect(edge.secrets).toEqual([{ ref: { name: 'bgp', key: 'k' }, purpose: 'bgp-password' }]);
    expect(edge.sessions).toMatchObject([
      {
        session: 'edge1-core1',
        neighbor: '192.0.2.0',
        vrf: 'default',
        addressFamilies: ['ipv4-unicast', 'ipv6-unicast'],
        remoteAs: 64496,
        expect: 'Established',
        peerDevice: 'core1',
      },
    ]);
  });

  test('sees the local AS of the other end', () => {
    const yaml =
      network() +
      session(
        'type: External, relationship: Internal, families: [ipv4-unicast], ends: [{ device: edge1, interface: t0 }, { device: core1, interface: t0, localAs: { asn: 64499 } }], transport: IPv4',
      );
    expect(compiled(yaml).bgp?.neighbors[0]?.remoteAs).toBe(64499);
    expect(compiled(yaml, 'core1').bgp?.neighbors[0]).toMatchObject({ remoteAs: 64496, localAs: { asn: 64499 } });
  });

  test('that is shut down is expected to be configured only', () => {
    expect(compiled(network() + direct('', 'adminState: Shutdown')).sessions[0]?.expect).toBe('Configured');
    expect(compiled(network() + direct('', 'expect: Configured')).sessions[0]?.expect).toBe('Configured');
  });
});

describe('a neighbor in an address family', () => {
  const policy = '---\nkind: RoutePolicy\nname: p\nspec: { default: Permit }\n';
  test.each<{ name: string; options: string; has: object }>([
    {
      name: 'does nothing special by default',
      options: '',
      has: {
        import: null,
        export: null,
        maximumPrefixes: null,
        nextHopSelf: false,
        nextHopSelfForce: false,
        routeReflectorClient: false,
        routeServerClient: false,
        allowAsIn: null,
        removePrivateAs: null,
        asOverride: false,
        defaultOriginate: false,
        defaultOriginatePolicy: null,
        withheldCommunities: [],
        softReconfiguration: false,
      },
    },
    { name: 'has policies', options: 'import: p, export: p', has: { import: 'p', export: 'p' } },
    {
      name: 'has a limit that ends the session',
      options: 'maximumPrefixes: { limit: 10 }',
      has: { maximumPrefixes: { limit: 10, thresholdPercent: 75, action: 'Idle', restartMinutes: null } },
    },
    {
      name: 'has a limit that restarts',
      options: 'maximumPrefixes: { limit: 10, thresholdPercent: 90, action: Restart, restartMinutes: 3 }',
      has: { maximumPrefixes: { limit: 10, thresholdPercent: 90, action: 'Restart', restartMinutes: 3 } },
    },
    { name: 'announces itself as next hop', options: 'nextHopSelf: true', has: { nextHopSelf: true, nextHopSelfForce: false } },
    {
      name: 'announces itself for reflected routes too',
      options: 'nextHopSelfForce: true',
      has: { nextHopSelf: true, nextHopSelfForce: true },
    },
    { name: 'reflects', options: 'routeReflectorClient: true', has: { routeReflectorClient: true } },
    { name: 'serves routes', options: 'routeServerClient: true', has: { routeServerClient: true } },
    { name: 'takes its own AS', options: 'allowAsIn: 2', has: { allowAsIn: 2 } },
    { name: 'removes private AS numbers', options: 'removePrivateAs: ReplaceAll', has: { removePrivateAs: 'ReplaceAll' } },
    { name: 'overrides the AS', options: 'asOverride: true', has: { asOverride: true } },
    {
      name: 'originates a default route',
      options: 'defaultOriginate: true, defaultOriginatePolicy: p',
      has: { defaultOriginate: true, defaultOriginatePolicy: 'p' },
    },
    {
      name: 'withholds the communities it is not told to send',
      options: 'sendCommunity: [Large]',
      has: { withheldCommunities: ['Standard', 'Extended'] },
    },
    { name: 'keeps what it received', options: 'softReconfiguration: true', has: { softReconfiguration: true } },
  ])('$name', ({ options, has }) => {
    const { bgp } = compiled(network() + policy + direct(`families: { ipv4-unicast: { ${options} } }`));
    expect(bgp?.families.map(({ addressFamily }) => addressFamily)).toEqual(['ipv4-unicast']);
    expect(bgp?.families[0]?.neighbors[0]).toMatchObject(has);
  });
});

test.each<{ name: string; bgp: string; has: object }>([
  {
    name: 'the defaults',
    bgp: '',
    has: {
      asn: 64496,
      routerId: '198.51.100.1',
      clusterId: null,
      defaultLocalPreference: null,
      multipathRelax: false,
      gracefulRestart: false,
      networkImportCheck: true,
      logNeighborChanges: true,
      families: [],
    },
  },
  { name: 'a cluster id', bgp: 'clusterId: 10.0.0.1', has: { clusterId: '10.0.0.1' } },
  {
    name: 'switches',
    bgp: 'multipathRelax: true, gracefulRestart: true, networkImportCheck: false, logNeighborChanges: false, defaultLocalPreference: 50',
    has: { multipathRelax: true, gracefulRestart: true, networkImportCheck: false, logNeighborChanges: false, defaultLocalPreference: 50 },
  },
  {
    name: 'networks, sorted by family and address',
    bgp: 'networks: [{ prefix: 203.0.113.0/24 }, { prefix: 10.0.0.0/8 }, { prefix: "2001:db8::/32" }, { prefix: 9.0.0.0/8 }]',
    has: {
      families: [
        { family: 'ipv4', networks: [{ prefix: '9.0.0.0/8' }, { prefix: '10.0.0.0/8' }, { prefix: '203.0.113.0/24' }] },
        { family: 'ipv6', networks: [{ prefix: '2001:db8::/32' }] },
      ],
    },
  },
  {
    name: 'aggregates',
    bgp: 'aggregates: [{ prefix: 203.0.112.0/23, summaryOnly: true, asSet: true }]',
    has: { families: [{ aggregates: [{ prefix: '203.0.112.0/23', summaryOnly: true, asSet: true, policy: null }] }] },
  },
  {
    name: 'multipath in each family that is used',
    bgp: 'networks: [{ prefix: 10.0.0.0/8 }], maximumPaths: { external: 4, internal: 2 }',
    has: { families: [{ maximumPaths: { external: 4, internal: 2 } }] },
  },
])('the BGP instance holds $name', ({ bgp, has }) => expect(compiled(network({ bgp })).bgp).toMatchObject(has));

test('a device without BGP has none', () => {
  expect(compiled(`kind: Device\nname: edge1\nspec: { platform: frr, ${management} }\n`).bgp).toBeNull();
});

test('interfaces and static routes are sorted, and what is not set is null', () => {
  const intent = compiled(
    network({
      edge: 'staticRoutes: [{ prefix: "2001:db8:f::/48", interface: t0 }, { prefix: 203.0.113.0/24, blackhole: true }, { prefix: 10.0.0.0/8, nextHop: 192.0.2.0, distance: 5 }],',
    }),
  );
  expect(intent.staticRoutes.map(({ kind: _kind, name: _name, source: _source, ...route }) => route)).toEqual([
    { family: 'ipv4', prefix: '10.0.0.0/8', nextHop: '192.0.2.0', interface: null, blackhole: false, distance: 5 },
    { family: 'ipv4', prefix: '203.0.113.0/24', nextHop: null, interface: null, blackhole: true, distance: 1 },
    { family: 'ipv6', prefix: '2001:db8:f::/48', nextHop: null, interface: 't0', blackhole: false, distance: 1 },
  ]);
  expect(intent.interfaces.map((each) => each.interface)).toEqual(['lo', 't0', 't1']);
  expect(JSON.stringify(intent)).not.toContain('undefined');
});

test('a device that is decommissioned wants nothing', () => {
  const intent = compiled(network({ edge: 'lifecycle: Decommissioning,' }) + direct());
  expect(intent).toMatchObject({ bgp: null, staticRoutes: [], routeMaps: [], sections: [], secrets: [], sessions: [] });
});

test('sections of the profile come before those of the device', () => {
  const profile =
    '---\nkind: DeviceProfile\nname: base\nspec: { platform: frr, sections: [{ name: a, file: a.conf }], templates: { bgp.njk: templates/own/bgp.njk }, exactContainers: [router bgp] }\n';
  const yaml = network({ edge: 'profile: base, sections: [{ name: b, template: templates/b.njk, ownership: Exact }],' }) + profile;
  const { intent } = compileDevice(stateOf(yaml, { 'a.conf': 'log syslog\n' }), 'edge1');
  expect(intent?.sections).toMatchObject([
    { kind: 'Section', name: 'a', file: 'a.conf', text: 'log syslog\n', template: null, ownership: 'Declared' },
    { kind: 'Section', name: 'b', file: null, text: null, template: 'b.njk', ownership: 'Exact' },
  ]);
  expect(intent).toMatchObject({ templateOverrides: { 'frr/bgp.njk': 'own/bgp.njk' }, exactContainers: ['router bgp'] });
});

test.each<{ name: string; yaml: string; says: string }>([
  {
    name: 'a profile that is not there',
    yaml: network({ edge: 'profile: nope,' }),
    says: 'IntentIncomplete edge1: Device/edge1 cannot be compiled, DeviceProfile nope does not exist',
  },
  {
    name: 'a section whose file is not there',
    yaml: network({ edge: 'sections: [{ name: s, file: s.conf }],' }),
    says: 'IntentIncomplete edge1: Device/edge1 cannot be compiled, the file s.conf of section s is not there',
  },
  {
    name: 'a policy that is not there',
    yaml: network() + direct('families: { ipv4-unicast: { import: nope } }'),
    says: 'IntentIncomplete edge1: RoutePolicy/nope cannot be compiled, it does not exist',
  },
  {
    name: 'a session with an end that is not there',
    yaml:
      network() +
      session('type: Internal, families: [ipv4-unicast], ends: [{ device: edge1, interface: t9 }, { device: core1, interface: t0 }]'),
    says: 'IntentIncomplete edge1: BGPSession/edge1-core1 cannot be compiled, its ends cannot be resolved (NoSuchInterface)',
  },
  {
    name: 'the token of a secret written by hand',
    yaml: network() + direct('', 'description: "<secret:hmac-00112233445566778899aabbccddeeff>"'),
    says: 'TokenInText edge1: description holds the token of a secret',
  },
])('$name gives no intent, not half of one', ({ yaml, says }) =>
  expect(problemsOf(yaml).map((line) => line.replace(/^\S+ /, ''))).toEqual([says]),
);

test('a device that is not there is answered with the nearest', () => {
  const { intent, problems } = compileDevice(stateOf(network()), 'edge2');
  expect(intent).toBeUndefined();
  expect(problems[0]?.next).toBe('Write edge1, if that is what you mean.');
});

describe('digests', () => {
  const yaml =
    network() +
    direct() +
    session(
      'type: Internal, transport: IPv4, families: [ipv4-unicast], ends: [{ device: edge1, interface: t0 }, { device: core1, interface: t0 }]',
    );
  const digests = (state: CheckedState): Record<string, string> =>
    Object.fromEntries(compileAll(state).map(({ device, intent }) => [device, intent ? digestIntent(intent) : 'none']));

  test('do not depend on the order of objects', () => {
    const documents = yaml.split('---\n');
    const expected = digests(stateOf(yaml));
    assert(
      property(shuffledSubarray(documents, { minLength: documents.length }), (shuffled) => {
        expect(digests(stateOf(shuffled.join('---\n')))).toEqual(expected);
      }),
      { numRuns: 20 },
    );
  });

  test('do not depend on where in a file an object stands', () => {
    expect(digests(stateOf(`# a comment\n\n\n${yaml}`))).toEqual(digests(stateOf(yaml)));
  });

  test('of one device change with its own input alone', () => {
    const before = digests(stateOf(yaml));
    const after = digests(stateOf(yaml.replace('{ name: isp, asn: 64500', '{ name: isp, asn: 64501')));
    expect(after['edge1']).not.toBe(before['edge1']);
    expect(after['core1']).toBe(before['core1']);
  });

  test('of both ends change with their session', () => {
    const before = digests(stateOf(yaml));
    const after = digests(stateOf(yaml.replace('type: Internal,', 'type: Internal, description: x,')));
    expect(after['edge1']).not.toBe(before['edge1']);
    expect(after['core1']).not.toBe(before['core1']);
  });
});
