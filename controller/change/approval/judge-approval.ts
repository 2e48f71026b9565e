import { type ChangeApprovalSpec, type FleetApproval, heavier, type Risk, weightOf } from '../../api/index.ts';
import { listPeople, listSome } from './words.ts';

/** A ChangeApproval as the store has it. */
export interface Approval extends ChangeApprovalSpec {
  name: string;
  /** ISO 8601, by the clock of whoever keeps it. */
  createdAt: string;
}

/** Devices that are about to get the same change. */
export interface ApprovalGroup {
  effectDigest: string;
  devices: readonly string[];
  risk: Risk;
  /** What the plan as a whole risks. Default: low. */
  wholeRisk?: Risk | undefined;
}

export interface ApprovalFacts {
  approvals: readonly Approval[];
  rules: FleetApproval;
  /** Users who wrote the change, as `authorsOf` names them. Undefined: not known, then no rule with notAuthor is met. */
  authors: readonly string[] | undefined;
  at: Date;
  /** False under `plumb up`: one machine knows users and no groups. */
  knowsGroups: boolean;
  /** Devices that had this effect in this plan; undefined when the plan is not known any more. */
  devicesOf: (plan: string, effectDigest: string) => ReadonlySet<string> | undefined;
  /** What a plan that an answer names risks as a whole: who might have approved it may reject it, wherever the same effect comes next. */
  wholeRiskOf: (plan: string) => Risk | undefined;
  /**
   * What was approved before counts no more for this device: when this very effect was carried out there, failed and was quarantined, or was
   * stopped by a person. One approval is not the leave to do a thing again and again.
   */
  notBefore?: (device: string) => Date | undefined;
}

export interface ApprovalJudgement {
  state: 'Approved' | 'Waiting' | 'Rejected';
  /** Approved: who did. Rejected: who rejected. Waiting: who has approved so far. */
  by: readonly string[];
  /** Who or what is missing, for a message. Set while Waiting, and with the reason when Rejected. */
  waitsFor?: string;
  /** Set when what the rules ask for is there from approvals that say so, and nobody rejects; a plan that needs no approval may have it too. */
  overridesWindows?: { by: readonly string[]; reason: string };
  /** When the answer may become another one by itself: an approval expires. */
  nextChangeAt?: Date;
}

type Rule = FleetApproval['rules'][number];

/** Mode Approve means that a person approves: where no rule holds for a risk, or none is left, it is this one. */
const leastRule: Rule = { risk: 'low', count: 1, groups: [], notAuthor: false };

/**
 * May this change begin, as far as people decide? Each rule of the Fleet that holds for the risk must be met for every device; within a rule
 * a person counts once. Who may reject outranks everybody. Pure: same facts, same answer.
 */
export function judgeApproval(group: ApprovalGroup, facts: ApprovalFacts): ApprovalJudgement {
  const { effectDigest, devices } = group;
  const rules = rulesFor(heavier(group.risk, group.wholeRisk), facts.rules);
  const rulesOn = ({ plan }: Approval) => rulesFor(heavier(group.risk, facts.wholeRiskOf(plan)), facts.rules);
  const standing = facts.approvals.filter((each) => each.effectDigests.includes(effectDigest) && stands(each, facts));
  const rejections = standing.filter(
    (each) => each.decision === 'Reject' && mayReject(each, rulesOn(each), facts) && touches(each, group, facts),
  );
  const approvals = standing
    .filter(({ decision }) => decision === 'Approve')
    .map((each) => ({ ...each, counts: coverage(each, group, facts) }))
    .filter(({ counts }) => counts.size > 0);
  const nextChangeAt = firstExpiry([...rejections, ...approvals], facts);
  const next = nextChangeAt && { nextChangeAt };
  if (rejections.length > 0) {
    const words = rejections.map(({ approver, reason }) => (reason === undefined ? approver : `${approver}: ${reason}`));
    return { state: 'Rejected', by: namesOf(rejections), waitsFor: `rejected by ${listSome(words)}`, ...next };
  }

  const missing = rules.map((rule) => missingOf(rule, approvals, devices, facts)).filter((what) => what !== undefined);
  const overriding = approvals.filter(({ override }) => override?.windows === true);
  const overrides =
    overriding.length > 0 && rules.every((rule) => missingOf(rule, overriding, devices, facts) === undefined) ? overriding : [];
  const counted = approvals.filter((each) => rules.some((rule) => isEntitled(each, rule, facts)));
  return {
    state: missing.length === 0 ? 'Approved' : 'Waiting',
    by: namesOf(counted),
    ...(missing.length > 0 && { waitsFor: missing.join('; ') }),
    ...(overrides.length > 0 && {
      overridesWindows: { by: namesOf(overrides), reason: listSome([...new Set(overrides.flatMap(({ reason }) => reason ?? []))]) },
    }),
    ...next,
  };
}

