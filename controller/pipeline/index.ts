/**
 * pipeline: the corridor, walked by the CLI and the operator alike:
 * desired → compile → render → observe → judge → plan → gate → apply. Knows no Kubernetes and no terminal.
 */
export { actorHere, carryOut, recoverChanges } from './apply.ts';
export type { Leadership } from './apply-deps.ts';
export { attributeChange } from './attribute-change.ts';
export { checkDesired } from './check.ts';
export { type Corridor, type CorridorOptions, corridorOver, openCorridor } from './corridor.ts';
export { errors as pipelineErrors } from './errors.ts';
export { type DeviceProposal, internalSessions, planOf, type Proposal, proposeDevice, proposePlan } from './plan-devices.ts';
export { measureSubnets } from './measure-subnets.ts';
export { partnersOf } from './pairs.ts';
export { planSaved } from './plan-saved.ts';
export { createReadSaver, saveReads } from './save-reads.ts';
export { planOffline } from './plan-offline.ts';
export { reviewPlan } from './review-plan.ts';
export { planWayBack, type WayBack } from './plan-way-back.ts';
export { probeDevice } from './probe-device.ts';
export { type KeptWork, openKeptWork } from './kept-work.ts';
export { type Known, type Prepared, type PreparedDevice, prepareDevices, type PrepareOptions } from './prepare.ts';
export { parseSelector, type Selection, selectDevices } from './selection.ts';
export { type OrphanEnd, settleOrphan } from './settle-orphan.ts';
export { buildNewTarget, type NewManagement } from './target.ts';
export { type Earlier, type Routed, routeChange } from './route-change.ts';
export { testRoutes } from './test-routes.ts';
export { adoptDevices, type Surveyed, surveyDevices, takeOverAgreed } from './survey.ts';
export { tellDevice, tellDevices } from './told.ts';
export type { Orphan } from './observe-device.ts';
