import { containsAddress, type IpPrefix, parseAddress, parsePrefix } from '../lib/index.ts';
import type { BGPSessionSpec } from './bgp-session.ts';
import { namesAddress, type SessionEnd } from './bgp-session-end.ts';
import type { ValuePath } from './checked-state.ts';
import type { DeviceInterface, DeviceSpec } from './device.ts';
import type { DeviceBGP } from './device-bgp.ts';
import type { PeerGroupSpec } from './peer-group.ts';

/** One end of a session with everything looked up. */
export interface ResolvedEnd {
  /** Name of the managed device; undefined for an external end. */
  device: string | undefined;
  /** Device name, or the short name of the external neighbor. */
  name: string;
  via: 'Interface' | 'Loopback' | 'External' | 'Any' | 'Unnumbered';
  /** VRF of the device; undefined for the default one. */
  vrf: string | undefined;
  /** What the device calls the other end: its address, or the interface that leads to it. Empty for an external end. */
  neighbor: string;
  /** Address of this end on the session, canonical. Empty for a device that finds out by itself (`Any`), where the other end is external, and for unnumbered ends. */
  address: string;
  /** The same with the length of its subnet; undefined for an external end. */
  subnet: IpPrefix | undefined;
  /** Interface of the device that holds the address; undefined for an external end. */
  interface: DeviceInterface | undefined;
  /** AS number that the other end sees: local AS, or the AS of the device. */
  asn: number;
  /** AS number of the device itself; the same as asn for an external end. */
  deviceAsn: number;
}

export interface ResolvedSession {
  transport: 4 | 6;
  ends: readonly [ResolvedEnd, ResolvedEnd];
  /** True when every managed end is an interface towards the other: one hop, one subnet. */
  direct: boolean;
}

/** Why an end has no address. The path is the value to blame, from the top of the document. */
export interface SessionFault {
  fault:
    | 'NoSuchDevice'
    | 'NoBGP'
    | 'NoSuchVrf'
    | 'NoSuchInterface'
    | 'NotOnDevice'
    | 'NoAddress'
    | 'AmbiguousAddress'
    | 'AmbiguousTransport'
    | 'TransportDisagrees';
  path: ValuePath;
  device?: string;
  /** Interface name, address or AS in question. */
  what?: string;
  /** What could stand there instead. */
  candidates?: readonly string[];
}

interface Candidate {
  subnet: IpPrefix;
  interface: DeviceInterface;
}

type FindDevice = (name: string) => Pick<DeviceSpec, 'bgp' | 'interfaces' | 'vrfs'> | undefined;
type FindGroup = (name: string) => Pick<PeerGroupSpec, 'localAs'> | undefined;

/** An end before the IP version is chosen. */
interface OpenEnd {
  end: SessionEnd;
  path: ValuePath;
  candidates: readonly Candidate[];
  /** Those that the end may mean. */
  interfaces: readonly DeviceInterface[];
}

/**
 * Looks up addresses and AS numbers of both ends. Pure; the one place that knows which address a session uses, so that
 * checks and rendering cannot disagree.
 */
export function resolveSession(
  spec: BGPSessionSpec,
  findDevice: FindDevice,
  findGroup: FindGroup,
): { session: ResolvedSession; faults: readonly [] } | { session: undefined; faults: readonly SessionFault[] } {
  if (spec.unnumbered) return resolveUnnumbered(spec, findDevice, findGroup);
  const faults: SessionFault[] = [];
  const open = spec.ends.map((end, i) => openEnd(end, ['spec', 'ends', i], findDevice, faults));
  const [a, b] = open;
  if (faults.length > 0 || !a || !b) return { session: undefined, faults };

  const transport = chooseTransport(spec, [a, b], faults);
  if (transport === undefined) return { session: undefined, faults };

  const [left, right] = chooseAddresses(a, b, transport);
  const [first, second] = [
    closeEnd(a, left, transport, findDevice, findGroup, faults),
    closeEnd(b, right, transport, findDevice, findGroup, faults),
  ];
  if (faults.length > 0 || !first || !second) return { session: undefined, faults };
  const direct = [first, second].every((end) => end.via !== 'Loopback') && spec.ttl?.multihop === undefined;
  const knowing = (own: ResolvedEnd, other: ResolvedEnd): ResolvedEnd => ({
    ...own,
    neighbor: own.device === undefined ? '' : other.address,
  });
  return { session: { transport, ends: [knowing(first, second), knowing(second, first)], direct }, faults: [] };
}

