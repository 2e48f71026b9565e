import type { DevicePlan, DeviceVerdict, Difference, Plan, Quarantine, Source } from '../api/index.ts';
import { digestOf, type PlumblineError } from '../lib/index.ts';
import { errors } from './errors.ts';
import { sentDigestOf, unsetTokensOf } from './plan/effect.ts';
import { cutPlan } from './plan/make-plan.ts';
import { needsPermission, type Removals } from './plan/removals.ts';

/** What decides about one device. */
export interface GateFacts {
  verdict: DeviceVerdict;
  /** The strictest policy that matches, and where it is written. Without one the mode is Report. */
  mode: 'Report' | 'Approve' | 'Enforce';
  because: readonly Source[];
  removals: Removals;
  /** The running config is not what a reboot would load. */
  startupDiffers: boolean;
  quarantine: Quarantine | undefined;
  /** The plan that a person was shown, when it comes from a file: what is done now must be the same. */
  shown?: DevicePlan;
  /** Why nothing can be written to it from here. A plan may be made all the same. */
  notWritable?: PlumblineError | undefined;
  /** Why no change may begin on it now, as `judgeWindows` says. A plan may be made all the same. */
  closed?: string | undefined;
  problems: readonly PlumblineError[];
}

/** What a person said for this one run. */
export interface Consent {
  /** The prompt was answered with yes, or `--yes`. */
  approved: boolean;
  allowRemovals?: boolean;
  acceptUnsaved?: boolean;
  retry?: boolean;
  overrideWindows?: boolean;
}

declare const cleared: unique symbol;
/** A plan, cut down to the sets that may be applied. Only the gate makes one, and only this can be applied. */
export type ClearedPlan = Plan & { readonly [cleared]: true };

/** May this be done? All refusals at once; a refused member refuses its set. Pure. */
export function gate(
  plan: Plan,
  factsOf: ReadonlyMap<string, GateFacts>,
  consent: Consent,
): { cleared: ClearedPlan; refusals: readonly PlumblineError[] } {
  const refusedBy = new Map(plan.devices.map((each) => [each.effect.device, refusalsOf(each, factsOf.get(each.effect.device), consent)]));
  const isFree = (device: string) => refusedBy.get(device)?.length === 0;
  const rest = cutPlan(plan, (set) => set.every(isFree));
  const together = plan.sets.flatMap((set) => {
    const because = set.filter((device) => !isFree(device)).join(', ');
    return because === '' ? [] : set.filter(isFree).map((device) => errors.MemberRefused({ device, because }));
  });
  return { cleared: rest as ClearedPlan, refusals: [...[...refusedBy.values()].flat(), ...together] };
}

/** The questions for one device, in the order in which a person would ask them. */
function refusalsOf(plan: DevicePlan, facts: GateFacts | undefined, consent: Consent): readonly PlumblineError[] {
  const { device } = plan.effect;
  if (!facts) return [errors.DeviceUnknown({ device, reason: 'Unverified', message: 'nothing is known of it' })];
  const { verdict, mode, shown, quarantine, removals } = facts;
  if (verdict.verdict === 'Unknown') return [errors.DeviceUnknown({ device, reason: verdict.reason, message: verdict.message })];

  const refusals: PlumblineError[] = facts.problems.filter(({ severity }) => severity === 'error');
  const itemsThat = (is: Difference['verdict']) => verdict.differences.filter((difference) => difference.verdict === is);
  const [diverged, unadopted] = [itemsThat('Diverged'), itemsThat('Unadopted')];
  const unset = unsetTokensOf(plan.effect);

  if (mode === 'Report') refusals.push(errors.ReportOnly({ device, because: placesOf(facts.because) }));
  if (diverged.length > 0) refusals.push(errors.Diverged({ device, items: namesOf(diverged) }));
  if (unadopted.length > 0) refusals.push(errors.Unadopted({ device, items: namesOf(unadopted) }));
  if (!plan.proof.forward) refusals.push(errors.Unproven({ device, what: 'forward' }));
  if (!plan.proof.rollback) refusals.push(errors.Unproven({ device, what: 'rollback' }));
  if (unset.length > 0) refusals.push(errors.SecretUnset({ device, tokens: unset.join(', ') }));
  if (needsPermission(removals) && !consent.allowRemovals) {
    const examples = removals.removed.slice(0, 5).join(', ');
    refusals.push(errors.TooManyRemovals({ device, removed: removals.removed.length, owned: removals.owned, examples }));
  }
  if (shown && shown.effectDigest !== plan.effectDigest) {
    refusals.push(errors.StalePlan({ device, planned: shown.effectDigest.slice(0, 19), now: plan.effectDigest.slice(0, 19) }));
  }
  if (facts.startupDiffers && !consent.acceptUnsaved) refusals.push(errors.Unsaved({ device }));
  if (quarantine && isQuarantined(quarantine, plan) && !consent.retry) {
    refusals.push(errors.Quarantined({ device, at: quarantine.at, why: quarantine.reason.message }));
  }
  if (mode !== 'Report' && facts.closed !== undefined && !consent.overrideWindows) {
    refusals.push(errors.WindowClosed({ device, because: facts.closed }));
  }
  if (mode !== 'Report' && facts.notWritable) refusals.push(facts.notWritable);
  if (mode !== 'Report' && !consent.approved) refusals.push(errors.ApprovalRequired({ device }));
  return uniqueOf(refusals);
}

/** Digest of what a plan was computed from. The revision does not count: a merge elsewhere does not make a failed change good. */
export function inputsDigestOf({ provenance: { revision: _revision, ...inputs } }: DevicePlan): string {
  return `sha256:${digestOf(inputs)}`;
}

function isQuarantined({ effectDigest, inputsDigest }: Quarantine, plan: DevicePlan): boolean {
  return effectDigest === sentDigestOf(plan.effect) && inputsDigest === inputsDigestOf(plan);
}

/** Planning reports a failed proof too: said once is enough. */
function uniqueOf(refusals: readonly PlumblineError[]): readonly PlumblineError[] {
  return [...new Map(refusals.map((refusal) => [refusal.message, refusal])).values()];
}

function namesOf(differences: readonly Difference[]): string {
  const names = differences.slice(0, 3).map(({ path }) => path.join(' > '));
  return differences.length > 3 ? `${names.join(', ')} and ${differences.length - 3} more` : names.join(', ');
}

function placesOf(sources: readonly Source[]): string {
  return sources.length === 0 ? '' : `, says ${sources.map(({ file, line }) => `${file}:${line}`).join(' and ')}`;
}
