import {
  type DesiredObject,
  type ResolvedEnd,
  type ResolvedSession,
  resolveSession,
  type SessionFault,
  type ValuePath,
} from '../../api/index.ts';
import { containsAddress, nearest, parseAddress, type PlumblineError } from '../../lib/index.ts';
import { indexAddresses } from './devices.ts';
import { errors } from './errors.ts';
import { nameOf, placeOf, type Seen } from './input.ts';
import { between, type Rule, type SeenObject, type SeenObjects, within } from './rule.ts';

type Session = DesiredObject<'BGPSession'>;

/** What sessions ask of devices: addresses and AS numbers. */
const sees = { BGPSession: 'all', PeerGroup: ['localAs'], Device: ['interfaces', 'bgp', 'vrfs'] } as const;
type Objects = SeenObjects<typeof sees>;
type Device = SeenObject<'Device', typeof sees.Device>;
type Group = SeenObject<'PeerGroup', typeof sees.PeerGroup>;

/** Whether both ends of each session can meet: addresses, subnets, AS numbers, address families, one session per neighbor. */
const checkMeetings = between(sees, ({ objects }) => {
  const problems: PlumblineError[] = [];
  const owners = indexAddresses(objects.Device.values());
  const meetings: (readonly [Session, Meeting])[] = [];
  for (const object of objects.BGPSession.values()) {
    const { problems: found, meeting } = checkMeeting(object, objects);
    problems.push(...found);
    if (!meeting) continue;
    problems.push(...checkExternalEnds(object, owners));
    meetings.push([object, meeting]);
  }
  return [...problems, ...checkNeighbors(meetings)];
});

/** What each end has for a neighbor: the address of the other one. */
interface Meeting {
  first: string;
  second: string;
  /** The devices that were looked at. */
  a: Device | undefined;
  b: Device | undefined;
  /** The groups that the ends are members of. */
  groups: readonly (Group | undefined)[];
}

/** Sessions in which nothing was wrong when they were last looked at: true as long as their devices and groups are the same objects. */
const metBefore = new WeakMap<Session, Meeting>();

/** Looks at a session with its devices; `meeting` is undefined when they cannot meet. */
function checkMeeting(object: Session, objects: Objects): { problems: readonly PlumblineError[]; meeting: Meeting | undefined } {
  const before = metBefore.get(object);
  if (before && meetAsBefore(object, before, objects)) return { problems: [], meeting: before };
  const [a, b] = object.spec.ends.map(({ device }) => (device === undefined ? undefined : objects.Device.get(device)));
  const groups = object.spec.ends.map(({ peerGroup }) => objects.PeerGroup.get(peerGroup ?? ''));
  const { session, faults } = resolveSession(
    object.spec,
    (name) => objects.Device.get(name)?.spec,
    (name) => objects.PeerGroup.get(name)?.spec,
  );
  if (!session) return { problems: faults.flatMap((fault) => explainFault(object, fault)), meeting: undefined };
  const problems = [...checkAsns(object, session), ...checkSubnet(object, session), ...checkCarried(object, session)];
  const [left, right] = session.ends;
  const meeting: Meeting = { first: left.neighbor, second: right.neighbor, a, b, groups };
  if (problems.length === 0) metBefore.set(object, meeting);
  return { problems, meeting };
}

/** Asked of every session at every commit: builds nothing. */
function meetAsBefore({ spec: { ends } }: Session, { a, b, groups }: Meeting, { Device, PeerGroup }: Objects): boolean {
  const isSame = (i: 0 | 1, device: Meeting['a']): boolean => {
    const { device: name, peerGroup } = ends[i] ?? {};
    return (name === undefined ? undefined : Device.get(name)) === device && PeerGroup.get(peerGroup ?? '') === groups[i];
  };
  return isSame(0, a) && isSame(1, b);
}

/** Where the other end of the first and of the second end stands. */
const pathsOfOthers: readonly [ValuePath, ValuePath] = [
  ['spec', 'ends', 1],
  ['spec', 'ends', 0],
];

