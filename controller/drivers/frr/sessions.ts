import type { NeighborState } from '../../api/index.ts';

/** The families as FRR's JSON names them, in the words of the product. */
const families: Readonly<Record<string, string>> = {
  ipv4Unicast: 'ipv4-unicast',
  ipv6Unicast: 'ipv6-unicast',
  ipv4Multicast: 'ipv4-multicast',
  ipv6Multicast: 'ipv6-multicast',
  ipv4Vpn: 'ipv4-vpn',
  ipv6Vpn: 'ipv6-vpn',
  ipv4LabeledUnicast: 'ipv4-labeled-unicast',
  ipv6LabeledUnicast: 'ipv6-labeled-unicast',
  ipv4Flowspec: 'ipv4-flowspec',
  ipv6Flowspec: 'ipv6-flowspec',
  l2VpnEvpn: 'l2vpn-evpn',
};

/** Reads `show bgp vrf all summary json`: VRF, family, neighbor. Undefined when it is not that. */
export function parseSessions(stdout: string): NeighborState[] | undefined {
  let vrfs: unknown;
  try {
    vrfs = JSON.parse(stdout);
  } catch {
    return undefined;
  }
  const neighbors: NeighborState[] = [];
  for (const [vrf, byFamily] of entriesOf(vrfs)) {
    for (const [family, summary] of entriesOf(byFamily)) {
      for (const [address, peer] of entriesOf(memberOf(summary, 'peers'))) {
        neighbors.push({
          address,
          vrf,
          family: families[family] ?? family,
          remoteAs: numberOf(peer, 'remoteAs'),
          state: wordOf(peer, 'state'),
          upSeconds: Math.floor(numberOf(peer, 'peerUptimeMsec') / 1000),
          accepted: numberOf(peer, 'pfxRcd'),
          advertised: numberOf(peer, 'pfxSnt'),
        });
      }
    }
  }
  return neighbors;
}

function entriesOf(value: unknown): [string, unknown][] {
  return value !== null && typeof value === 'object' && !Array.isArray(value) ? Object.entries(value) : [];
}

function memberOf(value: unknown, name: string): unknown {
  return value !== null && typeof value === 'object' ? (value as Record<string, unknown>)[name] : undefined;
}

function numberOf(value: unknown, name: string): number {
  const member = memberOf(value, name);
  return typeof member === 'number' ? member : 0;
}

function wordOf(value: unknown, name: string): string {
  const member = memberOf(value, name);
  return typeof member === 'string' ? member : 'Unknown';
}
