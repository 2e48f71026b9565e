import type { DevicePlan } from '../../api/index.ts';
import { type ApprovalJudgement, type ClearedPlan, onlySet, type Refusal } from '../../change/index.ts';
import { clearSet, type ClearFacts, consentTo } from './draft-plans.ts';
import type { Judgement } from './proposal.ts';

/** The plan of a set that may begin, through the gate; or why not, in the words of `MayBegin`. */
export type BeginAnswer = { ok: true; plan: ClearedPlan; acceptUnsaved: boolean } | Refusal;

export interface BeginFacts extends ClearFacts {
  judgements: ReadonlyMap<string, Judgement>;
  /** What is to be done leads to what Git says: where that holds already, nothing is. False for a way back. */
  leadsToGit: boolean;
  isInGit: (device: string) => boolean;
  /** Devices on which a change has not ended, with its token. */
  changing: ReadonlyMap<string, string>;
  /** Why nothing is written to the device now: by whom, and until when. */
  heldBy: (device: string) => { because: string; until?: Date } | undefined;
  /** What people said of the member; undefined where policy asks nobody. */
  approvalOf: (plan: DevicePlan) => ApprovalJudgement | undefined;
  /** The windows of devices that change together, now. */
  windowOf: (devices: readonly string[]) => { open: boolean; because?: string; nextChangeAt?: Date };
  createdAt: string;
  revision: string;
}

/** The questions at the moment in which a set would begin: the first that says no is the answer. */
export function whyNot(planned: readonly DevicePlan[], facts: BeginFacts): BeginAnswer {
  const set = planned.map(({ effect }) => effect.device);
  const judged = set.map((device) => ({ device, judgement: facts.judgements.get(device) }));
  const unread = judged.find(({ judgement }) => judgement === undefined);
  if (unread) {
    const because = facts.isInGit(unread.device) ? 'is being read' : 'left Git: it is not touched';
    return { ok: false, code: 'Pending', because: `${unread.device} ${because}` };
  }
  const unknown = judged.find(({ judgement }) => judgement?.verdict === 'Unknown' || judgement?.verdict === 'Invalid');
  if (unknown) {
    const { device, judgement } = unknown;
    return {
      ok: false,
      code: judgement?.reason ?? 'Unverified',
      because: `${device} is not known: ${judgement?.reason ?? judgement?.verdict}`,
    };
  }
  if (facts.leadsToGit && judged.every(({ judgement }) => judgement?.verdict === 'InSync')) {
    return { ok: false, code: 'InSync', because: `${set.join(', ')}: already as planned` };
  }
  const now = new Map(
    set.flatMap((device): [string, DevicePlan][] => {
      const plan = facts.proposals.get(device)?.planned.plan;
      return plan ? [[device, plan]] : [];
    }),
  );
  const moved = planned.find(({ effect, effectDigest }) => now.get(effect.device)?.effectDigest !== effectDigest);
  if (moved) return { ok: false, code: 'StalePlan', because: `${moved.effect.device}: what would be done moved since it was planned` };
  for (const device of set) {
    const token = facts.changing.get(device);
    if (token !== undefined) return { ok: false, code: 'ChangeInProgress', because: `change ${token} of ${device} has not ended` };
    const held = facts.heldBy(device);
    if (held) return { ok: false, code: 'Held', because: held.because, ...(held.until && { until: held.until }) };
  }
  const approvals = planned.map((plan) => facts.approvalOf(plan));
  for (const approval of approvals) {
    if (!approval || approval.state === 'Approved') continue;
    const code = approval.state === 'Rejected' ? 'Rejected' : 'ApprovalRequired';
    return { ok: false, code, because: approval.waitsFor ?? 'a person must approve' };
  }
  const overrides = approvals.every((approval) => approval?.overridesWindows !== undefined);
  const { open, because = '', nextChangeAt } = overrides ? { open: true } : facts.windowOf(set);
  if (!open) return { ok: false, code: 'WindowClosed', because, ...(nextChangeAt && { until: nextChangeAt }) };
  const consent = consentTo(set, facts.proposals);
  const { cleared, refusals } = clearSet(onlySet(now, set, facts), facts, consent);
  const [first] = refusals;
  if (!cleared) return { ok: false, code: first?.code ?? 'Unverified', because: first?.message ?? 'refused' };
  return { ok: true, plan: cleared, acceptUnsaved: consent.acceptUnsaved === true };
}
