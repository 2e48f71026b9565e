import {
  type DesiredObject,
  type DeviceBGP,
  type ResolvedEnd,
  type ResolvedSession,
  resolveSession,
  type ValuePath,
} from '../../api/index.ts';
import { formatPosition, type PlumblineError } from '../../lib/index.ts';
import { errors } from './errors.ts';
import { type CheckInput, nameOf } from './input.ts';

interface GroupOnDevice {
  group: DesiredObject<'PeerGroup'>;
  device: string;
}

/** A session whose end is a member of a group. */
interface Member extends GroupOnDevice {
  session: DesiredObject<'BGPSession'>;
  end: 0 | 1;
  vrf: string;
}

/** Whether the members of a group may be members: their AS numbers, and one kind of session for each group of a router. */
export function checkPeerGroups({ objects }: CheckInput): PlumblineError[] {
  const members = [...objects.BGPSession.values()].flatMap((session) =>
    ([0, 1] as const).flatMap((end): Member[] => {
      const { device, peerGroup, vrf = '' } = session.spec.ends[end] ?? {};
      const group = objects.PeerGroup.get(peerGroup ?? '');
      return group && device !== undefined ? [{ session, group, end, device, vrf }] : [];
    }),
  );
  const find = (name: string) => objects.Device.get(name)?.spec;
  return [
    ...members.flatMap((member) => checkAsn(member, resolveSession(member.session.spec, find).session)),
    ...checkMixed(members),
    ...[...objects.PeerGroup.values()].flatMap(checkOptions),
    ...checkNames([...members, ...[...objects.Device.values()].flatMap((device) => groupsOf(device, objects))]),
    ...[...objects.Device.values()].flatMap((device) => checkRanges(device, objects)),
  ];
}

function rangesOf({ spec }: DesiredObject<'Device'>): { path: ValuePath; ranges: NonNullable<DeviceBGP['listen']>['ranges'] }[] {
  return [
    { path: ['spec', 'bgp'], ranges: spec.bgp?.listen?.ranges ?? [] },
    ...spec.vrfs.map(({ bgp }, i) => ({ path: ['spec', 'vrfs', i, 'bgp'], ranges: bgp?.listen?.ranges ?? [] })),
  ];
}

/** Groups that stand on a device without a session that says so. */
function groupsOf(device: DesiredObject<'Device'>, { PeerGroup }: CheckInput['objects']): GroupOnDevice[] {
  const names = [
    ...rangesOf(device).flatMap(({ ranges }) => ranges.map(({ peerGroup }) => peerGroup)),
    ...(device.spec.keeps?.peerGroups ?? []),
  ];
  return names.flatMap((name) => {
    const group = PeerGroup.get(name);
    return group ? [{ device: device.metadata.name, group }] : [];
  });
}

/** FRR takes a range only for a group that says who its members are. */
function checkRanges(device: DesiredObject<'Device'>, { PeerGroup }: CheckInput['objects']): PlumblineError[] {
  return rangesOf(device).flatMap(({ path, ranges }) =>
    ranges.flatMap(({ peerGroup }, i) => {
      const group = PeerGroup.get(peerGroup);
      if (!group || (group.spec.asn ?? group.spec.type) !== undefined) return [];
      const at = device.locate([...path, 'listen', 'ranges', i, 'peerGroup']);
      return [errors.ListensWithoutAs({ object: nameOf(device), group: nameOf(group) }, { at })];
    }),
  );
}

function checkAsn({ session, group, end }: Member, resolved: ResolvedSession | undefined): PlumblineError[] {
  const { asn, type } = group.spec;
  const other: ResolvedEnd | undefined = resolved?.ends[end === 0 ? 1 : 0];
  const at = { at: session.locate(['spec', 'ends', end, 'peerGroup']) };
  const facts = { object: nameOf(session), group: nameOf(group) };
  if (asn !== undefined && other && other.asn !== asn)
    return [errors.MemberDisagrees({ ...facts, says: `AS ${asn}`, found: `${other.name} shows AS ${other.asn}` }, at)];
  if (type !== undefined && session.spec.type !== type)
    return [errors.MemberDisagrees({ ...facts, says: type.toLowerCase(), found: `the session is ${session.spec.type.toLowerCase()}` }, at)];
  return [];
}

/** FRR takes members of one kind only (`peer_group_bind` of 8.4). */
function checkMixed(members: readonly Member[]): PlumblineError[] {
  const firsts = new Map<string, Member>();
  return members.flatMap((member) => {
    const key = `${member.device} ${member.vrf} ${member.group.metadata.name}`;
    const first = firsts.get(key) ?? member;
    firsts.set(key, first);
    if (member.group.spec.type !== undefined || first.session.spec.type === member.session.spec.type) return [];
    const facts = {
      object: nameOf(member.session),
      group: nameOf(member.group),
      says: first.session.spec.type.toLowerCase(),
      found: `the session is ${member.session.spec.type.toLowerCase()}, that of ${nameOf(first.session)} at ${formatPosition(first.session.locate(['spec', 'type']))} is not`,
    };
    return [errors.MemberDisagrees(facts, { at: member.session.locate(['spec', 'ends', member.end, 'peerGroup']) })];
  });
}

/** Two groups of one name on a router would be one. */
function checkNames(members: readonly GroupOnDevice[]): PlumblineError[] {
  const firsts = new Map<string, DesiredObject<'PeerGroup'>>();
  const told = new Set<string>();
  return members.flatMap(({ device, group }) => {
    const name = group.spec.nameOnDevice ?? group.metadata.name;
    const first = firsts.get(`${device} ${name}`) ?? group;
    firsts.set(`${device} ${name}`, first);
    if (first === group || told.has(group.metadata.name)) return [];
    told.add(group.metadata.name);
    const facts = {
      object: nameOf(group),
      what: 'its name on routers',
      value: name,
      first: nameOf(first),
      where: formatPosition(first.position),
    };
    return [errors.DuplicateIdentity(facts, { at: group.locate(['spec', 'nameOnDevice']) })];
  });
}

function checkOptions(group: DesiredObject<'PeerGroup'>): PlumblineError[] {
  return Object.entries(group.spec.families).flatMap(([family, options]) => {
    if (options?.defaultOriginatePolicy === undefined || options.defaultOriginate) return [];
    const facts = { object: nameOf(group), field: 'defaultOriginatePolicy', needs: 'defaultOriginate: true' };
    return [errors.FieldWithoutEffect(facts, { at: group.locate(['spec', 'families', family, 'defaultOriginatePolicy']) })];
  });
}
