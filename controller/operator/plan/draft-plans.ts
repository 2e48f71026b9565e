import { type DevicePlan, type Plan, type Quarantine, type ReconcileMode, strictestMode } from '../../api/index.ts';
import {
  type BudgetGroup,
  changeErrors,
  type ClearedPlan,
  type Consent,
  findMisfits,
  gate,
  type GateFacts,
  type InternalSession,
  makePlan,
  needsPermission,
  onlySet,
  sentDigestOf,
} from '../../change/index.ts';
import type { PlumblineError } from '../../lib/index.ts';
import type { Halt } from './halted.ts';
import { isProtective, type Proposal, type Standing } from './proposal.ts';

/** What the gate asks that one look at one device does not tell. */
export interface ClearFacts {
  proposals: ReadonlyMap<string, Proposal>;
  quarantineOf: (sentDigest: string) => Quarantine | undefined;
  /** Problems of a device that only its neighbors tell: the other end of a session that it resets is not known. */
  peerProblems: (proposal: Proposal) => readonly PlumblineError[];
}

/** What a draft is made from. */
export interface DraftFacts extends ClearFacts {
  /** Sessions between managed devices, at least those of the proposals. */
  sessions: readonly InternalSession[];
  revision: string;
  at: Date;
  /** The budgets that a device is a member of. */
  groupsOf: (device: string) => readonly BudgetGroup[];
  /** A person said no to this change of this device, and what they said. */
  rejectedBy: (plan: DevicePlan) => string | undefined;
  /** This change of this device failed, or was stopped, with the rest of its plan: from then on a person must want it. */
  haltedBy: (plan: DevicePlan) => string | undefined;
  /** A person stopped a plan with this change of this device before it began. */
  stoppedBy: (plan: DevicePlan) => Halt | undefined;
}

export interface Drafts {
  /** By mode: what waits for people, and what begins when it may. Without devices: nothing is to be done. */
  plans: Readonly<Record<'Approve' | 'Enforce', Plan>>;
  /** Devices that differ and are in no plan, with why. */
  blocked: ReadonlyMap<string, Standing>;
}

/** Puts what could be done together: which devices change as one unit, who must be asked, and what may not be done at all. Pure. */
export function draftPlans(facts: DraftFacts): Drafts {
  const { proposals, sessions, revision, at } = facts;
  const plans = [...proposals.values()].flatMap(({ planned }) => planned.plan ?? []);
  const whole = makePlan(plans, sessions, { revision, createdAt: at });
  const blocked = new Map<string, Standing>();
  for (const [device, { planned }] of proposals) if (!planned.plan) blocked.set(device, standingOf(planned.problems));
  const chosen: Record<'Approve' | 'Enforce', (readonly string[])[]> = { Approve: [], Enforce: [] };
  const byDevice = new Map(plans.map((plan) => [plan.effect.device, plan]));
  for (const set of whole.sets) {
    const stopped = set.flatMap((device) => stopOf(byDevice.get(device), facts))[0];
    if (stopped) {
      for (const device of set) blocked.set(device, stopped);
      continue;
    }
    const rejected = set.flatMap((device) => rejection(byDevice.get(device), facts));
    const never = [...rejected, ...findMisfits([set], facts.groupsOf)];
    const mode = modeOfSet(set, byDevice, facts);
    const consent = consentTo(set, proposals);
    const trial = never.length > 0 ? { cleared: undefined, refusals: never } : clearSet(onlySet(byDevice, set, whole), facts, consent);
    if (mode === 'Report' || !trial.cleared) block(set, trial.refusals, blocked);
    else chosen[mode].push(set);
  }
  const planOf = (sets: readonly (readonly string[])[]) => {
    const members = sets.flatMap((set) => set.flatMap((device) => byDevice.get(device) ?? []));
    return { ...makePlan(members, [], { revision, createdAt: at }), sets };
  };
  return { plans: { Approve: planOf(chosen.Approve), Enforce: planOf(chosen.Enforce) }, blocked };
}

