import { type Arbitrary, array, boolean, constantFrom, option, record, shuffledSubarray, subarray, tuple, uniqueArray } from 'fast-check';

const listNames = ['CUSTOMERS', 'DEFAULT', 'BOGONS'];
const mapNames = ['IN', 'OUT', 'STATIC'];
const peers = ['192.0.2.1', '192.0.2.2', '2001:db8::1', '2001:db8::2'];

/**
 * FRR configurations at random, as `show running-config` prints them: every one can stand on a router, so that any two are a change that
 * somebody might make. Names come from small sets, so that two configurations often speak of the same things.
 */
export const frrConfigs: Arbitrary<string> = record({
  lists: uniqueArray(prefixLists(), { selector: (list) => list.name, maxLength: 3 }),
  communities: uniqueArray(communityLists(), { selector: (list) => list.name, maxLength: 2 }),
  maps: uniqueArray(routeMaps(), { selector: (map) => map.name, maxLength: 3 }),
  bgp: option(bgpInstances('')),
  red: option(bgpInstances(' vrf red')),
  ospf: option(ospfInstances()),
  interfaces: uniqueArray(interfaces(), { selector: (each) => each[0] ?? '', maxLength: 2 }),
  routes: uniqueArray(
    constantFrom(
      'ip route 198.51.100.0/24 192.0.2.9',
      'ip route 198.51.100.0/24 192.0.2.8',
      'ip route 203.0.113.0/24 Null0',
      'ipv6 route 2001:db8:9::/48 2001:db8::9 200',
    ),
    { maxLength: 3 },
  ),
}).map(({ lists, communities, maps, bgp, red, ospf, interfaces: ports, routes }) =>
  [
    'frr version 8.4.4',
    'frr defaults traditional',
    ...routes,
    ...(red ? ['vrf red', ' vni 100', 'exit-vrf'] : []),
    ...ports.flat(),
    ...(bgp ?? []),
    ...(red && bgp ? red : []),
    ...(ospf ?? []),
    ...lists.flatMap((list) => list.lines),
    ...communities.flatMap((list) => list.lines),
    ...maps.flatMap((map) => map.lines),
  ].join('\n'),
);

/** Some of these lines, in their order. */
function some(lines: readonly string[]): Arbitrary<string[]> {
  return subarray([...lines]);
}

function prefixLists(): Arbitrary<{ name: string; lines: string[] }> {
  const rules = [
    'permit 198.51.100.0/24',
    'permit 198.51.100.0/24 le 32',
    'deny 203.0.113.0/24',
    'permit 203.0.113.0/25',
    'permit any',
    'deny any',
  ];
  return tuple(constantFrom(...listNames), shuffledSubarray(rules, { minLength: 1 }), boolean()).map(([name, chosen, described]) => ({
    name,
    lines: [
      ...(described ? [`ip prefix-list ${name} description what ${name} may send`] : []),
      ...chosen.map((rule, i) => `ip prefix-list ${name} seq ${5 + 5 * i} ${rule}`),
    ],
  }));
}

function communityLists(): Arbitrary<{ name: string; lines: string[] }> {
  return tuple(
    constantFrom('MARKED', 'BLACKHOLE'),
    shuffledSubarray(['permit 65000:1', 'permit 65000:2', 'deny 65000:3'], { minLength: 1 }),
  ).map(([name, rules]) => ({ name, lines: rules.map((rule, i) => `bgp community-list standard ${name} seq ${5 + 5 * i} ${rule}`) }));
}

function routeMaps(): Arbitrary<{ name: string; lines: string[] }> {
  const term = tuple(
    constantFrom('permit', 'deny'),
    some([
      'description first come',
      'match ip address prefix-list CUSTOMERS',
      'match community MARKED',
      'set as-path prepend 65000 65000',
      'set community 65000:1 65000:2 additive',
      'set local-preference 200',
      'set metric 10',
      'on-match next',
    ]),
  );
  return tuple(constantFrom(...mapNames), array(term, { minLength: 1, maxLength: 3 })).map(([name, terms]) => ({
    name,
    lines: terms.flatMap(([action, lines], i) => [
      `route-map ${name} ${action} ${10 + 10 * i}`,
      ...lines.filter((line) => action === 'permit' || line !== 'on-match next').map((line) => ` ${line}`),
      'exit',
    ]),
  }));
}