/** Neither end has an address that anybody wrote: each is known by the interface that leads to it. */
function resolveUnnumbered(spec: BGPSessionSpec, findDevice: FindDevice, findGroup: FindGroup): ReturnType<typeof resolveSession> {
  const faults: SessionFault[] = [];
  const ends = spec.ends.map((end, i): ResolvedEnd | undefined => {
    const none = { address: '', subnet: undefined, vrf: end.vrf };
    if (end.external) {
      const { name, asn } = end.external;
      return { ...none, device: undefined, name, via: 'External', neighbor: '', interface: undefined, asn, deviceAsn: asn };
    }
    const [own] = openEnd(end, ['spec', 'ends', i], findDevice, faults, true).interfaces;
    const deviceAsn = bgpOf(findDevice(end.device ?? ''), end.vrf)?.asn;
    if (!own || deviceAsn === undefined || end.device === undefined) return undefined;
    const asn = shownAsn(end, deviceAsn, findGroup);
    return { ...none, device: end.device, name: end.device, via: 'Unnumbered', neighbor: own.name, interface: own, asn, deviceAsn };
  });
  const [a, b] = ends;
  if (faults.length > 0 || !a || !b) return { session: undefined, faults };
  return { session: { transport: 6, ends: [a, b], direct: true }, faults: [] };
}

/** The BGP instance of a device in a VRF; undefined when there is none. */
export function bgpOf(device: Pick<DeviceSpec, 'bgp' | 'vrfs'> | undefined, vrf: string | undefined): DeviceBGP | undefined {
  return vrf === undefined ? device?.bgp : device?.vrfs.find(({ name }) => name === vrf)?.bgp;
}

function openEnd(end: SessionEnd, path: ValuePath, findDevice: FindDevice, faults: SessionFault[], isUnnumbered = false): OpenEnd {
  const none = { end, path, candidates: [], interfaces: [] };
  if (end.device === undefined) return none;
  const device = findDevice(end.device);
  if (!device) {
    faults.push({ fault: 'NoSuchDevice', path: [...path, 'device'], device: end.device });
    return none;
  }
  if (end.vrf !== undefined && !device.vrfs.some(({ name }) => name === end.vrf)) {
    const candidates = device.vrfs.map(({ name }) => name);
    faults.push({ fault: 'NoSuchVrf', path: [...path, 'vrf'], device: end.device, what: end.vrf, candidates });
    return none;
  }
  if (!bgpOf(device, end.vrf))
    faults.push({ fault: 'NoBGP', path: [...path, end.vrf === undefined ? 'device' : 'vrf'], device: end.device, what: end.vrf ?? '' });

  if (!namesAddress(end)) return none;
  const name = end.interface ?? end.loopback;
  const near = device.interfaces.filter((each) => each.vrf === end.vrf);
  const interfaces = near.filter((each) => name === undefined || each.name === name);
  if (name !== undefined && interfaces.length === 0) {
    const key = end.interface === undefined ? 'loopback' : 'interface';
    faults.push({
      fault: 'NoSuchInterface',
      path: [...path, key],
      device: end.device,
      what: name,
      candidates: near.map((each) => each.name),
    });
    return none;
  }
  if (isUnnumbered) return { end, path, candidates: [], interfaces };
  const all = interfaces.flatMap(listCandidates);
  const candidates = end.address === undefined ? all : all.filter((each) => each.subnet.address.text === end.address);
  if (end.address !== undefined && candidates.length === 0) {
    faults.push({
      fault: 'NotOnDevice',
      path: [...path, 'address'],
      device: end.device,
      what: end.address,
      candidates: all.map((each) => each.subnet.address.text),
    });
  }
  const named = interfaces[0]?.name;
  if (end.address === undefined && named !== undefined && all.length === 0) {
    faults.push({ fault: 'NoAddress', path: pathOfChoice({ end, path, candidates, interfaces }), device: end.device, what: named });
  }
  return { end, path, candidates, interfaces };
}

/** Link-local addresses are left out: a session over them needs to name its interface on both sides. */
function listCandidates(each: DeviceInterface): Candidate[] {
  return each.addresses.flatMap((text) => {
    const subnet = parsePrefix(text);
    return subnet && !(subnet.version === 6 && subnet.address.value >> 118n === 0x3fan) ? [{ subnet, interface: each }] : [];
  });
}

