import {
  bgpOf,
  type Family,
  type NeighborFamilyIntent,
  type NeighborIntent,
  type Owned,
  type ResolvedEnd,
  resolveSession,
  type SessionEnd,
  type SessionExpectation,
} from '../api/index.ts';
import { containsAddress, parseAddress, parsePrefix } from '../lib/index.ts';
import { type Compilation, familyOf } from './context.ts';
import { errors } from './errors.ts';
import { useBfdProfile } from './bfd-profiles.ts';
import { drain } from './drain.ts';
import { describeFamily, type Described, extraLines, inherit } from './neighbor-family.ts';
import { compareAddresses } from './order.ts';
import { ownerOf, titleOf } from './owner.ts';
import { trackGroups, type UsedGroup, type UsedGroups } from './peer-groups.ts';
import type { SessionAtDevice } from './session-index.ts';

/** Both sides of a device's sessions: how it configures its neighbors, and what they should look like when it works. */
export interface CompiledNeighbors {
  neighbors: NeighborIntent[];
  groups: UsedGroups;
  byFamily: Record<Family, NeighborFamilyIntent[]>;
  /** Neighbors that carry no routes of a family although their group does. */
  without: Record<Family, (Owned & { address: string })[]>;
  expectations: SessionExpectation[];
}

/** The neighbors of one device in a VRF, from every BGPSession that names it. Sorted by address. */
export function compileNeighbors(compilation: Compilation, vrf: string | undefined): CompiledNeighbors {
  const result: CompiledNeighbors = {
    neighbors: [],
    groups: trackGroups(compilation),
    byFamily: { 'ipv4-unicast': [], 'ipv6-unicast': [] },
    without: { 'ipv4-unicast': [], 'ipv6-unicast': [] },
    expectations: [],
  };
  for (const session of compilation.desired.sessions())
    if (session.spec.ends[session.own]?.vrf === vrf) compileSession(compilation, session, result);
  result.neighbors.sort((a, b) => compareAddresses(a.address, b.address));
  for (const list of [...Object.values(result.byFamily), ...Object.values(result.without)])
    list.sort((a, b) => compareAddresses(a.address, b.address));
  return result;
}

function compileSession(compilation: Compilation, at: SessionAtDevice, result: CompiledNeighbors): void {
  const { object, spec, own } = at;
  const { session, faults } = resolveSession(
    spec,
    (name) => compilation.desired.get('Device', name)?.spec,
    (name) => compilation.desired.get('PeerGroup', name)?.spec,
  );
  const end = spec.ends[own];
  if (!session || !end) {
    const place = faults[0] ? { at: object.locate(faults[0].path) } : {};
    const lacks = `its ends cannot be resolved (${faults.map(({ fault }) => fault).join(', ')})`;
    compilation.problems.push(errors.IntentIncomplete({ device: compilation.device.metadata.name, object: titleOf(object), lacks }, place));
    return;
  }
  const [us, them] = own === 0 ? [session.ends[0], session.ends[1]] : [session.ends[1], session.ends[0]];
  const owner = ownerOf(object);
  const group = result.groups.use(end.peerGroup);
  if (end.peerGroup !== undefined && !group) {
    const facts = { device: compilation.device.metadata.name, object: titleOf(object), lacks: `PeerGroup/${end.peerGroup} does not exist` };
    compilation.problems.push(errors.IntentIncomplete(facts, { at: object.locate(['spec', 'ends', own, 'peerGroup']) }));
    return;
  }
  result.neighbors.push({ ...owner, ...describeNeighbor(compilation, at, us, them, group) });
  const isOpen = bgpOf(compilation.device.spec, end.vrf)?.ebgpRequiresPolicy === false;
  for (const family of spec.families) {
    const options = end.families[family];
    const ownerOfFamily = options === undefined ? owner : ownerOf(object, ['spec', 'ends', own, 'families', family]);
    const described = describeFamily(compilation, us.neighbor, family, options);
    const ofGroup = group?.byFamily[family];
    const whole = inherit(described, ofGroup);
    const drained = isDrained(compilation, spec)
      ? drain(compilation, whole, family, { external: us.asn !== them.asn, isOpen }, ofGroup?.lines)
      : whole;
    result.byFamily[family].push({ ...ownerOfFamily, ...drained });
  }
  for (const family of ['ipv4-unicast', 'ipv6-unicast'] as const)
    if (!spec.families.includes(family) && group?.byFamily[family]) result.without[family].push({ ...owner, address: us.neighbor });
  result.expectations.push({
    ...owner,
    session: object.metadata.name,
    neighbor: us.neighbor,
    vrf: end.vrf ?? 'default',
    addressFamilies: [...spec.families].sort(),
    remoteAs: them.asn,
    expect: spec.adminState === 'Shutdown' ? 'Configured' : spec.expect,
    peerDevice: them.device ?? null,
  });
}

