/** A network of one AS for tests of what its routes do: a core that reflects, an edge with a provider at fra, one with a peer and a customer at lon. */
const device = (name: string, site: string, id: number, interfaces: string, more: string): string => `
kind: Device
name: ${name}
labels: { site: ${site} }
spec:
  platform: frr
  management: { address: 10.255.0.${id}, hostKeys: ['SHA256:${'A'.repeat(43)}'] }
  credentials: { observe: { name: o } }
  interfaces: [${interfaces}]
${more}
---`;

const external = (
  name: string,
  device_: string,
  iface: string,
  type: string,
  asn: number,
  address: string,
  families: string,
  more = '',
): string => `
kind: BGPSession
name: ${name} # session
spec:
  type: External
  relationship: ${type}
  families: [ipv4-unicast]
  ${more}
  ends:
    - { device: ${device_}, interface: ${iface}, families: { ipv4-unicast: ${families} } }
    - { external: { name: ${name === 'transit' ? 'transit-a' : name}, asn: ${asn}, address: ${address} } }
---`;

const internal = (edge: string, number: number): string => `
kind: BGPSession
name: core-${edge}
spec:
  type: Internal
  families: [ipv4-unicast]
  ends:
    - { device: core, interface: to-${edge}, families: { ipv4-unicast: { routeReflectorClient: true } } } # ${edge}
    - { device: ${edge}, interface: to-core, families: { ipv4-unicast: { nextHopSelf: true } } } # ${number}
---`;

export const network = `
${device(
  'core',
  'fra',
  1,
  '{ name: to-edge1, addresses: [10.0.0.0/31] }, { name: to-edge2, addresses: [10.0.0.2/31] }',
  `  staticRoutes: []
  bgp:
    asn: 64500
    routerId: 10.255.0.1
    networks: [{ prefix: 192.0.2.0/24, policy: originate }]
    aggregates: []
    redistribute: [{ protocol: Static, family: ipv4-unicast, policy: mark }]`,
)}
${device('edge1', 'fra', 2, '{ name: to-core, addresses: [10.0.0.1/31] }, { name: to-transit, addresses: [10.0.1.8/31] }', '  bgp: { asn: 64500, routerId: 10.255.0.2 }')}
${device(
  'edge2',
  'lon',
  3,
  '{ name: to-core, addresses: [10.0.0.3/31] }, { name: to-customer, addresses: [10.0.2.8/31] }, { name: to-peer, addresses: [10.0.3.8/31] }',
  '  bgp: { asn: 64500, routerId: 10.255.0.3 }',
)}
${internal('edge1', 1)}
${internal('edge2', 2)}
${external('transit', 'edge1', 'to-transit', 'Transit', 64496, '10.0.1.9', '{ import: upstream-in, export: upstream-out }', 'adminState: Up')}
${external('customer-c', 'edge2', 'to-customer', 'Customer', 64511, '10.0.2.9', '{ import: customer-in, export: everything, softReconfiguration: false }')}
${external('peer-b', 'edge2', 'to-peer', 'Peer', 64497, '10.0.3.9', '{ import: upstream-in, export: upstream-out }')}
{ kind: CommunitySet, name: announced, spec: { type: Standard, communities: ["64500:1", "64500:3"] } }
---
{ kind: PrefixSet, name: customer, spec: { entries: [{ prefix: 203.0.113.0/24, le: 25 }] } }
---
{ kind: RoutePolicy, name: originate, spec: { default: Deny, terms: [{ name: all, action: Permit, set: { communities: { add: ["64500:1"] } } }] } }
---
{ kind: RoutePolicy, name: mark, spec: { default: Deny, terms: [{ name: all, action: Permit, set: { communities: { replace: ["64500:1"] } } }] } }
---
{ kind: RoutePolicy, name: upstream-in, spec: { default: Deny, terms: [{ name: all, action: Permit, set: { communities: { replace: ["64500:4"] } } }] } }
---
{ kind: RoutePolicy, name: customer-in, spec: { default: Deny, terms: [{ name: theirs, action: Permit, match: { prefixSet: customer }, set: { communities: { replace: ["64500:3"] } } }] } }
---
{ kind: RoutePolicy, name: upstream-out, spec: { default: Deny, terms: [{ name: own, action: Permit, match: { communitySet: announced } }] } }
---
{ kind: RoutePolicy, name: everything, spec: { default: Permit } }
`;