function chooseTransport(spec: BGPSessionSpec, ends: readonly [OpenEnd, OpenEnd], faults: SessionFault[]): 4 | 6 | undefined {
  const versions = ends.map(versionsOf);
  const common = ([4, 6] as const).filter((version) => versions.every((each) => each.has(version)));
  const said = spec.transport === undefined ? undefined : spec.transport === 'IPv4' ? 4 : 6;
  if (said !== undefined && common.includes(said)) return said;
  if (said !== undefined || common.length === 0) {
    faults.push({
      fault: 'TransportDisagrees',
      path: said === undefined ? ['spec', 'ends'] : ['spec', 'transport'],
      what: said === undefined ? '' : `IPv${said}`,
    });
    return undefined;
  }
  if (common.length === 1) return common[0];
  const family = spec.families.length === 1 ? spec.families[0] : undefined;
  if (family) return family === 'ipv4-unicast' ? 4 : 6;
  faults.push({ fault: 'AmbiguousTransport', path: ['spec'] });
  return undefined;
}

function versionsOf({ end, candidates }: OpenEnd): Set<4 | 6> {
  const external = parseAddress(end.external?.address ?? '');
  if (external) return new Set([external.version]);
  return new Set(namesAddress(end) ? candidates.map((each) => each.subnet.version) : [4, 6]);
}

/** Prefers the pair of addresses that share a subnet: an interface may hold several. */
function chooseAddresses(a: OpenEnd, b: OpenEnd, transport: 4 | 6): [readonly Candidate[], readonly Candidate[]] {
  const [left, right] = [a, b].map((open) => open.candidates.filter((each) => each.subnet.version === transport)) as [
    Candidate[],
    Candidate[],
  ];
  const near = (open: OpenEnd, other: OpenEnd, own: readonly Candidate[], others: readonly Candidate[]): readonly Candidate[] => {
    if (own.length < 2 || open.end.loopback !== undefined) return own;
    const external = parseAddress(other.end.external?.address ?? '');
    const targets = external ? [external] : others.map((each) => each.subnet.address);
    const inSubnet = own.filter((each) => targets.some((target) => containsAddress(each.subnet, target)));
    return inSubnet.length > 0 ? inSubnet : own;
  };
  return [near(a, b, left, right), near(b, a, right, left)];
}

function closeEnd(
  open: OpenEnd,
  chosen: readonly Candidate[],
  transport: 4 | 6,
  findDevice: FindDevice,
  findGroup: FindGroup,
  faults: SessionFault[],
): ResolvedEnd | undefined {
  const { end } = open;
  const known = { vrf: end.vrf, neighbor: '' };
  if (end.external) {
    const { name, asn, address = '' } = end.external;
    return { ...known, device: undefined, name, via: 'External', address, subnet: undefined, interface: undefined, asn, deviceAsn: asn };
  }
  const deviceAsn = bgpOf(findDevice(end.device ?? ''), end.vrf)?.asn;
  if (!namesAddress(end) && end.device !== undefined && deviceAsn !== undefined) {
    const asn = shownAsn(end, deviceAsn, findGroup);
    return {
      ...known,
      device: end.device,
      name: end.device,
      via: 'Any',
      address: '',
      subnet: undefined,
      interface: undefined,
      asn,
      deviceAsn,
    };
  }
  const candidate = chosen[0];
  if (!candidate || chosen.length > 1 || deviceAsn === undefined || end.device === undefined) {
    const texts = chosen.map((each) => each.subnet.address.text);
    faults.push({
      fault: 'AmbiguousAddress',
      path: pathOfChoice(open),
      device: end.device ?? '',
      what: `IPv${transport}`,
      candidates: texts,
    });
    return undefined;
  }
  const via = end.loopback !== undefined || candidate.interface.role === 'Loopback' ? 'Loopback' : 'Interface';
  const asn = shownAsn(end, deviceAsn, findGroup);
  return {
    ...known,
    device: end.device,
    name: end.device,
    via,
    address: candidate.subnet.address.text,
    subnet: candidate.subnet,
    interface: candidate.interface,
    asn,
    deviceAsn,
  };
}

/** What an end says of its AS goes before what its group says. */
function shownAsn(end: SessionEnd, deviceAsn: number, findGroup: FindGroup): number {
  return (end.localAs ?? (end.peerGroup === undefined ? undefined : findGroup(end.peerGroup)?.localAs))?.asn ?? deviceAsn;
}

function pathOfChoice({ end, path }: OpenEnd): ValuePath {
  return [...path, end.address !== undefined ? 'address' : end.interface !== undefined ? 'interface' : 'loopback'];
}
