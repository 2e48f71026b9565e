import { type DevicePlan, nameSession, type Plan, type ReconcileMode, strictestMode } from '../../api/index.ts';
import { authorsOf, judgeWindowsOfSet, type MayBegin, type Refusal, type SetHealth } from '../../change/index.ts';
import type { DesiredFleet } from '../fleet/desired-fleet.ts';
import type { ChangePlanObject } from './full-plan.ts';
import { whyNoPlace } from './grants.ts';
import { holdOf } from './held.ts';
import { isUp } from './is-up.ts';
import { askLeave, type BeginAnswer, type LeaveFacts, whyNot } from './may-begin.ts';
import { awaitedPeer, peerProblems } from './peers.ts';
import type { Proposal } from './proposal.ts';
import { currentProposals } from './proposals.ts';
import { routeAsPlanned } from './route-drafts.ts';
import { standingFacts } from './way-back.ts';
import type { PlanPass } from './plan-pass.ts';

/** A set that may begin. */
export type Cleared = Omit<Extract<BeginAnswer, { ok: true }>, 'ok'>;

/** What a rollout asks about its sets, in one pass. */
export interface Questions {
  mayBegin: (set: number) => MayBegin;
  mayTakeBack: (set: number) => MayBegin;
  healthOf: (set: number) => SetHealth;
  /** The plan of a set that may begin, as its devices are now, through the gate. */
  clearedOf: (set: number) => Cleared;
  /** Of a set whose devices are about to be armed: why it may not go on, as far as people, policy and time decide. */
  whyNotNow: (set: number) => string | undefined;
  /** The same of one that is to be taken back. */
  whyNotTakeBack: (set: number) => string | undefined;
  /** Looks again at those that take places only because they are not known to be well: their own turn may come in an hour. */
  lookAtBlockers: () => void;
  /** Who approved what was asked about so far. */
  approvedBy: () => readonly string[];
}

/** The questions of one plan. Same world, same answers: nothing is asked of a device. */
export function questionsOf(pass: PlanPass, object: ChangePlanObject, full: Plan): Questions {
  const { world, fleet, voices, quarantineOf, windows, rules } = pass;
  const { spec, status } = object;
  const at = world.runtime.corridor.clock.now();
  const isBack = spec.cause === 'Rollback';
  const proposals = isBack ? shownProposals(full, fleet) : routeAsPlanned(currentProposals(world), full);
  const cleared = new Map<number, Cleared>();
  const approvers = new Set<string>();
  const byDevice = new Map(full.devices.map((plan) => [plan.effect.device, plan]));
  const membersOf = (set: number): readonly DevicePlan[] => (full.sets[set] ?? []).flatMap((device) => byDevice.get(device) ?? []);
  const labelsOf = (device: string) => fleet.devices.get(device)?.object.metadata.labels ?? {};
  const blockers = new Set<string>();
  const noPlace = (set: number): Refusal | undefined => {
    const found = whyNoPlace(pass, object.name, set, full.sets[set] ?? []);
    if (!found) return undefined;
    for (const device of found.unavailable) if (blockers.size < mostBlockers) blockers.add(device);
    return { ok: false, code: 'BudgetExhausted', because: found.because };
  };
  const leave: LeaveFacts = {
    heldBy: (device) => heldBy(pass, device, isBack),
    approvalOf: (plan) => {
      const { device } = plan.effect;
      // Whoever asks for a change is its author, and nobody can have agreed to it before.
      const authors = spec.asked ? [spec.asked.by] : authorsOf(fleet.devices.get(device)?.signers, rules.authors);
      const judged = voices.judge(plan, [device], authors, spec.asked && new Date(object.createdAt), spec.wholeRisk?.risk);
      // Also when policy allowed more as the plan was made.
      const needsPeople = spec.mode === 'Approve' || modeNow(pass, device) !== 'Enforce';
      if (judged.state === 'Rejected') return judged;
      const by = needsPeople || judged.overridesWindows ? judged.by : [];
      for (const person of by) approvers.add(person);
      return needsPeople ? judged : { ...judged, by, state: 'Approved' };
    },
    windowOf: (devices) => judgeWindowsOfSet(windows, devices.map(labelsOf), at),
  };
  const heldBack = (set: number): Refusal | undefined => {
    const held = (full.sets[set] ?? []).map((device) => heldBy(pass, device, true)).find((each) => each !== undefined);
    return held && { ok: false, code: 'Held', because: held.because, ...(held.until && { until: held.until }) };
  };
  return {
    mayBegin: (set) => {
      const answer = whyNot(membersOf(set), {
        proposals,
        judgements: world.judgements,
        leadsToGit: !isBack,
        quarantineOf,
        peerProblems: (proposal) => (isBack ? [] : peerProblems(proposal, { proposals, judgements: world.judgements, fleet })),
        awaitedPeer: (proposal) => (isBack ? undefined : awaitedPeer(proposal, { judgements: world.judgements, fleet })),
        isInGit: (device) => fleet.devices.has(device),
        changing: pass.changing,
        ...leave,
        createdAt: full.createdAt,
        revision: fleet.revision,
      });
      const refusal = answer.ok ? noPlace(set) : answer;
      if (refusal || !answer.ok) return refusal ?? answer;
      cleared.set(set, answer);
      return { ok: true };
    },
    whyNotNow: (set) => {
      const answer = askLeave(membersOf(set), leave);
      return answer.ok ? undefined : answer.because;
    },
    mayTakeBack: (set) => {
      const devices = full.sets[set] ?? [];
      const token = devices.flatMap((device) => pass.changing.get(device) ?? [])[0];
      if (token !== undefined)
        return { ok: false, code: 'ChangeInProgress', because: `change ${token} of ${devices.join(', ')} has not ended` };
      return heldBack(set) ?? noPlace(set) ?? { ok: true };
    },
    whyNotTakeBack: (set) => heldBack(set)?.because,
    healthOf: (set) => healthOf(pass, full.sets[set] ?? [], status?.bakedUntil),
    lookAtBlockers: () => {
      const isOld = (device: string) => at.getTime() - (world.judgements.get(device)?.atMs ?? Infinity) >= lookAgainMs;
      pass.look([...blockers].filter(isOld));
    },
    clearedOf: (set) => {
      const found = cleared.get(set);
      if (!found) throw new Error(`set ${set} of ${object.name} was not cleared`);
      return found;
    },
    approvedBy: () => [...approvers].toSorted(),
  };
}