function checkNeighbors(meetings: readonly (readonly [Session, Meeting])[]): PlumblineError[] {
  const problems: PlumblineError[] = [];
  // Two sessions of the same two devices are two neighbors too many, and one mistake.
  const told = new Set<string>();
  /** By device, and there by address: of a hundred thousand ends no text is put together at every commit. */
  const firsts = new Map<string, Map<string, Seen>>();
  for (const [object, meeting] of meetings) {
    for (const i of [0, 1] as const) {
      const { device, vrf } = object.spec.ends[i] ?? {};
      if (device === undefined) continue;
      const address = i === 0 ? meeting.first : meeting.second;
      const key = vrf === undefined ? address : `${vrf} ${address}`;
      const own = firsts.get(device);
      const first = own?.get(key);
      if (!own) firsts.set(device, new Map([[key, { object, path: pathsOfOthers[i] }]]));
      else if (!first) own.set(key, { object, path: pathsOfOthers[i] });
      else {
        const [name, other] = [nameOf(object), nameOf(first.object)];
        const pair = `${name} ${other}`;
        if (told.has(pair)) continue;
        told.add(pair);
        const facts = { object: name, device, address, first: other, where: placeOf(first) };
        problems.push(errors.DuplicateNeighbor(facts, { at: object.locate(pathsOfOthers[i]) }));
      }
    }
  }
  return problems;
}

function explainFault(object: Session, fault: SessionFault): PlumblineError[] {
  const name = nameOf(object);
  const device = fault.device ?? '';
  const what = fault.what ?? '';
  const candidates = fault.candidates ?? [];
  const listed = candidates.slice(0, 12).join(', ');
  const at = { at: object.locate(fault.path) };
  const facts = {
    object: name,
    device,
    name: what,
    address: what,
    transport: what,
    candidates: listed,
    suggestion: nearest(what, candidates),
  };
  const rows: Record<SessionFault['fault'], () => PlumblineError[]> = {
    NoSuchDevice: () => [], // A dangling reference, or a device whose own errors come first.
    NoBGP: () => [errors.DeviceWithoutBGP({ ...facts, vrf: what }, at)],
    NoSuchVrf: () => [errors.UnknownVrf(facts, at)],
    NoSuchInterface: () => [errors.UnknownInterface(facts, at)],
    NotOnDevice: () => [errors.AddressNotOnDevice(facts, at)],
    NoAddress: () => [errors.InterfaceWithoutAddress(facts, at)],
    AmbiguousAddress: () => [errors.AmbiguousAddress(facts, at)],
    AmbiguousTransport: () => [
      errors.TransportUnclear({ object: name, why: 'both ends have IPv4 and IPv6 addresses, and the session carries both families' }, at),
    ],
    TransportDisagrees: () => [
      errors.TransportUnclear(
        { object: name, why: what === '' ? 'the ends have no IP version in common' : `not both ends have an ${what} address` },
        at,
      ),
    ],
  };
  return rows[fault.fault]();
}

/** What a session says about itself. */
const checkAlone = within('BGPSession', (object) => [...checkEnds(object), ...checkFamiliesListed(object)]);

export const checkSessions: readonly Rule[] = [checkMeetings, checkAlone];

function checkEnds(object: Session): PlumblineError[] {
  const [a, b] = object.spec.ends;
  const problems: PlumblineError[] = [];
  if (a?.device !== undefined && a.device === b?.device) {
    problems.push(errors.SelfSession({ object: nameOf(object), device: a.device }, { at: object.locate(['spec', 'ends', 1, 'device']) }));
  }
  if (a?.passive && b?.passive)
    problems.push(errors.NobodyConnects({ object: nameOf(object) }, { at: object.locate(['spec', 'ends', 1, 'passive']) }));
  return problems;
}

function checkFamiliesListed(object: Session): PlumblineError[] {
  return object.spec.ends.flatMap((end, i) =>
    Object.keys(end.families)
      .filter((family) => !(object.spec.families as readonly string[]).includes(family))
      .map((family) => {
        const facts = {
          object: nameOf(object),
          family,
          why: 'it is not among spec.families',
          hint: `Add ${family} to spec.families, or remove its options here.`,
        };
        return errors.FamilyNotCarried(facts, { at: object.locate(['spec', 'ends', i, 'families', family]) });
      }),
  );
}

function checkAsns(object: Session, { ends }: ResolvedSession): PlumblineError[] {
  const problems = ends.flatMap((end, i) => {
    const fault = object.spec.ends[i]?.localAs === undefined ? undefined : explainLocalAs(end, ends[1 - i] ?? end);
    if (!fault) return [];
    const facts = { object: nameOf(object), asn: end.asn, ...fault };
    return [errors.LocalAsRefused(facts, { at: object.locate(['spec', 'ends', i, 'localAs', 'asn']) })];
  });
  const { type } = object.spec;
  const [left, right] = ends;
  // What the ends show is known only when routers take it.
  if (problems.length > 0 || (type === 'Internal') === (left.asn === right.asn)) return problems;
  const external = object.spec.ends.findIndex((end) => end.external);
  const path: ValuePath = external < 0 ? ['spec', 'type'] : ['spec', 'ends', external, 'external', 'asn'];
  const facts = { object: nameOf(object), type: type === 'Internal' ? 'internal' : 'external', left: shows(left), right: shows(right) };
  return [errors.AsnMismatch(facts, { at: object.locate(path) })];
}

