import {
  bgpOf,
  type DesiredObject,
  type DeviceBGP,
  type ResolvedEnd,
  type ResolvedSession,
  resolveSession,
  type ValuePath,
} from '../../api/index.ts';
import { formatPosition, type PlumblineError } from '../../lib/index.ts';
import { errors } from './errors.ts';
import { nameOf } from './input.ts';
import { between, type SeenObject, type SeenObjects } from './rule.ts';
import { keepsUndrained, sendsDefault } from './session-rules.ts';
import { misplacedOptions } from './session-type.ts';

const sees = { BGPSession: 'all', PeerGroup: 'all', Device: ['bgp', 'vrfs', 'interfaces', 'keeps', 'lifecycle'] } as const;
type Objects = SeenObjects<typeof sees>;
type Device = SeenObject<'Device', typeof sees.Device>;

interface GroupOnDevice {
  group: DesiredObject<'PeerGroup'>;
  device: string;
  /** Empty: the default one. */
  vrf: string;
}

/** A session whose end is a member of a group. */
interface Member extends GroupOnDevice {
  session: DesiredObject<'BGPSession'>;
  end: 0 | 1;
}

/** Whether the members of a group may be members: their AS numbers, and one kind of session for each group of a router. */
export const checkPeerGroups = between(sees, ({ objects }) => {
  if (objects.PeerGroup.size === 0) return [];
  const members = [...objects.BGPSession.values()].flatMap((session) =>
    ([0, 1] as const).flatMap((end): Member[] => {
      const { device, peerGroup, vrf = '' } = session.spec.ends[end] ?? {};
      const group = objects.PeerGroup.get(peerGroup ?? '');
      return group && device !== undefined ? [{ session, group, end, device, vrf }] : [];
    }),
  );
  const find = (name: string) => objects.Device.get(name)?.spec;
  const findGroup = (name: string) => objects.PeerGroup.get(name)?.spec;
  const byGroup = Map.groupBy(members, ({ group }) => group.metadata.name);
  const onDevices = [...members, ...[...objects.Device.values()].flatMap((device) => groupsOf(device, objects))];
  return [
    ...members.flatMap((member) => checkAsn(member, resolveSession(member.session.spec, find, findGroup).session)),
    ...members.flatMap(checkTakenBack),
    ...checkMixed(members),
    ...[...objects.PeerGroup.values()].flatMap((group) => [
      ...checkOptions(group),
      ...checkType(group, [...typesOf(group, byGroup, objects)]),
    ]),
    ...checkNames(onDevices),
    ...checkLocalAs(onDevices, objects),
    ...[...objects.Device.values()].flatMap((device) => [...checkRanges(device, objects), ...checkDrainedRanges(device, objects)]),
  ];
});

interface RangesOfVrf {
  vrf: string;
  path: ValuePath;
  ranges: NonNullable<DeviceBGP['listen']>['ranges'];
}

function rangesOf({ spec }: Device): RangesOfVrf[] {
  return [
    { vrf: '', path: ['spec', 'bgp'], ranges: spec.bgp?.listen?.ranges ?? [] },
    ...spec.vrfs.map(({ name, bgp }, i) => ({ vrf: name, path: ['spec', 'vrfs', i, 'bgp'], ranges: bgp?.listen?.ranges ?? [] })),
  ];
}

/** Groups that stand on a device without a session that says so. */
function groupsOf(device: Device, { PeerGroup }: Objects): GroupOnDevice[] {
  const names = [
    ...rangesOf(device).flatMap(({ vrf, ranges }) => ranges.map(({ peerGroup: name }) => ({ vrf, name }))),
    ...(device.spec.keeps?.peerGroups ?? []).map((name) => ({ vrf: '', name })),
  ];
  return names.flatMap(({ vrf, name }) => {
    const group = PeerGroup.get(name);
    return group ? [{ device: device.metadata.name, vrf, group }] : [];
  });
}

/** FRR takes a range only for a group that says who its members are. */
function checkRanges(device: Device, { PeerGroup }: Objects): PlumblineError[] {
  return rangesOf(device).flatMap(({ path, ranges }) =>
    ranges.flatMap(({ peerGroup }, i) => {
      const group = PeerGroup.get(peerGroup);
      if (!group || (group.spec.asn ?? group.spec.type) !== undefined) return [];
      const at = device.locate([...path, 'listen', 'ranges', i, 'peerGroup']);
      return [errors.ListensWithoutAs({ object: nameOf(device), group: nameOf(group) }, { at })];
    }),
  );
}

