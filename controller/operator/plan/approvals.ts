import type { ChangeApprovalSpec, DevicePlan, FleetApproval, Plan } from '../../api/index.ts';
import { type Approval, type ApprovalJudgement, groupDigestOf, judgeApproval } from '../../change/index.ts';
import type { StoredObject } from '../../store/index.ts';
import type { World } from '../world.ts';

/** What people said, for every question of one pass. */
export interface Voices {
  /** May these devices get this change, as far as people decide? */
  judge: (plan: DevicePlan, devices: readonly string[], authors: readonly string[] | undefined) => ApprovalJudgement;
}

/** Gathers what people said. `fullOf` gives the full plan of a ChangePlan that is still known. */
export function hearPeople(
  { approvals, runtime, knowsGroups }: World,
  rules: FleetApproval,
  fullOf: (plan: string) => Plan | undefined,
  notBefore: (device: string, effectDigest: string) => Date | undefined,
): Voices {
  const known = approvals.list().map(toApproval);
  const members = new Map<string, ReadonlyMap<string, ReadonlySet<string>>>();
  const devicesOf = (plan: string, effectDigest: string) => {
    const found = members.get(plan) ?? membersOf(fullOf(plan));
    members.set(plan, found);
    return found.get(effectDigest);
  };
  return {
    judge: (plan, devices, authors) => {
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
