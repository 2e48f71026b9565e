/** Raw lines are kept in sections by what they are about. The name of the section, from the outermost line. */
export function topicOf(text: string): string {
  const [first = '', second = '', third = ''] = text.replace(/^no /, '').split(' ');
  if (first === 'router') return second === 'bgp' && / (vrf|view) /.test(text) ? 'bgp-vrfs' : (routers.get(second) ?? 'routing');
  if (first === 'ip' || first === 'ipv6') return ipTopics.get(second) ?? 'routing';
  if (first === 'bgp') return third.endsWith('-list') || second.endsWith('-list') ? 'policies' : 'bgp';
  return topics.get(first) ?? 'system';
}

const routers: ReadonlyMap<string, string> = new Map([
  ['bgp', 'bgp'],
  ['ospf', 'ospf'],
  ['ospf6', 'ospf6'],
  ['isis', 'isis'],
  ['openfabric', 'openfabric'],
  ['rip', 'rip'],
  ['ripng', 'ripng'],
  ['eigrp', 'eigrp'],
  ['babel', 'babel'],
]);

const ipTopics: ReadonlyMap<string, string> = new Map([
  ['route', 'routes'],
  ['prefix-list', 'policies'],
  ['access-list', 'policies'],
  ['as-path', 'policies'],
  ['community-list', 'policies'],
  ['forwarding', 'system'],
  ['pim', 'multicast'],
  ['msdp', 'multicast'],
  ['igmp', 'multicast'],
]);

const topics: ReadonlyMap<string, string> = new Map([
  ['interface', 'interfaces'],
  ['vrf', 'vrfs'],
  ['route-map', 'policies'],
  ['access-list', 'policies'],
  ['mac', 'policies'],
  ['key', 'keys'],
  ['bfd', 'bfd'],
  ['rpki', 'rpki'],
  ['mpls', 'mpls'],
  ['l2vpn', 'mpls'],
  ['pseudowire', 'mpls'],
  ['segment-routing', 'segment-routing'],
  ['pbr-map', 'pbr'],
  ['nexthop-group', 'pbr'],
  ['evpn', 'evpn'],
]);
