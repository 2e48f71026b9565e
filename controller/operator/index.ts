/**
 * operator: the corridor, run for ever. Follows Fleets, reads their devices, judges, publishes what it finds as objects, metrics and notices,
 * and makes devices right as policy and people allow. The same code in a cluster and under `plumb up`; what differs is the `Runtime`.
 *
 * - `fleet/` the source of desired state, the revision in force, devices that left Git
 * - `device/` one look at one device: read, judge, publish; holds, acknowledgements, the guard of logins
 * - `plan/` what is to be done: drafts, approvals, rollouts, ways back; the only place from which a device is written
 * - `netbox/` the snapshot of NetBox, and what it is beside each device
 * - `session/` the state of BGP sessions over their ends
 * - `dhcp/` the state of DHCP subnets over their servers
 */
export { errors as operatorErrors } from './errors.ts';
export { adoptAnnotation, printAdoption } from './device/adoption.ts';
export { holdAnnotation, printHold, printResumed, requestAnnotations, resumedAnnotation } from './device/hold.ts';
export { operatorPool } from './device/login-guard.ts';
export type { FleetObject } from './fleet/reconcile-fleet.ts';
export { printRelease, releaseAnnotation } from './fleet/releases.ts';
export { openGitSource } from './fleet/git-source.ts';
export { openArtifactSource } from './fleet/artifact-source.ts';
export { openFolderSource } from './fleet/folder-source.ts';
export type { FleetSource, Found } from './fleet/source.ts';
export { type OperatorMetrics, operatorMetrics } from './metrics.ts';
export { type Operator, type OperatorOptions, startOperator } from './operator.ts';
export type { Notice, NoticeSink, Runtime } from './runtime.ts';
export { printOrder, rolloutAnnotation } from './plan/order.ts';
export { rollbackCondition } from './plan/ask-rollback.ts';
export { netboxHintAnnotation, printNetBoxHint } from './netbox/hint.ts';
export { openNoticeLog } from './notice-log.ts';
export { webhookReceivers } from './fleet/webhook.ts';
export { fleetLabel, regionOf } from './world.ts';
