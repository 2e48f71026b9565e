import { ASPathSetSpec } from './as-path-set.ts';
import { BGPSessionSpec } from './bgp-session.ts';
import { CommunitySetSpec } from './communities.ts';
import { DeviceProfileSpec } from './device-profile.ts';
import { BGPSessionStatus, DeviceStatus } from './device-status.ts';
import { DeviceSpec } from './device.ts';
import { DriftReportSpec, DriftReportStatus } from './drift-report.ts';
import { FleetSpec, FleetStatus } from './fleet.ts';
import { PrefixSetSpec } from './prefix-set.ts';
import { ReconcilePolicySpec } from './reconcile-policy.ts';
import { RoutePolicySpec } from './route-policy.ts';

/** The kinds that stand in Git, by name. A `Fleet` and a `DriftReport` never do. */
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

/** The kinds that stand in the cluster alone: what the platform team writes there, and what Plumbline reports. */
export const clusterSpecs = {
  Fleet: FleetSpec,
  DriftReport: DriftReportSpec,
} as const;

export type ClusterKind = keyof typeof clusterSpecs;

/** Every kind that Kubernetes knows. */
export type AnyKind = Kind | ClusterKind;

/** The status of the kinds that have more than conditions. */
export const statuses = {
  Device: DeviceStatus,
  BGPSession: BGPSessionStatus,
  Fleet: FleetStatus,
  DriftReport: DriftReportStatus,
} as const;

export const anyKindNames: readonly AnyKind[] = [...kindNames, ...(Object.keys(clusterSpecs) as ClusterKind[])];
