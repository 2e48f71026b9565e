/** A session of edge1 with a neighbor outside, as YAML. `end`: more of its own end, for example `interface: eth0`. */
export function externalSession(name: string, end: string, neighbor: string, asn: number): string {
  return `
---
kind: BGPSession
name: ${name}
spec:
  type: External
  relationship: Transit
  families: [ipv4-unicast]
  ends:
    - {device: edge1, ${end}, families: {ipv4-unicast: {unfiltered: true}}}
    - {external: {name: ${name}, asn: ${asn}, address: ${neighbor}}}
`;
}
