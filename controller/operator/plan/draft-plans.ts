import type { DevicePlan, Plan, Quarantine, ReconcileMode } from '../../api/index.ts';
import {
  changeErrors,
  type ClearedPlan,
  type Consent,
  gate,
  type GateFacts,
  type InternalSession,
  makePlan,
  needsPermission,
  onlySet,
} from '../../change/index.ts';
import type { PlumblineError } from '../../lib/index.ts';
import { isProtective, type Proposal, type Standing } from './proposal.ts';

/** What a draft is made from. */
export interface DraftFacts {
  proposals: ReadonlyMap<string, Proposal>;
  /** Sessions between managed devices, at least those of the proposals. */
  sessions: readonly InternalSession[];
  revision: string;
  at: Date;
  quarantineOf: (effectDigest: string) => Quarantine | undefined;
  /** Problems of a device that only its neighbors tell: the other end of a session that it resets is not known. */
  peerProblems: (proposal: Proposal) => readonly PlumblineError[];
  /** A person said no to this effect on this device. */
  rejectedBy: (device: string, plan: DevicePlan) => string | undefined;
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
    const mode = modeOfSet(set, proposals);
    const trial = clearSet(onlySet(byDevice, set, whole), facts, { approved: true, allowRemovals: true });
    if (mode === 'Report' || !trial.cleared) block(set, trial.refusals, blocked);
    else chosen[mode].push(set);
  }
  const planOf = (sets: readonly (readonly string[])[]) => {
    const members = sets.flatMap((set) => set.flatMap((device) => byDevice.get(device) ?? []));
    return { ...makePlan(members, [], { revision, createdAt: at }), sets };
  };
  return { plans: { Approve: planOf(chosen.Approve), Enforce: planOf(chosen.Enforce) }, blocked };
}

/** The plan of one set through the gate. */
export function clearSet(
  plan: Plan,
  facts: Pick<DraftFacts, 'proposals' | 'quarantineOf' | 'peerProblems' | 'rejectedBy'>,
  consent: Consent,
): { cleared: ClearedPlan | undefined; refusals: readonly PlumblineError[] } {
  const known = plan.devices.flatMap((each): [string, GateFacts][] => {
    const { device } = each.effect;
    const proposal = facts.proposals.get(device);
    if (!proposal) return [];
    const rejected = facts.rejectedBy(device, each);
    const problems = [
      ...proposal.facts.problems,
      ...facts.peerProblems(proposal),
      ...(rejected === undefined ? [] : [changeErrors.Rejected({ device, by: rejected })]),
    ];
    const { mode } = proposal.device;
    return [[device, { ...proposal.facts, mode, because: [], quarantine: facts.quarantineOf(each.effectDigest), problems }]];
  });
  const { cleared, refusals } = gate(plan, new Map(known), consent);
  return { cleared: cleared.sets.length === plan.sets.length ? cleared : undefined, refusals };
}

const strictness: readonly ReconcileMode[] = ['Report', 'Approve', 'Enforce'];

/** The strictest of its members; never Enforce where a person must look: many removals, or something that somebody did to protect the network. */
function modeOfSet(set: readonly string[], proposals: ReadonlyMap<string, Proposal>): ReconcileMode {
  const members = set.flatMap((device) => proposals.get(device) ?? []);
  const modes = members.map(({ device }) => device.mode);
  const strictest = strictness.find((mode) => modes.includes(mode)) ?? 'Report';
  return strictest === 'Enforce' && members.some(needsPerson) ? 'Approve' : strictest;
}

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
