import type { DevicePlan, Plan } from '../../api/index.ts';
import { authorsOf } from '../../change/index.ts';
import { recoverChanges } from '../../pipeline/index.ts';
import { gatherSigners } from '../fleet/desired-fleet.ts';
import type { World } from '../world.ts';
import { askRollback } from './ask-rollback.ts';
import { groupsOf } from './budgets.ts';
import { draftPlans, type DraftFacts } from './draft-plans.ts';
import type { ChangePlanObject } from './full-plan.ts';
import { holdOf } from './held.ts';
import { giveBackGrants } from './grants.ts';
import { keepPlan, plansOf } from './keep-plans.ts';
import { peerProblems, sessionsAmong } from './peers.ts';
import { isBegun, isEnded } from './plan-status.ts';
import type { Proposal, Standing } from './proposal.ts';
import { currentProposals } from './proposals.ts';
import { isLeft, settleFailed } from './settle-failed.ts';
import { routeProposals } from './route-drafts.ts';
import { isSettled } from './settled.ts';
import { publishStandings } from './standings.ts';
import { gatherPass, type PlanCalls, type PlanPass } from './plan-pass.ts';
import { stepPlan } from './step-plan.ts';
import { wholeRiskOf } from './whole-risk.ts';
import { workBeside } from './work-beside.ts';

/**
 * One pass over the plans of the Fleet: what the devices need is drafted, people are heard, and what may go on goes on. Nothing of it waits
 * for a device: sets are carried out beside, and wake the next pass when they ended.
 */
export async function reconcilePlans(world: World, calls: PlanCalls): Promise<{ againMs: number } | undefined> {
  const isIdle =
    !world.inForce?.mayWrite &&
    plansOf(world).every((plan) => isEnded(plan.status) && !isLeft(plan)) &&
    world.standings.size === 0 &&
    world.openChanges.length === 0;
  if (isIdle) return undefined;
  const pass = await gatherPass(world, calls);
  if (!pass) return undefined;
  await settleFailed(world);
  recoverLeft(pass);
  await giveBackGrants(pass, plansOf(world));
  const standings = new Map<string, Standing>();
  const busy = busyDevices(plansOf(world), (name) => world.fullPlans.get(name));
  const times: Date[] = [];
  const failures: unknown[] = [];
  const drafted =
    isSettled(world, busy) &&
    (await draft(pass, busy, standings).then(
      () => true,
      // What cannot be drafted, because an object is refused or a volume is full, stops nothing that goes on.
      (error: unknown) => void failures.push(error),
    ));
  if (!drafted) for (const [device, standing] of world.standings) standings.set(device, standing);
  for (const plan of plansOf(world)) askRollback(pass, plan);
  for (const plan of plansOf(world)) {
    if (isEnded(plan.status)) continue;
    try {
      const stepped = await stepPlan(pass, plan, standings);
      if (stepped) times.push(stepped);
    } catch (error) {
      // One plan stops no other one.
      failures.push(error);
    }
  }
  await publishStandings(world, standings, calls.look);
  if (failures.length > 0) throw failures[0];
  const now = world.runtime.corridor.clock.now().getTime();
  const next = Math.min(longestPauseMs, ...times.map((time) => time.getTime() - now));
  return { againMs: Math.max(next, shortestPauseMs) };
}

/** A clock that jumps must not leave a window unseen for long. */
const longestPauseMs = 60_000;
const shortestPauseMs = 50;

