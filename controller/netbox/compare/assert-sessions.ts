import {
  type CheckedState,
  type DesiredObject,
  type FactValue,
  type ResolvedEnd,
  resolveSession,
  type ToldFacts,
  type ToldSides,
} from '../../api/index.ts';
import { containsAddress, parseAddress } from '../../lib/index.ts';
import { type AssertedField, type Assertion, only, plain, sourceAt, theOnlyOne } from './asserted.ts';
import { teller } from './told.ts';

/** One managed end of a session that has addresses. */
export interface SessionEnd {
  device: string;
  session: DesiredObject<'BGPSession'>;
  own: ResolvedEnd;
  other: ResolvedEnd;
}

/** The ends on devices that are asked for. Ends without an address are on no list: nothing names them but their interface. */
export function sessionEndsOf({ objects }: CheckedState, isAsked: (device: string) => boolean): readonly SessionEnd[] {
  const findDevice = (name: string) => objects.Device.get(name)?.spec;
  const findGroup = (name: string) => objects.PeerGroup.get(name)?.spec;
  return [...objects.BGPSession.values()].flatMap((session) => {
    if (!session.spec.ends.some(({ device }) => device !== undefined && isAsked(device))) return [];
    const resolved = resolveSession(session.spec, findDevice, findGroup).session;
    if (!resolved || session.spec.unnumbered) return [];
    const [a, b] = resolved.ends;
    return [
      [a, b],
      [b, a],
    ].flatMap(([own, other]) =>
      own?.device !== undefined && other && isAsked(own.device) ? [{ device: own.device, session, own, other }] : [],
    );
  });
}

/** Sessions as a person would note them: `192.0.2.0 AS64501`, in a VRF with `vrf CUST` behind. */
export function linesOf(ends: readonly SessionEnd[]): readonly string[] {
  return ends.map(({ own, other }) => `${other.address} AS${other.asn}${behind(own)}`).sort();
}

function behind({ vrf }: ResolvedEnd): string {
  return vrf === undefined ? '' : ` vrf ${vrf}`;
}

/**
 * One end as an object of the plugin netbox-bgp, and as one of netbox-routing, with what they name that nothing else in Git asserts: AS numbers, the
 * address of an outside neighbor.
 */
export function assertSession({ device, session, own, other }: SessionEnd, sides: ToldSides | undefined, isShared: boolean): Assertion[] {
  const tell = teller(sides);
  const place = { owner: `Device/${device}`, source: sourceAt(session, ['spec', 'ends']) };
  const end = { ...place, onlyBeside: ['bgpSession', 'bgpPeer'] as const };
  if (own.address === '') return [];
  const neighbor = `${other.address}${behind(own)}`;
  const name = `${device} > ${neighbor}`;
  const asns = [own.asn, other.asn].map((asn): Assertion => {
    const make: Record<string, FactValue> = { asn, rir: theOnlyOne };
    return { ...end, kind: 'asn', id: `ASN/${asn}`, name: String(asn), find: { by: 'asn', asn }, fields: {}, make };
  });
  const outside: Assertion = {
    ...end,
    kind: 'ipAddress',
    // Of nobody: several devices may have it.
    id: `Neighbor/${neighbor}`,
    name: neighbor,
    find: { by: 'host', host: other.address, interface: undefined, vrf: own.vrf },
    fields: only('vrf', own.vrf),
    make: { address: `${other.address}/${lengthOf(own, other.address)}`, status: 'active' },
  };
  const asn = (facts: ToldFacts): FactValue | undefined => {
    if (!facts.sessions) return undefined;
    const line = facts.sessions.map((each) => each.split(' ')).find(([at, , , vrf]) => at === other.address && vrf === own.vrf);
    return line?.[1]?.slice('AS'.length) ?? null;
  };
  const remoteAs = { remoteAs: tell(String(other.asn), asn) };
  const object: Assertion = {
    ...place,
    onlyBeside: ['bgpSession'],
    kind: 'bgpSession',
    id: `BGPSession/${session.metadata.name}/${device}`,
    name,
    find: { by: 'session', device, local: own.address, remote: other.address, vrf: own.vrf, isShared },
    fields: {
      localAddress: plain(own.address),
      localAs: plain(String(own.asn)),
      ...remoteAs,
      ...statusOf(session),
    },
    make: { device, remoteAddress: other.address, name: session.metadata.name },
  };
  const { vrf } = own;
  const routing = { ...place, onlyBeside: ['bgpPeer'] as const };
  const router = `${device} > AS${own.asn}`;
  const scope = `${router} > ${vrf === undefined ? 'global' : `vrf ${vrf}`}`;
  const peer: Assertion = {
    ...routing,
    kind: 'bgpPeer',
    id: `BGPPeer/${session.metadata.name}/${device}`,
    name,
    find: { by: 'peer', device, asn: own.asn, remote: other.address, vrf, isShared },
    fields: {
      source: plain(own.address),
      ...remoteAs,
      enabled: plain(session.spec.adminState !== 'Shutdown'),
      ...statusOf(session),
    },
    make: { scope, peer: other.address, name: session.metadata.name },
  };
  return [
    ...asns,
    ...(other.device === undefined ? [outside] : []),
    object,
    {
      ...routing,
      kind: 'bgpRouter',
      id: `BGPRouter/${router}`,
      name: router,
      find: { by: 'router', device, asn: own.asn },
      fields: {},
      makeNeeds: 'a BGP router of netbox-routing, which a person assigns to the device',
    },
    {
      ...routing,
      kind: 'bgpScope',
      id: `BGPScope/${scope}`,
      name: scope,
      find: { by: 'scope', device, asn: own.asn, vrf },
      fields: {},
      make: { router, ...(vrf !== undefined && { vrf }) },
    },
    peer,
  ];
}

/** With the length of our subnet, where the neighbor is in it. */
function lengthOf({ subnet }: ResolvedEnd, address: string): number {
  const parsed = parseAddress(address);
  if (subnet && parsed && containsAddress(subnet, parsed)) return subnet.length;
  return parsed?.version === 6 ? 128 : 32;
}

/** Whether a session is up at the moment is not for Git to say. */
function statusOf({ spec }: DesiredObject<'BGPSession'>): Record<string, AssertedField> {
  if (spec.adminState === 'Shutdown') return { status: { ...plain('offline'), accepts: ['planned', 'failed'] } };
  return { status: { ...plain('active'), accepts: spec.expect === 'Configured' ? ['planned', 'failed', 'offline'] : ['failed'] } };
}
