import type { DevicePlan } from '../../api/index.ts';
import { type ApprovalJudgement, type ClearedPlan, onlySet, type Refusal } from '../../change/index.ts';
import { clearSet, type ClearFacts, consentTo } from './draft-plans.ts';
import type { Judgement, Proposal } from './proposal.ts';

/** The plan of a set that may begin, through the gate; or why not, in the words of `MayBegin`. */
export type BeginAnswer = { ok: true; plan: ClearedPlan; acceptUnsaved: boolean; because: string } | Refusal;

/** What people, policy and time say, which may be another thing at the next moment. */
export interface LeaveFacts {
  /** Why nothing is written to the device now: by whom, and until when. */
  heldBy: (device: string) => { because: string; until?: Date } | undefined;
  /** What people said of the member; undefined where policy asks nobody. */
  approvalOf: (plan: DevicePlan) => ApprovalJudgement | undefined;
  /** The windows of devices that change together, now. */
  windowOf: (devices: readonly string[]) => { open: boolean; because?: string; nextChangeAt?: Date };
}

export interface BeginFacts extends ClearFacts, LeaveFacts {
  judgements: ReadonlyMap<string, Judgement>;
  /** What is to be done leads to what Git says: where that holds already, nothing is. False for a way back. */
  leadsToGit: boolean;
  isInGit: (device: string) => boolean;
  /** Somebody whom the change of a device needs to know, and who is only not read yet. */
  awaitedPeer: (proposal: Proposal) => string | undefined;
  /** Devices on which a change has not ended, with its token. */
  changing: ReadonlyMap<string, string>;
  createdAt: string;
  revision: string;
}

/** The questions at the moment in which a set would begin: the first that says no is the answer. */
export function whyNot(planned: readonly DevicePlan[], facts: BeginFacts): BeginAnswer {
  const set = planned.map(({ effect }) => effect.device);
  const judged = set.map((device) => ({ device, judgement: facts.judgements.get(device) }));
  const unread = judged.find(({ judgement }) => judgement === undefined);
  if (unread) {
    const { device } = unread;
    if (facts.isInGit(device)) return beingRead(device);
    return { ok: false, code: 'Pending', because: `${device} left Git: it is not touched` };
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
  }
  const leave = askLeave(planned, facts);
  if (!leave.ok) return leave;
  const awaited = set.map((device) => facts.proposals.get(device)).map((each) => each && facts.awaitedPeer(each));
  for (const peer of awaited) if (peer !== undefined) return beingRead(peer);
  const consent = consentTo(set, facts.proposals);
  const { cleared, refusals } = clearSet(onlySet(now, set, facts), facts, consent);
  const [first] = refusals;
  if (!cleared) return { ok: false, code: first?.code ?? 'Unverified', because: first?.message ?? 'refused' };
  return { ok: true, plan: cleared, acceptUnsaved: consent.acceptUnsaved === true, because: leave.because };
}

function beingRead(device: string): Refusal {
  return { ok: false, code: 'Pending', because: `${device} is being read`, isBrief: true };
}

/** May the set begin, as far as people, policy and time decide? `because`: who or what allows it. */
export function askLeave(
  planned: readonly DevicePlan[],
  { heldBy, approvalOf, windowOf }: LeaveFacts,
): { ok: true; because: string } | Refusal {
  const set = planned.map(({ effect }) => effect.device);
  for (const device of set) {
    const held = heldBy(device);
    if (held) return { ok: false, code: 'Held', because: held.because, ...(held.until && { until: held.until }) };
  }
  const approvals = planned.map(approvalOf);
  for (const approval of approvals) {
    if (!approval || approval.state === 'Approved') continue;
    const code = approval.state === 'Rejected' ? 'Rejected' : 'ApprovalRequired';
    return { ok: false, code, because: approval.waitsFor ?? 'a person must approve' };
  }
  const overrides = approvals.flatMap((approval) => approval?.overridesWindows ?? []);
  const isOverridden = overrides.length === planned.length;
  const { open, because = '', nextChangeAt } = windowOf(set);
  if (!open && !isOverridden) return { ok: false, code: 'WindowClosed', because, ...(nextChangeAt && { until: nextChangeAt }) };
  const people = [...new Set(approvals.flatMap((approval) => approval?.by ?? []))].toSorted();
  const allowed = people.length === 0 ? 'as policy says' : `approved by ${people.join(', ')}`;
  return { ok: true, because: open ? allowed : `${allowed}, outside of its windows: ${overrides[0]?.reason}` };
}
