import type { DevicePlan, NeighborState, Plan } from '../../api/index.ts';
import { authorsOf, judgeWindowsOfSet, type MayBegin, type SetHealth } from '../../change/index.ts';
import { gatherSigners } from '../fleet/desired-fleet.ts';
import type { ChangePlanObject } from './full-plan.ts';
import { holdOf } from './held.ts';
import { type BeginAnswer, whyNot } from './may-begin.ts';
import { peerProblems } from './peers.ts';
import { currentProposals } from './proposals.ts';
import type { PlanPass } from './reconcile-plans.ts';

/** A set that may begin. */
export type Cleared = Omit<Extract<BeginAnswer, { ok: true }>, 'ok'>;

/** What a rollout asks about its sets, in one pass. */
export interface Questions {
  mayBegin: (set: number) => MayBegin;
  mayTakeBack: (set: number) => MayBegin;
  healthOf: (set: number) => SetHealth;
  /** The plan of a set that may begin, as its devices are now, through the gate. */
  clearedOf: (set: number) => Cleared;
  /** Who approved what was asked about so far. */
  approvedBy: () => readonly string[];
}

/** The questions of one plan. Same world, same answers: nothing is asked of a device. */
export function questionsOf(pass: PlanPass, object: ChangePlanObject, full: Plan): Questions {
  const { world, fleet, voices, quarantineOf, windows, rules } = pass;
  const { spec, status } = object;
  const at = world.runtime.corridor.clock.now();
  const proposals = currentProposals(world);
  const cleared = new Map<number, Cleared>();
  const approvers = new Set<string>();
  const byDevice = new Map(full.devices.map((plan) => [plan.effect.device, plan]));
  const membersOf = (set: number): readonly DevicePlan[] => (full.sets[set] ?? []).flatMap((device) => byDevice.get(device) ?? []);
  const labelsOf = (device: string) => fleet.devices.get(device)?.object.metadata.labels ?? {};
  return {
    mayBegin: (set) => {
      const answer = whyNot(membersOf(set), {
        proposals,
        judgements: world.judgements,
        quarantineOf,
        peerProblems: (proposal) => peerProblems(proposal, { proposals, judgements: world.judgements, fleet }),
        heldBy: (device) => heldBy(pass, device),
        approvalOf: (plan) => {
          if (spec.mode !== 'Approve') return undefined;
          const { device } = plan.effect;
          const signers = gatherSigners([{ signers: fleet.devices.get(device)?.signers }]);
          const judged = voices.judge(plan, [device], authorsOf(signers, rules.authors));
          if (judged.state !== 'Rejected') for (const person of judged.by) approvers.add(person);
          return judged;
        },
        windowOf: (devices) => judgeWindowsOfSet(windows, devices.map(labelsOf), at),
        createdAt: full.createdAt,
        revision: fleet.revision,
      });
      if (!answer.ok) return answer;
      cleared.set(set, answer);
      return { ok: true };
    },
    mayTakeBack: () => ({ ok: false, code: 'Unsupported', because: 'nothing is taken back by itself yet' }),
    healthOf: (set) => healthOf(pass, full.sets[set] ?? [], status?.bakedUntil),
    clearedOf: (set) => {
      const found = cleared.get(set);
      if (!found) throw new Error(`set ${set} of ${object.name} was not cleared`);
      return found;
    },
    approvedBy: () => [...approvers].toSorted(),
  };
}

function heldBy({ world, fleet }: PlanPass, device: string): { because: string; until?: Date } | undefined {
  if (fleet.devices.get(device)?.mode === 'Report') return { because: 'policy allows to report only now' };
  const held = holdOf(world, device);
  if (!held) return undefined;
  return { because: `held by ${held.by} (${held.reason})`, ...(held.until !== undefined && { until: new Date(held.until) }) };
}

/** How the devices of a confirmed set do while their wave is watched: by a look after the watch, or the last one before its end. */
function healthOf({ world, look }: PlanPass, set: readonly string[], bakedUntil: string | undefined): SetHealth {
  const now = world.runtime.corridor.clock.now().getTime();
  const watchedUntil = bakedUntil === undefined ? Infinity : Date.parse(bakedUntil);
  for (const device of set) {
    const judged = world.judgements.get(device);
    if (now >= watchedUntil && (judged === undefined || judged.atMs < watchedUntil)) {
      look([device]);
      return { is: 'unclear', because: `${device} is being read` };
    }
    if (!judged || judged.verdict === 'Unknown' || judged.verdict === 'Invalid') {
      return { is: 'unclear', because: `${device} is ${judged?.reason ?? 'being read'}` };
    }
    if (judged.verdict === 'Drifted' || judged.verdict === 'Diverged') return { is: 'sick', because: `${device} is ${judged.verdict}` };
    const down = world.upBefore.get(device)?.filter((neighbor) => !isUp(world.neighbors.get(device) ?? [], neighbor)) ?? [];
    if (down.length > 0)
      return { is: 'unclear', because: `${device}: the session with ${down.join(', ')} was up before the change and is not` };
  }
  return { is: 'healthy' };
}

/** True while a session is established in every family that it has. */
export function isUp(neighbors: readonly NeighborState[], address: string): boolean {
  const families = neighbors.filter((each) => each.address === address);
  return families.length > 0 && families.every(({ state }) => state === 'Established');
}
