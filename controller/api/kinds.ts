import { ASPathSetSpec } from './as-path-set.ts';
import { BFDProfileSpec } from './bfd-profile.ts';
import { BGPSessionSpec } from './bgp-session.ts';
import { ChangeApprovalSpec, ChangeApprovalStatus } from './change-approval.ts';
import { ChangePlanSpec, ChangePlanStatus } from './change-plan.ts';
import { ChangeWindowSpec } from './change-window.ts';
import { CommunitySetSpec } from './communities.ts';
import { DHCPSubnetStatus } from './dhcp-subnet-status.ts';
import { DHCPSubnetSpec } from './dhcp-subnet.ts';
import { DeviceProfileSpec } from './device-profile.ts';
import { BGPSessionStatus, DeviceStatus } from './device-status.ts';
import { DeviceSpec } from './device.ts';
import { DriftReportSpec, DriftReportStatus } from './drift-report.ts';
import { FleetSpec, FleetStatus } from './fleet.ts';
import { PeerGroupSpec } from './peer-group.ts';
import { PrefixSetSpec } from './prefix-set.ts';
import { ReconcilePolicySpec } from './reconcile-policy.ts';
import { RoutePolicySpec } from './route-policy.ts';
import { RouteTestSpec } from './route-test.ts';

/** The kinds that stand in Git, by name. Those of the cluster never do. */
export const specs = {
  Device: DeviceSpec,
  DeviceProfile: DeviceProfileSpec,
  BGPSession: BGPSessionSpec,
  PeerGroup: PeerGroupSpec,
  BFDProfile: BFDProfileSpec,
  RoutePolicy: RoutePolicySpec,
  PrefixSet: PrefixSetSpec,
  CommunitySet: CommunitySetSpec,
  ASPathSet: ASPathSetSpec,
  DHCPSubnet: DHCPSubnetSpec,
  ReconcilePolicy: ReconcilePolicySpec,
  ChangeWindow: ChangeWindowSpec,
  RouteTest: RouteTestSpec,
} as const;

export type Kind = keyof typeof specs;

/** The spec type of each kind. */
export interface Specs {
  Device: DeviceSpec;
  DeviceProfile: DeviceProfileSpec;
  BGPSession: BGPSessionSpec;
  PeerGroup: PeerGroupSpec;
  BFDProfile: BFDProfileSpec;
  RoutePolicy: RoutePolicySpec;
  PrefixSet: PrefixSetSpec;
  CommunitySet: CommunitySetSpec;
  ASPathSet: ASPathSetSpec;
  DHCPSubnet: DHCPSubnetSpec;
  ReconcilePolicy: ReconcilePolicySpec;
  ChangeWindow: ChangeWindowSpec;
  RouteTest: RouteTestSpec;
}

export const kindNames = Object.keys(specs) as readonly Kind[];

/** The kinds that stand in the cluster alone: what people write there, and what Plumbline reports. */
export const clusterSpecs = {
  Fleet: FleetSpec,
  DriftReport: DriftReportSpec,
  ChangePlan: ChangePlanSpec,
  ChangeApproval: ChangeApprovalSpec,
} as const;

export type ClusterKind = keyof typeof clusterSpecs;

/** Every kind that Kubernetes knows. */
export type AnyKind = Kind | ClusterKind;

/** The status of the kinds that have more than conditions. */
export const statuses = {
  Device: DeviceStatus,
  BGPSession: BGPSessionStatus,
  DHCPSubnet: DHCPSubnetStatus,
  Fleet: FleetStatus,
  DriftReport: DriftReportStatus,
  ChangePlan: ChangePlanStatus,
  ChangeApproval: ChangeApprovalStatus,
} as const;

export const anyKindNames: readonly AnyKind[] = [...kindNames, ...(Object.keys(clusterSpecs) as ClusterKind[])];
