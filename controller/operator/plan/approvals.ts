import { type ChangeApprovalSpec, type DevicePlan, FleetSpec, type Plan } from '../../api/index.ts';
import { type Approval, type ApprovalJudgement, groupDigestOf, judgeApproval } from '../../change/index.ts';
import type { StoredObject } from '../../store/index.ts';
import type { World } from '../world.ts';
import type { ChangePlanObject } from './full-plan.ts';

/** What people said, for every question of one pass. */
export interface Voices {
  /** May these devices get this change, as far as people decide? */
  judge: (plan: DevicePlan, devices: readonly string[], authors: readonly string[] | undefined) => ApprovalJudgement;
}

/** Gathers what people said. `fullOf` gives the full plan of a ChangePlan that is still known. */
export function hearPeople(
  { approvals, fleets, fleet, runtime, knowsGroups }: World,
  fullOf: (plan: string) => Plan | undefined,
  notBefore: (device: string, effectDigest: string) => Date | undefined,
): Voices {
  const known = approvals.list().map(toApproval);
  const parsed = FleetSpec.safeParse(fleets.get(fleet)?.spec);
  const rules = parsed.success ? parsed.data.approval : undefined;
  const members = new Map<string, ReadonlyMap<string, ReadonlySet<string>>>();
  const devicesOf = (plan: string, effectDigest: string) => {
    const found = members.get(plan) ?? membersOf(fullOf(plan));
    members.set(plan, found);
    return found.get(effectDigest);
  };
  return {
    judge: (plan, devices, authors) => {
      // Nobody knows who must be asked: nobody was.
      if (!rules) return { state: 'Waiting', by: [], waitsFor: 'the Fleet cannot be used, so nobody knows who must approve' };
      const effectDigest = groupDigestOf(plan.effect);
      return judgeApproval(
        { effectDigest, devices, risk: plan.effect.risk },
        {
          approvals: known,
          rules,
          authors,
          at: runtime.corridor.clock.now(),
          knowsGroups,
          devicesOf,
          notBefore: (device) => notBefore(device, effectDigest),
        },
      );
    },
  };
}

/** Devices of a plan by what they get. */
function membersOf(plan: Plan | undefined): ReadonlyMap<string, ReadonlySet<string>> {
  const groups = Map.groupBy(plan?.devices ?? [], ({ effect }) => groupDigestOf(effect));
  return new Map([...groups].map(([digest, members]) => [digest, new Set(members.map(({ effect }) => effect.device))]));
}

function toApproval({ name, createdAt, spec }: StoredObject<ChangeApprovalSpec>): Approval {
  return { ...spec, name, createdAt };
}

/** One answer for a whole plan: approved when each of its groups is. */
export function judgePlan(plan: Plan, authors: ChangePlanObject['spec']['authors'], { judge }: Voices): ApprovalJudgement {
  const groups = Map.groupBy(plan.devices, ({ effect }) => groupDigestOf(effect));
  const answers = [...groups.values()].flatMap((members) => {
    const [first] = members;
    return first ? judge(first, members.map(({ effect }) => effect.device), authors) : [];
  });
  const by = [...new Set(answers.flatMap((answer) => answer.by))];
  const rejected = answers.find(({ state }) => state === 'Rejected');
  if (rejected) return { ...rejected, by: rejected.by };
  const waits = answers.filter(({ state }) => state === 'Waiting');
  const next = earliest(answers.flatMap(({ nextChangeAt }) => nextChangeAt ?? []));
  return {
    state: waits.length === 0 ? 'Approved' : 'Waiting',
    by,
    ...(waits.length > 0 && {
      waitsFor: `${waits.length} of ${answers.length} ${answers.length === 1 ? 'group' : 'groups'}: ${waits[0]?.waitsFor ?? ''}`,
    }),
    ...(next && { nextChangeAt: next }),
  };
}

function earliest(times: readonly Date[]): Date | undefined {
  return times.reduce<Date | undefined>((first, each) => (first === undefined || each < first ? each : first), undefined);
}
