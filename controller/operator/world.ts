import type {
  BGPSessionSpec,
  BGPSessionStatus,
  ChangeApprovalSpec,
  ChangePlanSpec,
  ChangePlanStatus,
  ChangeRecord,
  DHCPSubnetSpec,
  DHCPSubnetStatus,
  DeviceSpec,
  DeviceStatus,
  DriftReportSpec,
  DriftReportStatus,
  FleetSpec,
  FleetStatus,
  NeighborState,
  Pin,
  Plan,
  SessionKey,
} from '../api/index.ts';
import type { DeviceFigures } from './device/device-figures.ts';
import type { LastReads } from './device/last-reads.ts';
import type { LoginGuards } from './device/login-guard.ts';
import type { ServedSubnets } from './dhcp/served-subnets.ts';
import type { DesiredFleet } from './fleet/desired-fleet.ts';
import type { LoadedRevision } from './fleet/load-revision.ts';
import type { ObjectCache } from './object-cache.ts';
import type { Leadership, Routed } from '../pipeline/index.ts';
import type { Judgement, Standing } from './plan/proposal.ts';
import type { NetBoxStanding } from './netbox/standing.ts';
import type { Runtime } from './runtime.ts';
import type { Unpublished } from './unpublished.ts';

/** What people see and write, as this process knows it. */
export interface Published {
  devices: ObjectCache<DeviceSpec, DeviceStatus>;
  drifts: ObjectCache<DriftReportSpec, DriftReportStatus>;
  sessions: ObjectCache<BGPSessionSpec, BGPSessionStatus>;
  subnets: ObjectCache<DHCPSubnetSpec, DHCPSubnetStatus>;
  fleets: ObjectCache<FleetSpec, FleetStatus>;
  plans: ObjectCache<ChangePlanSpec, ChangePlanStatus>;
  approvals: ObjectCache<ChangeApprovalSpec, unknown>;
}

/** Everything that one Fleet's reconcilers share. Only `reconcileFleet` replaces `inForce`. */
export interface World extends Published {
  /** Name of the Fleet. */
  fleet: string;
  runtime: Runtime;
  /** For plans in CI; absent where nobody asked for that. */
  lastReads?: LastReads | undefined;
  /** The revision in force; undefined until the first one was read. */
  inForce: DesiredFleet | undefined;
  /** The revision in force when the status of the Fleet was last written. */
  told: string | undefined;
  suspended: boolean;
  /** How the Fleet in charge wants devices read; the defaults while there is none that can be used. */
  reads: () => FleetSpec['reads'];
  /** The same of what is done at the same time, and when. */
  changes: () => FleetSpec['changes'];
  /** What the newest revision came to when it was loaded: it is not loaded again while the Fleet asks for the same. */
  loaded: LoadedRevision | undefined;
  /** The revision that was read to be recalled after the start, of use or not. */
  recalled: string | undefined;
  /** Labels of the devices that are ours: other regions have operators of their own. */
  selector: Readonly<Record<string, string>>;
  /** Devices that left Git and wait for a person: judged by what Git last said. */
  releasing: ReadonlySet<string>;
  /** False on one machine, which knows users and no groups. */
  knowsGroups: boolean;
  /** What the last look of this process at a device came to; none while it must be looked at again before anything is planned. */
  judgements: Map<string, Judgement>;
  /** Devices that a change of ours begins or ends on: what a look of before or meanwhile found is not planned from. */
  touch: (devices: readonly string[]) => void;
  /** How often each was touched. */
  touched: Map<string, number>;
  /** Devices that a person took back. */
  pins: Map<string, Pin>;
  /** Something was judged otherwise than before: it may be planned anew. */
  onJudged: () => void;
  /** An end of these sessions was looked at: their mirrors are next, after the devices. */
  askSessions: (names: readonly string[]) => void;
  /** The same of subnets, when a server of theirs was looked at. */
  askSubnets: (names: readonly string[]) => void;
  /** What the change of a device waits for, or what stands in its way. */
  standings: ReadonlyMap<string, Standing>;
  /** Full plans by the name of their ChangePlan, as far as they were needed. */
  fullPlans: Map<string, Plan>;
  /** Devices that a way back left drained; false when the drain was seen to be gone since. */
  drained: ReadonlyMap<string, boolean>;
  /** Changes without an end that was seen, of whichever operator, as the last pass over the plans found. */
  openChanges: readonly ChangeRecord[];
  /** What the last drafts would do to routes, and of which proposals that was found. */
  routed: { of: string; routed: Routed } | undefined;
  /** Sets that keep their grants, as they were last gone through. */
  keptGrants: string | undefined;
  /** Devices that run another version than before, by both, until it is told of them together. */
  upgraded: Map<string, Set<string>>;
  /** Sessions that were up when the change of a device began: while its wave is watched they must be. */
  upBefore: Map<string, readonly SessionKey[]>;
  /** Nobody else changes our devices while this process leads. */
  leadership: Leadership;
  /** Sets that are being changed now, by `holderOf`: by this process. */
  atWork: Map<string, Promise<void>>;
  /** What else goes on beside the passes, each at most once: it takes no place from a set. */
  chores: Map<string, Promise<void>>;
  figures: Map<string, DeviceFigures>;
  /** Neighbors at the last believed read; a device that is Unknown has none. */
  neighbors: Map<string, readonly NeighborState[]>;
  /** DHCP servers as they were last looked at; none of one that is Unknown. */
  dhcp: Map<string, ServedSubnets>;
  /** What NetBox records. */
  netbox: NetBoxStanding;
  /** Devices whose last change nobody was named for, with the time since when it was looked for: their logs may be late. */
  unattributed: Map<string, Date>;
  /** What the store refuses, and why. */
  unpublished: Unpublished;
  /** By account: the name of the Secret that a device is read with. */
  logins: LoginGuards;
  /** Monotonic time of the last look that ended in a judgement. */
  lastJudged: Map<string, number>;
}

/** On every mirror and report: the Fleet that it belongs to. */
export const fleetLabel = 'plumbline.dev/fleet';

/** True for the labels of a device that this operator looks at. */
export function isOurs({ selector }: Pick<World, 'selector'>, labels: Readonly<Record<string, string>>): boolean {
  return Object.entries(selector).every(([key, value]) => labels[key] === value);
}

/** The devices of an operator in words, `site=fra,role=edge`; empty when it looks at all. The label `region` of its metrics. */
export function regionOf(selector: World['selector']): string {
  return Object.entries(selector)
    .map(([key, value]) => `${key}=${value}`)
    .toSorted()
    .join(',');
}