/** Drafts plans from what the devices need, and makes them the open ones. */
async function draft(pass: PlanPass, busy: ReadonlySet<string>, standings: Map<string, Standing>): Promise<void> {
  const { world, fleet, voices, halts, quarantineOf } = pass;
  const proposals = new Map([...currentProposals(world)].filter(([name]) => !busy.has(name) && !holdOf(world, name)));
  const authorsFor = (devices: readonly string[]) =>
    authorsOf(gatherSigners(devices.map((device) => ({ signers: fleet.devices.get(device)?.signers }))), pass.rules.authors);
  const haltOf = (plan: DevicePlan) => halts.of(plan.effect);
  const facts: DraftFacts = {
    proposals,
    sessions: sessionsAmong(proposals.keys(), fleet),
    revision: fleet.revision,
    at: world.runtime.corridor.clock.now(),
    quarantineOf,
    groupsOf: (device) => groupsOf(pass, device),
    peerProblems: (proposal) => peerProblems(proposal, { proposals, judgements: world.judgements, fleet }),
    rejectedBy: (plan) => {
      const { state, waitsFor } = voices.judge(plan, [plan.effect.device], authorsFor([plan.effect.device]));
      return state === 'Rejected' ? waitsFor : undefined;
    },
    haltedBy: (plan) => {
      const halt = haltOf(plan);
      return halt?.next === 'PutToPeople' ? halt.plan : undefined;
    },
    stoppedBy: (plan) => {
      const halt = haltOf(plan);
      return halt?.next === 'Never' && !isNewSince(proposals.get(plan.effect.device), halt.at) ? halt : undefined;
    },
  };
  // What becomes of routes depends on all that would change, and on nothing that would not.
  const chosen = Object.values(draftPlans(facts).plans).flatMap(({ devices }) => devices.map(({ effect }) => effect.device));
  const routed = await routeProposals(pass, proposals, chosen.toSorted());
  const { plans, blocked } = draftPlans({ ...facts, proposals: routed.proposals });
  for (const [device, standing] of blocked) if (!keepsVerdict.has(standing.reason)) standings.set(device, standing);
  for (const mode of ['Approve', 'Enforce'] as const) {
    const members = plans[mode].devices.map(({ effect }) => effect.device);
    const authors = authorsFor(members)?.slice();
    const plan = { ...plans[mode], ...(routed.routing && { routing: routed.routing }) };
    await keepPlan(world, plan, {
      mode,
      cause: causeOf(members, proposals),
      ...(authors && { authors }),
      judgeWhole: (made) => wholeRiskOf(pass, made),
    });
  }
}

/** True when the device was as it should be meanwhile: what differs on it was first seen later. */
function isNewSince(proposal: Proposal | undefined, at: Date): boolean {
  const verdict = proposal?.facts.verdict;
  return (
    verdict !== undefined && verdict.verdict !== 'Unknown' && verdict.differences.every(({ since }) => Date.parse(since) > at.getTime())
  );
}

/** Reasons that say no more than the verdict of the device does. */
const keepsVerdict: ReadonlySet<string> = new Set(['ReportOnly', 'Diverged', 'Unadopted', 'DeviceUnknown']);

/** Devices of plans that have begun: what they need next waits until those ended. */
function busyDevices(plans: readonly ChangePlanObject[], fullOf: (name: string) => Plan | undefined): ReadonlySet<string> {
  return new Set(plans.filter(({ status }) => isBegun(status)).flatMap(({ name }) => fullOf(name)?.sets.flat() ?? []));
}

function causeOf(devices: readonly string[], proposals: DraftFacts['proposals']): 'Desired' | 'Drift' {
  const isDrift = (device: string) => {
    const verdict = proposals.get(device)?.facts.verdict;
    return verdict !== undefined && verdict.verdict !== 'Unknown' && verdict.differences.every((each) => each.verdict === 'Drifted');
  };
  return devices.length > 0 && devices.every(isDrift) ? 'Drift' : 'Desired';
}

const recovery = 'recovery';

/** Finishes what an earlier leader left on our devices, beside everything else: an unreachable one may take until its dead-man is done. */
function recoverLeft({ world, fleet, wake, look }: PlanPass): void {
  const isLeft = world.openChanges.some(({ token }) => !world.leadership.atWork.has(token));
  if (!isLeft || world.chores.has(recovery)) return;
  const { corridor, log, metrics } = world.runtime;
  const say = ({ devices, state, message }: { devices: readonly string[]; state: string; message: string }) =>
    log.info({ devices, state }, message);
  const work = async () => {
    const results = await recoverChanges(fleet.state, corridor, say, world.leadership);
    for (const { devices, end, reason } of results) {
      if (end !== 'OutcomeUnknown' && end !== 'Skipped') metrics.plumbline_changes_total.inc({ end });
      log.info({ devices, end, reason: reason?.code }, 'Change that was left is finished');
    }
    look(results.flatMap(({ devices }) => devices));
    // What nobody could see the end of is asked about at the next pass, not at once and again and again.
    if (results.some(({ end }) => end !== 'OutcomeUnknown' && end !== 'Skipped')) wake();
  };
  workBeside(world.chores, recovery, { work, failed: (err) => log.error({ err }, 'What was left could not be finished') });
}
