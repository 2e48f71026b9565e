/**
 * api: every kind that stands in Git, and every record that parts hand each other. One zod definition per kind gives the
 * type, the checks of `plumb check`, the CRD, the editor schema and the reference page (`print/`).
 * Config in records is canonical, masked text.
 */
export type { ASPathSetSpec } from './as-path-set.ts';
export { BGPSessionSpec } from './bgp-session.ts';
export { routeMapIn, type SessionEnd, SessionEndFamily } from './bgp-session-end.ts';
export { type CheckedState, type DesiredObject, type DesiredObjects, hasErrors, type ValuePath } from './checked-state.ts';
export { ChangeApprovalSpec, type ChangeApprovalStatus } from './change-approval.ts';
export { ChangePlanSpec, ChangePlanStatus, heavier, type PlanPhase, type SetLetter, shownOfGroup, weightOf } from './change-plan.ts';
export type { NamedWindow } from './change-window.ts';
export { CommunitySetSpec, communityTypeOf, wellKnownCommunities } from './communities.ts';
export { type Condition, type ConditionState, findCondition, setConditions } from './conditions.ts';
export { BGPSessionStatus, DeviceStatus, mostSigners } from './device-status.ts';
export { bootArchitectures, type DhcpClientClass, type ProfileDhcp } from './dhcp-client-class.ts';
export {
  closedPoolClass,
  type DhcpBootIntent,
  type DhcpClientClassIntent,
  type DhcpIntent,
  type DhcpLifetimesIntent,
  type DhcpOptionDefinitionIntent,
  type DhcpOptionIntent,
  type DhcpPoolIntent,
  type DhcpPrefixPoolIntent,
  type DhcpReservationIntent,
  type DhcpServerIntent,
  type DhcpSubnetIntent,
  type HighAvailabilityIntent,
  type LeaseDatabaseIntent,
} from './dhcp-intent.ts';
export type { DhcpLifetimes } from './dhcp-lifetimes.ts';
export { type OptionNames, optionNamesOf } from './dhcp-option-names.ts';
export type { DhcpOptionValue } from './dhcp-option-value.ts';
export { DhcpReservation, identifierTypes, type ReservationIdentifier, reservationIdentifiers } from './dhcp-reservation.ts';
export { colonHex, type IpVersion } from './dhcp-scalars.ts';
export { DHCPSubnetStatus, utilisationSteps } from './dhcp-subnet-status.ts';
export { type DhcpPool, type DhcpPrefixPool, type DHCPSubnetSpec } from './dhcp-subnet.ts';
export { type DhcpOption, dhcpOptions, type DhcpOptionType, findDhcpOption, ownOptionSpace } from './dhcp-options.ts';
export {
  DriftReportSpec,
  DriftReportStatus,
  recordVerdicts,
  type ReportedDifference,
  type ReportedRecord,
  shownDifferences,
} from './drift-report.ts';
export { fleetInCharge, FleetSpec, FleetStatus } from './fleet.ts';
export type { FleetNetBox } from './fleet-netbox.ts';
export type { FleetApproval, FleetChanges } from './fleet-changes.ts';
export {
  type Daemon,
  type DeviceHold,
  type DeviceIdentity,
  type NeighborState,
  type NotKnown,
  type Observed,
  type Read,
  type Receipt,
  type BrokenGlass,
  type Rendered,
  type Source,
  type UnknownReason,
  unknownReasonOf,
} from './config-records.ts';
export { type DeviceInterface, DeviceSpec, type Platform } from './device.ts';
export type { DeviceBGP } from './device-bgp.ts';
export type { DeviceDHCP, DhcpServer, KeaApi } from './device-dhcp.ts';
export { DeviceProfileSpec } from './device-profile.ts';
export type {
  AsPathListIntent,
  BfdProfileIntent,
  BgpFamilyIntent,
  BgpIntent,
  CommunityChangeIntent,
  CommunityListIntent,
  CommunityType,
  DeviceIntent,
  ExtraLineIntent,
  InterfaceIntent,
  IpFamily,
  NeighborFamilyIntent,
  NeighborIntent,
  Owned,
  PeerGroupIntent,
  PrefixListIntent,
  RouteMapEntryIntent,
  RpkiIntent,
  RouteMapIntent,
  RouteMatchIntent,
  RouteSetIntent,
  SecretIntent,
  SecretPlace,
  SectionIntent,
  SessionExpectation,
  StaticRouteIntent,
  VrfIntent,
} from './intent.ts';
export { type AnyKind, anyKindNames, type ClusterKind, clusterSpecs, type Kind, kindNames, type Specs, specs, statuses } from './kinds.ts';
export { Labels, selects } from './labels.ts';
export { apiVersion, ListMetadata, Metadata } from './object.ts';
export type {
  DevicePlan,
  Drain,
  Effect,
  LeaseImpact,
  EffectRoutes,
  Gap,
  Plan,
  PlannedCommand,
  Proof,
  Provenance,
  Risk,
  SessionReset,
  WholeRisk,
} from './plan-records.ts';
export { printCrds } from './print/crds.ts';
export { printJsonSchema } from './print/json-schema.ts';
export { definitions } from './print/definitions.ts';
export { printKindPages } from './print/kind-pages.ts';
export { PrefixSetEntry, PrefixSetSpec } from './prefix-set.ts';
export { type ReconcileMode, type ReconcilePolicySpec, strictestMode } from './reconcile-policy.ts';
export { type DrainPolicy, type ProbePolicy, RolloutPolicy } from './rollout-policy.ts';
export { carefulDrain, carefulProbes, carefulRollout } from './most-careful.ts';
export {
  type BudgetJudgement,
  type BudgetWish,
  type Grant,
  type GrantClaimant,
  type GrantHolder,
  isSuperseded,
  judgeBudget,
} from './grant-records.ts';
export type { RouteTestSpec } from './route-test.ts';
export { PolicySet, PolicyTerm, RoutePolicySpec } from './route-policy.ts';
export { nameSession, resetOf, type SessionKey } from './session-key.ts';
export { bgpOf, type ResolvedEnd, type ResolvedSession, resolveSession, type SessionFault } from './resolve-session.ts';
export {
  Asn,
  DeviceListName,
  ExtraLine,
  type Family,
  HostAddress,
  InterfaceAddress,
  InterfaceName,
  isLinkLocal,
  Line,
  type PolicyAction,
  Prefix,
  RouterId,
  VrfName,
  type SecretKeyRef,
} from './scalars.ts';
export {
  type AttributeChange,
  mostNamedPrefixes,
  type NamedPrefixes,
  type NeighborRoutes,
  type RouteLeak,
  type RoutingEffects,
} from './routing-records.ts';
export type { PlanReview } from './review-records.ts';
export { type SavedRead, SavedReads } from './saved-reads.ts';
export { Section } from './section.ts';
export type { SecretRef, SecretUse } from './secret-use.ts';
export { sequenceOf } from './set-numbers.ts';
export { templateNameOf } from './template-name.ts';
export type { FactValue, NetBoxFacts, NetBoxObject } from './netbox-facts.ts';
export type { RecordChange, RecordPlan } from './record-plan.ts';
export type {
  RecordAdvice,
  RecordAuthor,
  RecordDifference,
  RecordedDevice,
  RecordReport,
  ToldFacts,
  ToldInterface,
  ToldSides,
} from './netbox-records.ts';
export type { Timers } from './timers.ts';
export type {
  ChangeReason,
  ChangeRecord,
  ChangeState,
  EndState,
  HistoryEntry,
  Observation,
  Pin,
  Quarantine,
  Upgraded,
  WorkingState,
} from './change-records.ts';
export type { Baseline, DeviceVerdict, Difference, ItemCounts, News, RecordVerdict, Severity, Verdict } from './verdict-records.ts';
