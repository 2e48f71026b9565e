/**
 * change: what would happen to a device, whether it may, and making it so. plan → gate → apply → probe → confirm | roll back.
 * Deciding is pure: `plan/`, `gate.ts`, `compare-probes.ts` and the state machine in `machine/` (a table). `apply/` is the thin
 * shell that carries the table's actions out through a driver and stores each state before its action begins. `approval/` decides whether
 * people have said yes, `windows/` when a change may begin.
 */
export { applyPlan } from './apply/apply-plan.ts';
export { leaderEpoch, type StoredEpoch } from './apply/leader-epoch.ts';
export type { ApplyDeps, ApplyOptions, Bystander, OnProgress, Progress, Reach, SessionPeer, SetResult } from './apply/ports.ts';
export { recover } from './apply/recover.ts';
export { authorsOf } from './approval/authors.ts';
export {
  type Approval,
  type ApprovalFacts,
  type ApprovalGroup,
  type ApprovalJudgement,
  judgeApproval,
  stands,
} from './approval/judge-approval.ts';
export type { ExpectedSession } from './compare-probes.ts';
export { errors as changeErrors } from './errors.ts';
export { foreignReceipt } from './foreign-receipt.ts';
export { type ClearedPlan, type Consent, gate, type GateFacts } from './gate.ts';
export { type ClosingPool, decideClosing, findClosing, questionOf, writeClosing } from './plan/closing.ts';
export type { InternalSession } from './plan/couple.ts';
export { effectDigestOf, groupByEffect, groupDigestOf, sentDigestOf } from './plan/effect.ts';
export { judgeWhole } from './plan/risk.ts';
export { withRoutes } from './plan/with-routes.ts';
export { cutPlan, idOfPlan, makePlan, onlySet, replaceDevices } from './plan/make-plan.ts';
export { describeLeases } from './plan/leases.ts';
export type { ManagementPath } from './plan/management.ts';
export { planDevice, type PlanFacts, type PlannedDevice } from './plan/plan-device.ts';
export { type PlannedRollback, planRollback, type RollbackFacts } from './plan/plan-rollback.ts';
export { needsPermission, type Removals } from './plan/removals.ts';
export { judgeWindows, judgeWindowsOfSet, type WindowJudgement } from './windows/judge.ts';
export { type BudgetGroup, type BudgetMember, budgetsOf, findMisfits, wishesOf } from './rollout/budgets.ts';
export { layOut, type Layout, type LayoutFacts } from './rollout/lay-out.ts';
export { letterOf, markProgress, type SetRecord, settleProgress, type Way } from './rollout/progress.ts';
export {
  isPlanEnd,
  type MayBegin,
  type Refusal,
  type RolloutFacts,
  type RolloutState,
  type RolloutStep,
  type SetHealth,
  stepRollout,
  withholdSets,
} from './rollout/step-rollout.ts';
