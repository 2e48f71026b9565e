import type { Plan, Quarantine } from '../../api/index.ts';
import { groupDigestOf } from '../../change/index.ts';
import type { DesiredFleet } from '../fleet/desired-fleet.ts';
import type { World } from '../world.ts';
import { hearPeople, type Voices } from './approvals.ts';
import { draftPlans, type DraftFacts } from './draft-plans.ts';
import { type ChangePlanObject, readFullPlan } from './full-plan.ts';
import { findHalts, type Halts } from './halted.ts';
import { keepPlan, plansOf } from './keep-plans.ts';
import { peerProblems, sessionsOf } from './peers.ts';
import { isBegun, isEnded } from './plan-status.ts';
import type { Standing } from './proposal.ts';
import { currentProposals } from './proposals.ts';
import { isSettled } from './settled.ts';
import { publishStandings } from './standings.ts';
import { stepPlan } from './step-plan.ts';

/** What one pass knows. */
export interface PlanPass {
  world: World;
  fleet: DesiredFleet;
  voices: Voices;
  halts: Halts;
  quarantineOf: (effectDigest: string) => Quarantine | undefined;
  /** Work on sets ends with this, not with the pass. */
  running: AbortSignal;
  /** Something ended: look again. */
  wake: () => void;
  /** Devices to be looked at now. */
  look: (devices: readonly string[]) => void;
}

/**
 * One pass over the plans of the Fleet: what the devices need is drafted, people are heard, and what may go on goes on. Nothing of it waits
 * for a device: sets are carried out beside, and wake the next pass when they ended.
 */
export async function reconcilePlans(
  world: World,
  { running, wake, look }: Pick<PlanPass, 'running' | 'wake' | 'look'>,
): Promise<{ againMs: number } | undefined> {
  const fleet = world.inForce;
  if (!fleet) return undefined;
  const isIdle = !fleet.mayWrite && plansOf(world).every(({ status }) => isEnded(status)) && world.standings.size === 0;
  if (isIdle) return undefined;
  const pass = await gather(world, fleet, { running, wake, look });
  const standings = new Map<string, Standing>();
  if (isSettled(world)) await draft(pass, standings);
  else for (const [device, standing] of world.standings) standings.set(device, standing);
  const times: Date[] = [];
  for (const plan of plansOf(world)) {
    if (isEnded(plan.status)) continue;
    const stepped = await stepPlan(pass, plan, standings);
    if (stepped) times.push(stepped);
  }
  await publishStandings(world, standings);
  const now = world.runtime.corridor.clock.now().getTime();
  const next = Math.min(longestPauseMs, ...times.map((time) => time.getTime() - now));
  return { againMs: Math.max(next, shortestPauseMs) };
}

/** A clock that jumps must not leave a window unseen for long. */
const longestPauseMs = 60_000;
const shortestPauseMs = 50;

async function gather(world: World, fleet: DesiredFleet, rest: Pick<PlanPass, 'running' | 'wake' | 'look'>): Promise<PlanPass> {
  const { corridor, objects } = world.runtime;
  // Plans that people spoke of, that go on, or that ended badly: their full text tells which devices that was about.
  const named = new Set(world.approvals.list().map(({ spec }) => spec.plan));
  for (const plan of plansOf(world)) {
    const phase = plan.status?.phase;
    const matters = named.has(plan.name) || !isEnded(plan.status) || phase === 'Failed' || phase === 'Stopped';
    if (!matters || world.fullPlans.has(plan.name)) continue;
    const full = await readFullPlan(objects, plan.spec);
    if (full) world.fullPlans.set(plan.name, full);
  }
  const fullOf = (name: string) => world.fullPlans.get(name);
  const halts = findHalts(plansOf(world), fullOf);
  const quarantines = new Map((await corridor.store.quarantines.list()).map((each) => [each.effectDigest, each]));
  return {
    world,
    fleet,
    ...rest,
    halts,
    voices: hearPeople(world, fullOf, (device, effectDigest) => halts.of(device, effectDigest)?.at),
    quarantineOf: (effectDigest) => quarantines.get(effectDigest),
  };
}

/** Drafts plans from what the devices need, and makes them the open ones. */
async function draft(pass: PlanPass, standings: Map<string, Standing>): Promise<void> {
  const { world, fleet, voices, halts, quarantineOf } = pass;
  const busy = busyDevices(plansOf(world), (name) => world.fullPlans.get(name));
  const proposals = new Map([...currentProposals(world)].filter(([name]) => !busy.has(name) && !world.devices.get(name)?.status?.held));
  const authors = fleet.authors;
  const facts: DraftFacts = {
    proposals,
    sessions: sessionsOf(proposals, fleet),
    revision: fleet.revision,
    at: world.runtime.corridor.clock.now(),
    quarantineOf,
    peerProblems: (proposal) => peerProblems(proposal, { proposals, judgements: world.judgements, fleet }),
    rejectedBy: (plan) => {
      const { state, waitsFor } = voices.judge(plan, [plan.effect.device], authors);
      return state === 'Rejected' ? waitsFor : undefined;
    },
    haltedBy: (plan) => halts.of(plan.effect.device, groupDigestOf(plan.effect))?.plan,
  };
  const { plans, blocked } = draftPlans(facts);
  for (const [device, standing] of blocked) if (!keepsVerdict.has(standing.reason)) standings.set(device, standing);
  for (const mode of ['Approve', 'Enforce'] as const) {
    const members = plans[mode].devices.map(({ effect }) => effect.device);
    await keepPlan(world, plans[mode], { mode, cause: causeOf(members, proposals), ...(authors && { authors }) });
  }
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
