import {
  type CommunityType,
  type ExtraLineIntent,
  type Family,
  type NeighborFamilyIntent,
  type NeighborIntent,
  type ResolvedEnd,
  resolveSession,
  type SessionEnd,
  type SessionEndFamily,
  type SessionExpectation,
} from '../api/index.ts';
import { containsAddress, parseAddress, parsePrefix } from '../lib/index.ts';
import { type Compilation, familyOf, usePolicy } from './context.ts';
import { errors } from './errors.ts';
import { compareAddresses } from './order.ts';
import { ownerOf, titleOf } from './owner.ts';
import type { SessionAtDevice } from './session-index.ts';

/** Both sides of a device's sessions: how it configures its neighbors, and what they should look like when it works. */
export interface CompiledNeighbors {
  neighbors: NeighborIntent[];
  byFamily: Record<Family, NeighborFamilyIntent[]>;
  expectations: SessionExpectation[];
}

/** The neighbors of one device, from every BGPSession that names it. Sorted by address. */
export function compileNeighbors(compilation: Compilation): CompiledNeighbors {
  const result: CompiledNeighbors = { neighbors: [], byFamily: { 'ipv4-unicast': [], 'ipv6-unicast': [] }, expectations: [] };
  for (const session of compilation.desired.sessions()) compileSession(compilation, session, result);
  result.neighbors.sort((a, b) => compareAddresses(a.address, b.address));
  for (const family of Object.values(result.byFamily)) family.sort((a, b) => compareAddresses(a.address, b.address));
  return result;
}

function compileSession(compilation: Compilation, at: SessionAtDevice, result: CompiledNeighbors): void {
  const { object, spec, own } = at;
  const { session, faults } = resolveSession(spec, (name) => compilation.desired.get('Device', name)?.spec);
  const end = spec.ends[own];
  if (!session || !end) {
    const place = faults[0] ? { at: object.locate(faults[0].path) } : {};
    const lacks = `its ends cannot be resolved (${faults.map(({ fault }) => fault).join(', ')})`;
    compilation.problems.push(errors.IntentIncomplete({ device: compilation.device.metadata.name, object: titleOf(object), lacks }, place));
    return;
  }
  const [us, them] = own === 0 ? [session.ends[0], session.ends[1]] : [session.ends[1], session.ends[0]];
  const owner = ownerOf(object);
  result.neighbors.push({ ...owner, ...describeNeighbor(compilation, at, us, them) });
  for (const family of spec.families) {
    const options = end.families[family];
    const ownerOfFamily = options === undefined ? owner : ownerOf(object, ['spec', 'ends', own, 'families', family]);
    result.byFamily[family].push({ ...ownerOfFamily, ...describeFamily(compilation, them.address, family, options) });
  }
  result.expectations.push({
    ...owner,
    session: object.metadata.name,
    neighbor: them.address,
    vrf: 'default',
    addressFamilies: [...spec.families].sort(),
    remoteAs: them.asn,
    expect: spec.adminState === 'Shutdown' ? 'Configured' : spec.expect,
    peerDevice: them.device ?? null,
  });
}

type Described<T> = Omit<T, 'kind' | 'name' | 'source'>;

function describeNeighbor(
  compilation: Compilation,
  { object, spec, own }: SessionAtDevice,
  us: ResolvedEnd,
  them: ResolvedEnd,
): Described<NeighborIntent> {
  const end = spec.ends[own];
  const timers = spec.timers ?? compilation.profile?.timers;
  const external = us.asn !== them.asn;
  const said = end?.description ?? spec.description ?? object.metadata.name;
  // A loopback is a hop further away than TTL 1 reaches, also when the other router is next door.
  const multihop = spec.ttl?.multihop ?? (external && (us.via === 'Loopback' || them.via === 'Loopback') && !spec.ttl ? 2 : null);
  return {
    address: them.address,
    family: familyOf(them.address),
    peer: them.name,
    peerDevice: them.device ?? null,
    remoteAs: them.asn,
    type: spec.type,
    relationship: spec.relationship ?? null,
    description: said === '' ? null : said,
    shutdown: spec.adminState === 'Shutdown',
    passive: end?.passive ?? false,
    localAs: end?.localAs ?? null,
    password: spec.auth ? { secret: spec.auth.passwordRef } : null,
    multihop: external ? multihop : null,
    gtsmHops: spec.ttl?.gtsmHops ?? null,
    updateSource: updateSourceOf(us, them, end?.updateSource),
    keepaliveSeconds: timers?.keepaliveSeconds ?? null,
    holdSeconds: timers?.holdSeconds ?? null,
    connectRetrySeconds: timers?.connectRetrySeconds ?? null,
    lines: extraLines(end?.lines),
  };
}

function extraLines(lines: readonly string[] = []): ExtraLineIntent[] {
  return lines.map((line) =>
    line.startsWith('no ') ? { negated: true, text: line.slice(3).trimStart() } : { negated: false, text: line },
  );
}

function updateSourceOf(us: ResolvedEnd, them: ResolvedEnd, wish: SessionEnd['updateSource']): string | null {
  if (us.via === 'Any' || wish === 'None') return null;
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

const communityTypes: readonly CommunityType[] = ['Standard', 'Extended', 'Large'];

function describeFamily(
  compilation: Compilation,
  address: string,
  addressFamily: Family,
  options: SessionEndFamily | undefined,
): Described<NeighborFamilyIntent> {
  const family = familyOf(addressFamily);
  const max = options?.maximumPrefixes;
  const sent = options?.sendCommunity ?? communityTypes;
  return {
    address,
    import: usePolicy(compilation, options?.import, family),
    export: usePolicy(compilation, options?.export, family),
    maximumPrefixes: max
      ? { limit: max.limit, thresholdPercent: max.thresholdPercent, action: max.action, restartMinutes: max.restartMinutes ?? null }
      : null,
    nextHopSelf: options?.nextHopSelf === true || options?.nextHopSelfForce === true,
    nextHopSelfForce: options?.nextHopSelfForce ?? false,
    routeReflectorClient: options?.routeReflectorClient ?? false,
    routeServerClient: options?.routeServerClient ?? false,
    allowAsIn: options?.allowAsIn ?? null,
    removePrivateAs: options?.removePrivateAs ?? null,
    asOverride: options?.asOverride ?? false,
    defaultOriginate: options?.defaultOriginate ?? false,
    defaultOriginatePolicy: usePolicy(compilation, options?.defaultOriginatePolicy, family),
    withheldCommunities: communityTypes.filter((type) => !sent.includes(type)),
    softReconfiguration: options?.softReconfiguration ?? false,
    lines: extraLines(options?.lines),
  };
}