/** A line of a group says which route-map counts, or that a default route is sent: what comes by itself is not drained then. */
function checkDrainedRanges(device: Device, { PeerGroup }: Objects): PlumblineError[] {
  if (device.spec.lifecycle !== 'Drained') return [];
  const names = new Set(rangesOf(device).flatMap(({ ranges }) => ranges.map(({ peerGroup }) => peerGroup)));
  return [...names].flatMap((name) => {
    const group = PeerGroup.get(name);
    const line = Object.values(group?.spec.families ?? {}).flatMap((options) => options?.lines.find(keepsUndrained) ?? [])[0];
    if (!group || line === undefined) return [];
    const field = sendsDefault.test(line) ? 'defaultOriginate' : 'import or export';
    const facts = {
      object: nameOf(device),
      field: 'Drained',
      needs: `${field} in place of the line "${line}", which ${nameOf(group)} has`,
    };
    return [errors.FieldWithoutEffect(facts, { at: device.locate(['spec', 'lifecycle']) })];
  });
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

/** For a member, FRR reads `no` in front of what its group says as: do as the group says (`peer_af_flag_modify` of 8.4). */
function checkTakenBack({ session, group, end }: Member): PlumblineError[] {
  const own = session.spec.ends[end];
  const raise = (field: string, says: string, ...path: ValuePath): PlumblineError =>
    errors.MemberTakesBack(
      { object: nameOf(session), group: nameOf(group), field, says },
      { at: session.locate(['spec', 'ends', end, ...path]) },
    );
  const passive = own?.passive === false && group.spec.passive ? [raise('passive', 'true', 'passive')] : [];
  const inFamilies = session.spec.families.flatMap((family) => {
    const [said, ofGroup] = [own?.families[family], group.spec.families[family]];
    if (!said || !ofGroup) return [];
    const flags = takenByAll.flatMap((field) =>
      said[field] === false && ofGroup[field] === true ? [raise(field, 'true', 'families', family, field)] : [],
    );
    const withheld = (said.sendCommunity ?? []).filter((kind) => ofGroup.sendCommunity?.includes(kind) === false);
    const says = `without ${withheld.join(' and ')}`;
    return withheld.length === 0 ? flags : [...flags, raise('sendCommunity', says, 'families', family, 'sendCommunity')];
  });
  return [...passive, ...inFamilies];
}

const takenByAll = [
  'nextHopSelf',
  'nextHopSelfForce',
  'routeReflectorClient',
  'routeServerClient',
  'asOverride',
  'defaultOriginate',
  'softReconfiguration',
] as const;

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

/** Two groups of one name in one instance of a router would be one. */
function checkNames(members: readonly GroupOnDevice[]): PlumblineError[] {
  const firsts = new Map<string, DesiredObject<'PeerGroup'>>();
  const told = new Set<string>();
  return members.flatMap(({ device, vrf, group }) => {
    const name = group.spec.nameOnDevice ?? group.metadata.name;
    const first = firsts.get(`${device} ${vrf} ${name}`) ?? group;
    firsts.set(`${device} ${vrf} ${name}`, first);
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

/** The local AS numbers of a group that FRR refuses (seen on 8.4.4); of its members it asks nothing. */
function checkLocalAs(uses: readonly GroupOnDevice[], { Device }: Objects): PlumblineError[] {
  const told = new Set<string>();
  return uses.flatMap(({ group, device, vrf }) => {
    const { localAs, asn, type } = group.spec;
    const own = bgpOf(Device.get(device)?.spec, vrf === '' ? undefined : vrf)?.asn;
    if (!localAs || own === undefined || told.has(group.metadata.name)) return [];
    const why =
      localAs.asn === own
        ? `is the AS of ${device} itself`
        : localAs.asn === asn
          ? 'is the AS of its members too, and routers refuse the same AS on both sides'
          : type === 'Internal' || asn === own
            ? `cannot be shown to members in the AS of ${device}: routers take a local AS on external sessions only`
            : undefined;
    if (why === undefined) return [];
    told.add(group.metadata.name);
    const hint = 'Remove localAs, or write another AS number that members should see.';
    return [
      errors.LocalAsRefused({ object: nameOf(group), asn: localAs.asn, why, hint }, { at: group.locate(['spec', 'localAs', 'asn']) }),
    ];
  });
}

/** What the members of a group are, as far as it is known: what the group says, its sessions, and who may come by itself. */
function typesOf(
  { metadata, spec }: DesiredObject<'PeerGroup'>,
  members: ReadonlyMap<string, readonly Member[]>,
  { Device }: Objects,
): ReadonlySet<SessionType> {
  if (spec.type) return new Set([spec.type]);
  const own = members.get(metadata.name) ?? [];
  const came =
    spec.asn === undefined ? [] : [...Device.values()].flatMap(({ spec: { bgp, vrfs } }) => [bgp, ...vrfs.map((vrf) => vrf.bgp)]);
  return new Set([
    ...own.map(({ session }) => session.spec.type),
    ...came.flatMap((bgp) =>
      bgp?.listen?.ranges.some(({ peerGroup }) => peerGroup === metadata.name)
        ? ([bgp.asn === spec.asn ? 'Internal' : 'External'] as const)
        : [],
    ),
  ]);
}

type SessionType = DesiredObject<'BGPSession'>['spec']['type'];

/** A group whose members are of both types, on different routers, may say what is for the one or the other. */
function checkType(group: DesiredObject<'PeerGroup'>, [type, another]: readonly SessionType[]): PlumblineError[] {
  if (type === undefined || another !== undefined) return [];
  const { ttl, families } = group.spec;
  const far = type === 'Internal' && ttl?.multihop !== undefined;
  return [
    ...(far
      ? [errors.ExternalOnly({ object: nameOf(group), field: 'ttl.multihop' }, { at: group.locate(['spec', 'ttl', 'multihop']) })]
      : []),
    ...Object.entries(families).flatMap(([family, options]) =>
      options ? misplacedOptions(group, type, options, ['spec', 'families', family]) : [],
    ),
  ];
}

function checkOptions(group: DesiredObject<'PeerGroup'>): PlumblineError[] {
  return Object.entries(group.spec.families).flatMap(([family, options]) => {
    if (options?.defaultOriginatePolicy === undefined || options.defaultOriginate) return [];
    const facts = { object: nameOf(group), field: 'defaultOriginatePolicy', needs: 'defaultOriginate: true' };
    return [errors.FieldWithoutEffect(facts, { at: group.locate(['spec', 'families', family, 'defaultOriginatePolicy']) })];
  });
}
