import { RouterId, VrfName } from '../../api/index.ts';
import type { Node } from '../../config/index.ts';
import type { Claims } from '../claims.ts';
import type { FoundGroup, FoundNeighbor, FoundProfile, Spec } from '../found.ts';
import type { Original } from '../original.ts';
import { findGroups } from './groups.ts';
import { findListening, type Listening } from './listening.ts';
import { findNeighbors } from './neighbors.ts';
import { findOriginated, findPaths, type Originated } from './originated.ts';
import { gatherPeers, type Instance, isAsn } from './peers.ts';

/** A BGP instance of a device. */
export interface FoundInstance extends Instance, Originated {
  spec: Spec;
  groups: readonly FoundGroup[];
  neighbors: readonly FoundNeighbor[];
  listening: Listening;
}

/** The instances of the default VRF and of others, as far as a Device can express them. */
export function findInstances(
  original: Original,
  claims: Claims,
  maps: ReadonlySet<string>,
  profiles: ReadonlyMap<string, FoundProfile>,
): FoundInstance[] {
  const { tree, device } = original;
  return tree.roots.flatMap((node) => {
    const [, number, vrf] = /^router bgp (\d+)(?: vrf (\S+))?$/.exec(node.text) ?? [];
    const prefix = vrf === undefined ? '' : `vrf ${vrf} `;
    const asn = Number(number);
    if (!isAsn(asn) || (vrf !== undefined && !VrfName.safeParse(vrf).success)) return [];
    if (!claims.take(`${prefix}router bgp`, [node])) return [];
    const instance: Instance = { node, asn, prefix, ...(vrf !== undefined && { vrf }) };
    const peers = gatherPeers(instance);
    const groups = findGroups(device, instance, peers, profiles, claims);
    return [
      {
        ...instance,
        spec: { asn, ...findFields(instance, isDatacenter(tree.roots), claims), ...findPaths(instance, peers, claims) },
        ...findOriginated(instance, claims, maps),
        groups: [...groups.values()],
        neighbors: findNeighbors(device, instance, { peers, groups, profiles }, claims),
        listening: findListening(instance, groups, claims),
      },
    ];
  });
}

/** The fields that one line each says. */
function findFields({ node, prefix }: Instance, isDatacenter: boolean, claims: Claims): Spec {
  /** Takes the line of the instance when a field says it. */
  const takes = (field: string, text: string | undefined): boolean => {
    const line = node.children.find((child) => child.text === text);
    return line !== undefined && claims.take(`${prefix}bgp ${field}`, [line]);
  };
  const valueOf = (words: string): string | undefined =>
    node.children.find(({ text }) => text.startsWith(`${words} `))?.text.slice(words.length + 1);
  const findTime = (word: string, field: string, usual: number): Spec => {
    const value = valueOf(`bgp graceful-restart ${word}`);
    const fits = /^\d+$/.test(value ?? '') && Number(value) !== usual && Number(value) > 0 && Number(value) <= 4095;
    return fits && takes('gracefulRestartTimers', `bgp graceful-restart ${word} ${value}`) ? { [field]: Number(value) } : {};
  };
  const spec: Record<string, unknown> = {};
  const routerId = valueOf('bgp router-id');
  if (RouterId.safeParse(routerId).success && takes('routerId', `bgp router-id ${routerId}`)) spec['routerId'] = routerId;
  const clusterId = valueOf('bgp cluster-id');
  if (RouterId.safeParse(clusterId).success && takes('clusterId', `bgp cluster-id ${clusterId}`)) spec['clusterId'] = clusterId;
  const preference = valueOf('bgp default local-preference');
  if (/^\d+$/.test(preference ?? '') && preference !== '100' && takes('localPreference', `bgp default local-preference ${preference}`))
    spec['defaultLocalPreference'] = Number(preference);
  if (takes('multipathRelax', 'bgp bestpath as-path multipath-relax')) spec['multipathRelax'] = true;
  if (takes('gracefulRestart', 'bgp graceful-restart')) spec['gracefulRestart'] = true;
  const times = {
    ...findTime('restart-time', 'restartSeconds', 120),
    ...findTime('stalepath-time', 'stalePathSeconds', 360),
    ...(takes('gracefulRestartTimers', 'bgp graceful-restart preserve-fw-state') && { preserveForwarding: true }),
  };
  if (Object.keys(times).length > 0) spec['gracefulRestartTimers'] = times;
  if (takes('ebgpRequiresPolicy', 'bgp ebgp-requires-policy')) spec['ebgpRequiresPolicy'] = true;
  else if (takes('ebgpRequiresPolicy', 'no bgp ebgp-requires-policy') || isDatacenter) spec['ebgpRequiresPolicy'] = false;
  if (takes('importCheck', 'no bgp network import-check')) spec['networkImportCheck'] = false;
  const isSilent = takes('logNeighborChanges', 'no bgp log-neighbor-changes');
  if (isSilent || (!takes('logNeighborChanges', 'bgp log-neighbor-changes') && !isDatacenter)) spec['logNeighborChanges'] = false;
  if (!takes('defaultFamily', 'no bgp default ipv4-unicast')) spec['defaultIpv4Unicast'] = true;
  return spec;
}

function isDatacenter(roots: readonly Node[]): boolean {
  return roots.some(({ text }) => text === 'frr defaults datacenter');
}
