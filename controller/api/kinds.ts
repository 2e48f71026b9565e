import { ASPathSetSpec } from './as-path-set.ts';
import { BGPSessionSpec } from './bgp-session.ts';
import { CommunitySetSpec } from './communities.ts';
import { DeviceProfileSpec } from './device-profile.ts';
import { DeviceSpec } from './device.ts';
import { PrefixSetSpec } from './prefix-set.ts';
import { ReconcilePolicySpec } from './reconcile-policy.ts';
import { RoutePolicySpec } from './route-policy.ts';

/** The kinds that stand in Git, by name. */
export const specs = {
  Device: DeviceSpec,
  DeviceProfile: DeviceProfileSpec,
  BGPSession: BGPSessionSpec,
  RoutePolicy: RoutePolicySpec,
  PrefixSet: PrefixSetSpec,
  CommunitySet: CommunitySetSpec,
  ASPathSet: ASPathSetSpec,
  ReconcilePolicy: ReconcilePolicySpec,
} as const;

export type Kind = keyof typeof specs;

/** The spec type of each kind. */
export interface Specs {
  Device: DeviceSpec;
  DeviceProfile: DeviceProfileSpec;
  BGPSession: BGPSessionSpec;
  RoutePolicy: RoutePolicySpec;
  PrefixSet: PrefixSetSpec;
  CommunitySet: CommunitySetSpec;
  ASPathSet: ASPathSetSpec;
  ReconcilePolicy: ReconcilePolicySpec;
}

export const kindNames = Object.keys(specs) as readonly Kind[];
