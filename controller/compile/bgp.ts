import {
  type BgpFamilyIntent,
  type BgpIntent,
  bgpOf,
  type DeviceBGP,
  type Family,
  type NeighborIntent,
  type PeerGroupIntent,
  type ValuePath,
} from '../api/index.ts';
import { type Compilation, familyOf, usePolicy } from './context.ts';
import { errors } from './errors.ts';
import { drainGroup } from './drain.ts';
import type { CompiledNeighbors } from './neighbors.ts';
import { comparePrefixes } from './order.ts';
import { ownerOf, titleOf } from './owner.ts';
import type { UsedGroup } from './peer-groups.ts';

const addressFamilies: readonly Family[] = ['ipv4-unicast', 'ipv6-unicast'];

/** Routers list redistribution by the number of the protocol. */
const protocols = ['Kernel', 'Connected', 'Static', 'OSPF', 'ISIS'];

/** LOCAL_PREF that every implementation takes when none is configured. */
const usualLocalPreference = 100;

/** Where a BGP instance stands on a device. */
interface InstancePlace {
  vrf: string | undefined;
  path: ValuePath;
}

/** A BGP instance of a device with all that its sessions add to it; null when the device has none there. */
export function compileBgp(compilation: Compilation, place: InstancePlace, compiled: CompiledNeighbors): BgpIntent | null {
  const { device } = compilation;
  const bgp = bgpOf(device.spec, place.vrf);
  if (!bgp) return null;
  const listenRanges = compileRanges(compilation, bgp, place, compiled);
  const groups = compiled.groups.all().map((group) => drainListening(compilation, bgp, group));
  return {
    ...ownerOf(device, place.path),
    vrf: place.vrf ?? null,
    asn: bgp.asn,
    routerId: bgp.routerId ?? null,
    defaultIpv4Unicast: bgp.defaultIpv4Unicast,
    ebgpRequiresPolicy: bgp.ebgpRequiresPolicy ?? null,
    clusterId: bgp.clusterId ?? null,
    defaultLocalPreference: bgp.defaultLocalPreference === usualLocalPreference ? null : bgp.defaultLocalPreference,
    multipathRelax: bgp.multipathRelax,
    gracefulRestart: bgp.gracefulRestart,
    gracefulRestartTimers: bgp.gracefulRestartTimers ?? null,
    deterministicMed: [...Object.values(compiled.byFamily).flat(), ...groups.flatMap(({ byFamily }) => Object.values(byFamily))].some(
      ({ addPath }) => addPath === 'BestPerAs',
    ),
    networkImportCheck: bgp.networkImportCheck,
    logNeighborChanges: bgp.logNeighborChanges,
    peerGroups: groups.map(({ intent }) => intent),
    listenLimit: bgp.listen?.limit ?? null,
    listenRanges,
    neighbors: compiled.neighbors,
    families: addressFamilies
      .map((family) => compileFamily(compilation, { bgp, place }, family, compiled, groups))
      .filter((family) => family !== undefined),
  };
}

/** Whoever comes by itself has no session in Git that could be drained: its group is. */
function drainListening(compilation: Compilation, bgp: DeviceBGP, group: UsedGroup): UsedGroup {
  const { metadata, spec } = group.object;
  const isListened = bgp.listen?.ranges.some(({ peerGroup }) => peerGroup === metadata.name) === true;
  if (!isListened || compilation.device.spec.lifecycle !== 'Drained') return group;
  const external = spec.asn === undefined ? spec.type === 'External' : spec.asn !== (spec.localAs?.asn ?? bgp.asn);
  return { ...group, byFamily: drainGroup(compilation, group.byFamily, { external, isOpen: bgp.ebgpRequiresPolicy === false }) };
}