function rulesFor(risk: Risk, { rules }: FleetApproval): readonly Rule[] {
  const holding = rules.filter((rule) => weightOf(rule.risk) <= weightOf(risk));
  return holding.length === 0 ? [leastRule] : holding;
}

type Counted = Approval & { counts: ReadonlySet<string> };

/** What a rule still lacks for these devices, in words; undefined when it is met. */
function missingOf(rule: Rule, approvals: readonly Counted[], devices: readonly string[], facts: ApprovalFacts): string | undefined {
  const whom = rule.groups.length === 0 ? '' : ` of ${listSome(rule.groups, 'or')}`;
  if (rule.groups.length > 0 && !facts.knowsGroups)
    return `the Fleet wants somebody${whom}, and groups are known in a cluster only: no approval counts here`;
  if (rule.notAuthor && facts.authors === undefined)
    return (
      'the Fleet wants somebody else than the author of the commit, and the author is not known: ' +
      'sign commits, verify them (spec.verify) and name each signer in spec.approval.authors'
    );
  const entitled = approvals.filter((each) => isEntitled(each, rule, facts));
  const open = devices.filter((device) => approversOf(device, entitled).size < rule.count);
  const [first] = open;
  if (first === undefined) return undefined;

  const have = [...approversOf(first, entitled)];
  const people = listPeople(rule.count - have.length, have.length > 0);
  const others = rule.notAuthor && facts.authors && facts.authors.length > 0 ? `, not ${listSome(facts.authors, 'or')}, who wrote it` : '';
  const part = open.length === devices.length ? '' : ` for ${listSome(open)}`;
  const beside = have.length === 0 ? '' : ` beside ${listSome(have)}`;
  return `${people}${whom} must approve${part}${beside}${others}`;
}

function approversOf(device: string, approvals: readonly Counted[]): Set<string> {
  return new Set(approvals.filter(({ counts }) => counts.has(device)).map(({ approver }) => approver));
}

function isEntitled({ approver, groups }: Approval, rule: Rule, { authors, knowsGroups }: ApprovalFacts): boolean {
  if (rule.notAuthor && (authors === undefined || authors.includes(approver))) return false;
  return rule.groups.length === 0 || (knowsGroups && rule.groups.some((group) => groups.includes(group)));
}

/** Who could approve may reject, and an author too: nobody must keep silent on a change of their own. Without groups that is anybody. */
function mayReject({ groups }: Approval, rules: readonly Rule[], { knowsGroups }: ApprovalFacts): boolean {
  return !knowsGroups || rules.some((rule) => rule.groups.length === 0 || rule.groups.some((group) => groups.includes(group)));
}

/** A rejection of a plan that nobody knows any more still holds: what it spoke of is not known to be something else. */
function touches({ plan }: Approval, { effectDigest, devices }: ApprovalGroup, { devicesOf }: ApprovalFacts): boolean {
  const spoken = devicesOf(plan, effectDigest);
  return spoken === undefined || devices.some((device) => spoken.has(device));
}

/** Devices of the group that an approval counts for. */
function coverage({ plan, createdAt }: Approval, { effectDigest, devices }: ApprovalGroup, facts: ApprovalFacts): ReadonlySet<string> {
  const spoken = facts.devicesOf(plan, effectDigest);
  if (!spoken) return new Set();
  const made = Date.parse(createdAt);
  return new Set(
    devices.filter((device) => {
      const notBefore = facts.notBefore?.(device);
      // An API server keeps whole seconds: in the same second it is not known which came first.
      return spoken.has(device) && (notBefore === undefined || made > notBefore.getTime());
    }),
  );
}

/** Whether it counts at this time. One that cannot be read ends an approval, and does not end a rejection. */
export function stands(each: Approval, facts: Pick<ApprovalFacts, 'rules' | 'at'>): boolean {
  const end = expiryOf(each, facts.rules);
  return each.decision === 'Reject' ? !(end <= facts.at.getTime()) : end > facts.at.getTime();
}

function expiryOf({ expires, createdAt }: Approval, { expiresHours }: FleetApproval): number {
  return expires === undefined ? Date.parse(createdAt) + expiresHours * 3_600_000 : Date.parse(expires);
}

function firstExpiry(approvals: readonly Approval[], { rules }: ApprovalFacts): Date | undefined {
  const ends = approvals.map((each) => expiryOf(each, rules)).filter((end) => !Number.isNaN(end));
  return ends.length === 0 ? undefined : new Date(Math.min(...ends));
}

function namesOf(approvals: readonly Approval[]): readonly string[] {
  return [...new Set(approvals.map(({ approver }) => approver))].toSorted();
}