/** By itself, or with a device at one of its ends. */
function isDrained({ desired }: Compilation, { adminState, ends }: SessionAtDevice['spec']): boolean {
  if (adminState !== 'Up') return adminState === 'Drained';
  return ends.some(({ device }) => device !== undefined && desired.get('Device', device)?.spec.lifecycle === 'Drained');
}

function describeNeighbor(
  compilation: Compilation,
  { object, spec, own }: SessionAtDevice,
  us: ResolvedEnd,
  them: ResolvedEnd,
  group: UsedGroup | undefined,
): Described<NeighborIntent> {
  const end = spec.ends[own];
  const ofGroup = group?.object.spec;
  const timers = spec.timers ?? (ofGroup?.timers ? undefined : compilation.profile?.timers);
  const external = us.asn !== them.asn;
  const said = end?.description ?? spec.description ?? object.metadata.name;
  // A loopback is a hop further away than TTL 1 reaches, also when the other router is next door.
  const isFar = external && (us.via === 'Loopback' || them.via === 'Loopback') && !spec.ttl && !ofGroup?.ttl;
  const multihop = spec.ttl?.multihop ?? (isFar ? 2 : null);
  return {
    isGroup: false,
    address: us.neighbor,
    isUnnumbered: us.via === 'Unnumbered',
    peerGroup: group?.intent.address ?? null,
    remoteAsWord: group !== undefined && group.intent.remoteAsWord !== null ? null : String(them.asn),
    family: us.via === 'Unnumbered' ? 'ipv6' : familyOf(them.address),
    peer: them.name,
    peerDevice: them.device ?? null,
    remoteAs: them.asn,
    type: spec.type,
    relationship: spec.relationship ?? null,
    description: said === '' ? null : said,
    shutdown: spec.adminState === 'Shutdown',
    passive: end?.passive ?? false,
    localAs: end?.localAs ?? null,
    password: spec.auth?.passwordRef ? { secret: spec.auth.passwordRef } : null,
    bfd: spec.bfd ? { profile: useBfdProfile(compilation, object, spec.bfd.profile) } : null,
    gracefulRestart: spec.gracefulRestart ?? null,
    extendedNextHop: spec.extendedNextHop,
    multihop: external ? multihop : null,
    gtsmHops: spec.ttl?.gtsmHops ?? null,
    updateSource: updateSourceOf(us, them, end?.updateSource ?? (ofGroup?.updateSource === undefined ? undefined : 'None')),
    keepaliveSeconds: timers?.keepaliveSeconds ?? null,
    holdSeconds: timers?.holdSeconds ?? null,
    connectRetrySeconds: timers?.connectRetrySeconds ?? null,
    lines: extraLines(end?.lines),
  };
}

function updateSourceOf(us: ResolvedEnd, them: ResolvedEnd, wish: SessionEnd['updateSource']): string | null {
  if (us.via === 'Any' || us.via === 'Unnumbered' || wish === 'None') return null;
  if (wish === 'Interface') return us.interface?.name ?? null;
  return wish === 'Address' || needsUpdateSource(us, them) ? us.address : null;
}

/** Directly connected, the router takes the address of the subnet by itself, unless the interface has two there. */
function needsUpdateSource(us: ResolvedEnd, them: ResolvedEnd): boolean {
  if (us.via === 'Loopback') return true;
  const target = parseAddress(them.address);
  const near = us.interface?.addresses.filter((text) => {
    const subnet = parsePrefix(text);
    return subnet && target && containsAddress(subnet, target);
  });
  return near === undefined || near.length !== 1;
}