function compileRanges(
  compilation: Compilation,
  { listen }: DeviceBGP,
  { path }: InstancePlace,
  { groups }: CompiledNeighbors,
): BgpIntent['listenRanges'] {
  const { device } = compilation;
  const ranges = (listen?.ranges ?? []).flatMap(({ prefix, peerGroup }, i) => {
    const place = [...path, 'listen', 'ranges', i];
    const group = groups.use(peerGroup);
    if (group) return [{ ...ownerOf(device, place), prefix, peerGroup: group.intent.address }];
    const facts = { device: device.metadata.name, object: titleOf(device), lacks: `PeerGroup/${peerGroup} does not exist` };
    compilation.problems.push(errors.IntentIncomplete(facts, { at: device.locate([...place, 'peerGroup']) }));
    return [];
  });
  return ranges.sort((a, b) => comparePrefixes(a.prefix, b.prefix));
}

function compileFamily(
  compilation: Compilation,
  { bgp, place: { path } }: { bgp: DeviceBGP; place: InstancePlace },
  addressFamily: Family,
  compiled: CompiledNeighbors,
  groups: readonly UsedGroup[],
): BgpFamilyIntent | undefined {
  const { device } = compilation;
  const family = familyOf(addressFamily);
  const networks = bgp.networks
    .map((network, i) => ({ ...ownerOf(device, [...path, 'networks', i]), prefix: network.prefix, policy: network.policy }))
    .filter(({ prefix }) => familyOf(prefix) === family)
    .sort((a, b) => comparePrefixes(a.prefix, b.prefix))
    .map((network) => ({ ...network, policy: usePolicy(compilation, network.policy, family) }));
  const aggregates = bgp.aggregates
    .map((aggregate, i) => ({ ...ownerOf(device, [...path, 'aggregates', i]), ...aggregate }))
    .filter(({ prefix }) => familyOf(prefix) === family)
    .sort((a, b) => comparePrefixes(a.prefix, b.prefix))
    .map((aggregate) => ({ ...aggregate, policy: usePolicy(compilation, aggregate.policy, family) }));
  const redistribute = bgp.redistribute
    .map((from, i) => ({
      ...ownerOf(device, [...path, 'redistribute', i]),
      protocol: from.protocol,
      policy: from.policy,
      in: from.family,
    }))
    .filter((from) => from.in === addressFamily)
    .sort((a, b) => protocols.indexOf(a.protocol) - protocols.indexOf(b.protocol))
    .map(({ in: _family, ...from }) => ({ ...from, policy: usePolicy(compilation, from.policy, family) }));
  const neighbors = compiled.byFamily[addressFamily];
  const peerGroups = groups.flatMap(({ byFamily }) => byFamily[addressFamily] ?? []);
  const isOnByDefault = addressFamily === 'ipv4-unicast' && bgp.defaultIpv4Unicast;
  const withoutNeighbors = [
    ...(isOnByDefault ? findOthers([...groups.map(({ intent }) => intent), ...compiled.neighbors], [...peerGroups, ...neighbors]) : []),
    ...compiled.without[addressFamily],
  ];
  if (networks.length + aggregates.length + redistribute.length + peerGroups.length + neighbors.length + withoutNeighbors.length === 0)
    return undefined;
  const maximumPaths = { external: bgp.maximumPaths.external, internal: bgp.maximumPaths.internal };
  return {
    ...ownerOf(device, path),
    family,
    addressFamily,
    networks,
    aggregates,
    redistribute,
    maximumPaths,
    peerGroups,
    neighbors,
    withoutNeighbors,
  };
}

/** Neighbors outside of groups, and groups. A member follows its group. */
function findOthers(
  all: readonly (NeighborIntent | PeerGroupIntent)[],
  some: readonly { address: string }[],
): BgpFamilyIntent['withoutNeighbors'] {
  const carried = new Set(some.map(({ address }) => address));
  return all
    .filter((each) => !carried.has(each.address) && (each.isGroup || each.peerGroup === null))
    .map(({ kind, name, source, address }) => ({ kind, name, source, address }));
}
