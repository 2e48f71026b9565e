import type { DeviceIntent, IpFamily } from '../api/index.ts';
import type { Peer, Speaker } from './announce.ts';
import { compilePolicies, type RpkiState } from './evaluate.ts';

/** One device of a network as its routes see it. */
export interface Router extends Speaker {
  name: string;
  site: string | undefined;
  intent: DeviceIntent;
  /** Its neighbors in each address family. */
  peers: Readonly<Record<IpFamily, readonly RouterPeer[]>>;
}

export interface RouterPeer extends Peer {
  session: string;
  /** The managed device at the other end, when it is in the region. */
  device: string | null;
}

/** Devices that hand each other routes, by name. Those without BGP are left out. */
export type Region = ReadonlyMap<string, Router>;

/** Makes a region of compiled devices. Lists with the same text are read once. */
export function makeRegion(intents: readonly DeviceIntent[], shared: Map<string, unknown> = new Map(), rpki?: RpkiState): Region {
  const speaking = new Map(intents.flatMap((intent) => (intent.bgp ? [[intent.device, intent] as const] : [])));
  return new Map(
    [...speaking].map(([name, intent]): [string, Router] => [
      name,
      {
        name,
        site: intent.labels['site'],
        intent,
        bgp: intent.bgp ?? { asn: 0, defaultLocalPreference: null, ebgpRequiresPolicy: null, peerGroups: [] },
        policies: compilePolicies(intent, shared, rpki),
        peers: { ipv4: peersOf(intent, 'ipv4', speaking), ipv6: peersOf(intent, 'ipv6', speaking) },
      },
    ]),
  );
}

function peersOf({ bgp }: DeviceIntent, family: IpFamily, speaking: ReadonlyMap<string, DeviceIntent>): RouterPeer[] {
  const neighbors = new Map(bgp?.neighbors.map((neighbor) => [neighbor.address, neighbor]));
  return (bgp?.families.find((each) => each.family === family)?.neighbors ?? []).flatMap((options) => {
    const neighbor = neighbors.get(options.address);
    if (!neighbor) return [];
    const device = neighbor.peerDevice !== null && speaking.has(neighbor.peerDevice) ? neighbor.peerDevice : null;
    return [{ neighbor, options, session: neighbor.name, device }];
  });
}