/** `isBack`: that a person changed the device, or took it back before, does not hold what takes it back. */
function heldBy(pass: PlanPass, device: string, isBack: boolean): { because: string; until?: Date } | undefined {
  const { world } = pass;
  if (modeNow(pass, device) === 'Report') return { because: 'policy allows to report only now' };
  const held = holdOf(world, device);
  if (!held || (isBack && (held.where === 'Rollback' || held.where === 'Drift'))) return undefined;
  return { because: `held by ${held.by} (${held.reason})`, ...(held.until !== undefined && { until: new Date(held.until) }) };
}

/** The stricter of what policy in force and the Fleet allow now. */
function modeNow({ fleet, ceiling }: PlanPass, device: string): ReconcileMode {
  return strictestMode([fleet.devices.get(device)?.mode ?? 'Report', ceiling]);
}

/** A way back is carried out as it was shown: the fence refuses it where the device has moved since. */
function shownProposals(full: Plan, { devices }: DesiredFleet): ReadonlyMap<string, Proposal> {
  return new Map(
    full.devices.flatMap((plan): [string, Proposal][] => {
      const device = devices.get(plan.effect.device);
      const facts = standingFacts(plan.effect.device);
      return device ? [[plan.effect.device, { device, planned: { plan, removals: facts.removals, problems: [] }, facts }]] : [];
    }),
  );
}

/** How the devices of a confirmed set do while their wave is watched: by a look after the watch, or the last one before its end. */
function healthOf({ world, fleet, look }: PlanPass, set: readonly string[], bakedUntil: string | undefined): SetHealth {
  const now = world.runtime.corridor.clock.now().getTime();
  const watchedUntil = bakedUntil === undefined ? Infinity : Date.parse(bakedUntil);
  // One that left Git since is nobody's to watch.
  for (const device of set.filter((name) => fleet.devices.has(name))) {
    const judged = world.judgements.get(device);
    if (now >= watchedUntil && (judged === undefined || judged.atMs < watchedUntil)) {
      look([device]);
      return { is: 'unread', because: `${device} is being read` };
    }
    const isUnread = !judged || judged.verdict === 'Unknown' || judged.verdict === 'Invalid';
    const down = world.upBefore.get(device)?.filter((session) => !isUp(world.neighbors.get(device) ?? [], session)) ?? [];
    // Its turn may come long after the rollout has given up on it.
    if (judged && (isUnread || down.length > 0) && now - judged.atMs >= lookAgainMs) look([device]);
    if (isUnread) return { is: 'unclear', because: `${device} is ${judged?.reason ?? 'being read'}` };
    if (judged.verdict === 'Drifted' || judged.verdict === 'Diverged') return { is: 'sick', because: `${device} is ${judged.verdict}` };
    if (down.length > 0)
      return {
        is: 'unclear',
        because: `${device}: the session with ${down.map(nameSession).join(', ')} was up before the change and is not`,
      };
  }
  return { is: 'healthy' };
}

/** Looked at beside the plan. */
const mostBlockers = 16;

/** How old a look at a device that is not well may be while somebody waits for it. */
const lookAgainMs = 10_000;