/** The three local AS numbers that FRR refuses (seen on 8.4.4). */
function explainLocalAs(end: ResolvedEnd, other: ResolvedEnd): { why: string; hint: string } | undefined {
  if (end.asn === end.deviceAsn)
    return {
      why: `is the AS of ${end.name} itself`,
      hint: 'Remove localAs, or write the other AS number that this neighbor should see.',
    };
  if (end.asn === other.asn)
    return {
      why: `is what ${other.name} shows too, and routers refuse the same AS on both sides`,
      hint: `Remove localAs, or write one that ${other.name} does not show.`,
    };
  if (end.deviceAsn !== other.asn) return undefined;
  return {
    why: `cannot be shown to ${other.name}: that is AS ${other.asn} like ${end.name} itself, and routers take a local AS on external sessions only`,
    hint: `Remove localAs and write type: Internal, or correct the AS number of ${other.name}.`,
  };
}

function shows({ name, asn }: ResolvedEnd): string {
  return `${name} shows AS ${asn}`;
}

/** Only ends that name an interface are directly connected; loopback, address and multihop ends may be anywhere. */
function checkSubnet(object: Session, { ends }: ResolvedSession): PlumblineError[] {
  if (object.spec.unnumbered) return [];
  const direct = object.spec.ends.every((end) => end.interface !== undefined || end.external !== undefined);
  if (!direct || object.spec.ttl?.multihop !== undefined) return [];
  const apart = ends.findIndex((end, i) => {
    const other = parseAddress(ends[1 - i]?.address ?? '');
    return (
      end.subnet !== undefined && other !== undefined && !(containsAddress(end.subnet, other) && other.value !== end.subnet.address.value)
    );
  });
  const [a, b] = ends;
  const lengthsDiffer = a.subnet !== undefined && b.subnet !== undefined && a.subnet.length !== b.subnet.length;
  if (apart < 0 && !lengthsDiffer) return [];
  const [left, right] = ends.map((end) => `${end.subnet?.text ?? end.address} of ${end.name}`);
  const blamed = object.spec.ends[1 - apart]?.external ? [1 - apart, 'external', 'address'] : [Math.max(apart, 0), 'interface'];
  return [
    errors.SubnetMismatch(
      { object: nameOf(object), left: left ?? '', right: right ?? '' },
      { at: object.locate(['spec', 'ends', ...blamed]) },
    ),
  ];
}

/** A family other than the transport needs an address of its version at one end at least, to serve as next hop. */
function checkCarried(object: Session, { transport, ends }: ResolvedSession): PlumblineError[] {
  if (object.spec.unnumbered) return [];
  return object.spec.families.flatMap((family, i) => {
    const version = family === 'ipv4-unicast' ? 4 : 6;
    const isOpen = ends.every((end) => end.interface === undefined);
    if (
      isOpen ||
      version === transport ||
      (object.spec.extendedNextHop && transport === 6) ||
      ends.some((end) => end.interface?.addresses.some((address) => address.includes(':') === (version === 6)))
    )
      return [];
    const names = ends.flatMap((end) => (end.interface ? [`${end.interface.name} of ${end.name}`] : []));
    const facts = {
      object: nameOf(object),
      family,
      why: `${names.length > 1 ? `neither ${names.join(' nor ')} has an` : `${names.join('')} has no`} IPv${version} address for the next hop`,
      hint: `Add an IPv${version} address to the interface, or use a session of its own over IPv${version}.`,
    };
    return [errors.FamilyNotCarried(facts, { at: object.locate(['spec', 'families', i]) })];
  });
}

function checkExternalEnds(object: Session, owners: ReadonlyMap<string, string>): PlumblineError[] {
  return object.spec.ends.flatMap((end, i) => {
    const device = owners.get(end.external?.address ?? '');
    if (!end.external?.address || device === undefined || object.spec.ends[1 - i]?.vrf !== undefined) return [];
    const facts = { object: nameOf(object), address: end.external.address, device };
    return [errors.ExternalIsManaged(facts, { at: object.locate(['spec', 'ends', i, 'external', 'address']) })];
  });
}