/** What is asked of the gate for a set that people or policy let begin. A plan that fails, or removes much, is put to people before. */
export function consentTo(set: readonly string[], proposals: ReadonlyMap<string, Proposal>): Consent {
  // Somebody changed the device and did not save it: what a reboot would load is what was right before.
  const isExplained = (proposal: Proposal | undefined) => {
    const { startupDiffers, verdict } = proposal?.facts ?? {};
    return !startupDiffers || (verdict?.verdict !== 'Unknown' && verdict?.differences.some((each) => each.verdict === 'Drifted'));
  };
  const acceptUnsaved = set.every((device) => isExplained(proposals.get(device)));
  return { approved: true, allowRemovals: true, retry: true, ...(acceptUnsaved && { acceptUnsaved }) };
}

/** The plan of one set through the gate. */
export function clearSet(
  plan: Plan,
  facts: ClearFacts,
  consent: Consent,
): { cleared: ClearedPlan | undefined; refusals: readonly PlumblineError[] } {
  const known = plan.devices.flatMap((each): [string, GateFacts][] => {
    const { device } = each.effect;
    const proposal = facts.proposals.get(device);
    if (!proposal) return [];
    const problems = [...proposal.facts.problems, ...facts.peerProblems(proposal)];
    const { mode } = proposal.device;
    return [[device, { ...proposal.facts, mode, because: [], quarantine: facts.quarantineOf(sentDigestOf(each.effect)), problems }]];
  });
  const { cleared, refusals } = gate(plan, new Map(known), consent);
  return { cleared: cleared.sets.length === plan.sets.length ? cleared : undefined, refusals };
}

function rejection(plan: DevicePlan | undefined, { rejectedBy }: DraftFacts): PlumblineError[] {
  const by = plan && rejectedBy(plan);
  return plan && by !== undefined ? [changeErrors.Rejected({ device: plan.effect.device, by })] : [];
}

function stopOf(plan: DevicePlan | undefined, { stoppedBy }: DraftFacts): Standing[] {
  const halt = plan && stoppedBy(plan);
  if (!halt) return [];
  const message = `${halt.by} stopped ${halt.plan} before it began. It is proposed again when what would be done moves, or after plumb continue ${halt.plan}`;
  return [{ reason: 'Stopped', message }];
}

/** The strictest of its members; never Enforce where a person must look. */
function modeOfSet(set: readonly string[], plans: ReadonlyMap<string, DevicePlan>, facts: DraftFacts): ReconcileMode {
  const members = set.flatMap((device) => facts.proposals.get(device) ?? []);
  const strictest = strictestMode(members.map(({ device }) => device.mode));
  const failed = set
    .flatMap((device) => plans.get(device) ?? [])
    .some((plan) => facts.quarantineOf(sentDigestOf(plan.effect)) ?? facts.haltedBy(plan));
  return strictest === 'Enforce' && (failed || members.some(needsPerson)) ? 'Approve' : strictest;
}

/** Many removals, or something that somebody did to protect the network: no automation decides that. */
function needsPerson({ planned, facts: { verdict } }: Proposal): boolean {
  return needsPermission(planned.removals) || (verdict.verdict !== 'Unknown' && verdict.differences.some(isProtective));
}

function block(set: readonly string[], refusals: readonly PlumblineError[], blocked: Map<string, Standing>): void {
  for (const device of set) {
    const own = refusals.filter(({ message }) => message.startsWith(`${device}:`));
    blocked.set(device, standingOf(own.length > 0 ? own : refusals));
  }
}

function standingOf(problems: readonly PlumblineError[]): Standing {
  const [first] = problems;
  if (!first) return { reason: 'Unverified', message: 'nothing can be planned' };
  return { reason: first.code, message: `${first.message}. ${first.next}` };
}
