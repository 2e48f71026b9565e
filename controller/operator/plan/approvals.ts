import type { ChangeApprovalSpec, DevicePlan, Effect, FleetApproval, Plan, Risk } from '../../api/index.ts';
import { type Approval, type ApprovalJudgement, groupDigestOf, judgeApproval } from '../../change/index.ts';
import type { StoredObject } from '../../store/index.ts';
import type { World } from '../world.ts';
import type { Judgement } from './proposal.ts';

/** What people said, for every question of one pass. */
export interface Voices {
  /** May these devices get this change, as far as people decide? */
  judge: (
    plan: DevicePlan,
    devices: readonly string[],
    authors: readonly string[] | undefined,
    /** Of a plan that was asked for: when it was made. */
    madeAt?: Date,
    wholeRisk?: Risk,
  ) => ApprovalJudgement;
}

/** Gathers what people said. `fullOf` gives the full plan of a ChangePlan that is still known. */
export function hearPeople(
  { approvals, runtime, knowsGroups, judgements }: World,
  rules: FleetApproval,
  fullOf: (plan: string) => Plan | undefined,
  haltedAt: (effect: Effect) => Date | undefined,
): Voices {
  const known = approvals.list().map(toApproval);
  const members = new Map<string, ReadonlyMap<string, ReadonlySet<string>>>();
  const devicesOf = (plan: string, effectDigest: string) => {
    const found = members.get(plan) ?? membersOf(fullOf(plan));
    members.set(plan, found);
    return found.get(effectDigest);
  };
  return {
    judge: (plan, devices, authors, madeAt, wholeRisk) => {
      const effectDigest = groupDigestOf(plan.effect);
      return judgeApproval(
        { effectDigest, devices, risk: plan.effect.risk, wholeRisk },
        {
          approvals: known,
          rules,
          authors,
          at: runtime.corridor.clock.now(),
          knowsGroups,
          devicesOf,
          wholeRiskOf: (name) => {
            const spoken = fullOf(name);
            // Of a plan that nobody knows any more, a rejection holds.
            return spoken ? spoken.wholeRisk?.risk : 'high';
          },
          notBefore: (device) =>
            latest([
              haltedAt(plan.effect.device === device ? plan.effect : { ...plan.effect, device }),
              madeAt && beforeSecondOf(madeAt),
              seenFirst(judgements.get(device)),
            ]),
        },
      );
    },
  };
}

/**
 * Since when the device differs as it does now. One approval is one change: what was carried out and is undone on the device afterwards is
 * a new difference, and putting it back takes another approval.
 */
function seenFirst(judgement: Judgement | undefined): Date | undefined {
  const verdict = judgement?.proposal?.facts.verdict;
  if (!verdict || verdict.verdict === 'Unknown') return undefined;
  const changed = verdict.differences.filter(({ stays }) => !stays);
  return latest(changed.map(({ since }) => beforeSecondOf(new Date(since))));
}

/** An API server keeps whole seconds: what came in the same second as a difference or a plan was an answer to it. */
function beforeSecondOf(time: Date): Date {
  return new Date(Math.floor(time.getTime() / 1000) * 1000 - 1);
}

function latest(times: readonly (Date | undefined)[]): Date | undefined {
  const known = times.flatMap((time) => time?.getTime() ?? []);
  return known.length === 0 ? undefined : new Date(Math.max(...known));
}

/** Devices of a plan by what they get. */
function membersOf(plan: Plan | undefined): ReadonlyMap<string, ReadonlySet<string>> {
  const groups = Map.groupBy(plan?.devices ?? [], ({ effect }) => groupDigestOf(effect));
  return new Map([...groups].map(([digest, members]) => [digest, new Set(members.map(({ effect }) => effect.device))]));
}

export function toApproval({ name, createdAt, spec }: StoredObject<ChangeApprovalSpec>): Approval {
  return { ...spec, name, createdAt };
}
