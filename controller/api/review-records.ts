import type { ReconcileMode } from './reconcile-policy.ts';
import type { Source } from './config-records.ts';

/** What a reviewer wants to know around a plan: nothing of it is approved, and all of it is as it was when the plan was made. */
export interface PlanReview {
  /** When the devices were read, first and last; absent: none was. */
  looked?: { from: string; to: string };
  /** Devices on which somebody wants no changes. */
  holds: readonly { device: string; says: string }[];
  /** What Git allows, the strictest first; the Fleet of an operator may be stricter. */
  modes: readonly { mode: ReconcileMode; devices: readonly string[]; because: readonly Source[] }[];
  /** Windows that are closed now, for whom. */
  closed: readonly { devices: readonly string[]; because: string }[];
  /** How an operator would go about it. */
  rollout: { canaries: readonly string[]; waves: readonly number[]; onFailure: string };
  /** What the RouteTests of the revision came to. */
  tests: { tests: number; failures: readonly { message: string; next: string; place?: string }[] };
  /** A sentence each. */
  notEvaluated: readonly string[];
}