function bgpInstances(suffix: string): Arbitrary<string[]> {
  return record({
    asn: constantFrom('65001', '65001', '65001', '65002'),
    globals: some([
      'bgp router-id 192.0.2.254',
      'bgp log-neighbor-changes',
      'no bgp ebgp-requires-policy',
      'bgp bestpath as-path multipath-relax',
    ]),
    silent: boolean(),
    group: boolean(),
    neighbors: uniqueArray(neighbors(), { selector: (each) => each.peer, maxLength: 4 }),
    networks: some([
      'network 198.51.100.0/24',
      'network 203.0.113.0/24 route-map STATIC',
      'redistribute connected',
      'redistribute static route-map STATIC',
      'maximum-paths 4',
    ]),
  }).map(({ asn, globals, silent, group, neighbors: all, networks }) => {
    const groupLines = group ? [' neighbor EDGE peer-group', ' neighbor EDGE remote-as 65010', ' neighbor EDGE timers 5 15'] : [];
    const families = ['ipv4 unicast', 'ipv6 unicast'].map((family) => {
      const lines = all.flatMap((neighbor) => neighbor.inFamily(family, silent, group));
      return family === 'ipv4 unicast' ? [...networks.map((line) => `  ${line}`), ...lines] : lines;
    });
    return [
      `router bgp ${asn}${suffix}`,
      ...globals.map((line) => ` ${line}`),
      ...(silent ? [' no bgp default ipv4-unicast'] : []),
      ...groupLines,
      ...all.flatMap((neighbor) => neighbor.lines(group)),
      ...families.flatMap((lines, i) =>
        lines.length === 0 ? [] : [` address-family ${i === 0 ? 'ipv4' : 'ipv6'} unicast`, ...lines, ' exit-address-family'],
      ),
      'exit',
    ];
  });
}

interface RandomNeighbor {
  readonly peer: string;
  lines(hasGroup: boolean): string[];
  inFamily(family: string, silent: boolean, hasGroup: boolean): string[];
}

function neighbors(): Arbitrary<RandomNeighbor> {
  return record({
    peer: constantFrom(...peers),
    member: boolean(),
    asn: constantFrom('65001', '65003', 'external'),
    attributes: some([
      'description some peer',
      'description the same peer',
      'password <secret:hmac-0123456789abcdef0123456789abcdef>',
      'passive',
      'ebgp-multihop 3',
      'update-source lo',
      'timers 3 9',
    ]),
    active: boolean(),
    v6: boolean(),
    policy: some([
      'next-hop-self',
      'send-community none',
      'route-map IN in',
      'route-map OUT out',
      'prefix-list CUSTOMERS in',
      'maximum-prefix 100',
      'soft-reconfiguration inbound',
    ]),
  }).map(({ peer, member, asn, attributes, active, v6, policy }) => ({
    peer,
    lines: (hasGroup) => [
      member && hasGroup ? ` neighbor ${peer} peer-group EDGE` : ` neighbor ${peer} remote-as ${asn}`,
      ...attributes
        // Only an external neighbor is printed with its hops.
        .filter((line) => line !== 'ebgp-multihop 3' || (asn === '65003' && !(member && hasGroup)))
        .filter((line, i) => !line.startsWith('description') || attributes.findIndex((other) => other.startsWith('description')) === i)
        .map((line) => ` neighbor ${peer} ${line}`),
    ],
    inFamily: (family, silent, hasGroup) => {
      const byDefault = family === 'ipv4 unicast' && !silent;
      const wanted = family === 'ipv4 unicast' ? active : v6;
      const said =
        wanted === byDefault || (member && hasGroup && wanted === byDefault) ? [] : [`  ${wanted ? '' : 'no '}neighbor ${peer} activate`];
      const lines = wanted ? policy.filter((line) => line !== 'send-community none').map((line) => `  neighbor ${peer} ${line}`) : [];
      return [...said, ...lines];
    },
  }));
}

function ospfInstances(): Arbitrary<string[]> {
  return some([
    'ospf router-id 192.0.2.254',
    'log-adjacency-changes detail',
    'redistribute static metric 20 route-map STATIC',
    'passive-interface default',
    'network 192.0.2.0/24 area 0',
    'network 198.51.100.0/24 area 1',
    'area 1 stub',
  ]).map((lines) => ['router ospf', ...lines.map((line) => ` ${line}`), 'exit']);
}

function interfaces(): Arbitrary<string[]> {
  return tuple(
    constantFrom('to-left', 'to-right'),
    some([
      'description a link',
      'ip address 192.0.2.100/32',
      'ip ospf cost 50',
      'ip ospf hello-interval 2',
      'ipv6 address 2001:db8:5::1/64',
      'no ipv6 nd suppress-ra',
    ]),
  ).map(([name, lines]) => [`interface ${name}`, ...lines.map((line) => ` ${line}`), 'exit']);
}
