import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Approval, type ApprovalFacts, type ApprovalGroup, type ApprovalJudgement, judgeApproval } from './judge-approval.ts';

type Rule = ApprovalFacts['rules']['rules'][number];

const effect = `sha256:${'a'.repeat(64)}`;
const other = `sha256:${'b'.repeat(64)}`;
const noon = new Date('2030-01-02T12:00:00Z');

const rule = (given: Partial<Rule> = {}): Rule => ({ risk: 'low', count: 1, groups: [], notAuthor: false, ...given });

let made = 0;
const said = (decision: 'Approve' | 'Reject', approver: string, given: Partial<Approval> = {}): Approval => ({
  name: `said-${++made}`,
  createdAt: '2030-01-02T11:00:00Z',
  plan: 'plan-1',
  effectDigests: [effect],
  decision,
  approver,
  groups: [],
  ...given,
});
const yes = (approver: string, given: Partial<Approval> = {}) => said('Approve', approver, given);
const no = (approver: string, given: Partial<Approval> = {}) => said('Reject', approver, given);
const emergency = (reason: string): Partial<Approval> => ({ override: { windows: true }, reason });

const plans: Record<string, readonly string[]> = { 'plan-1': ['edge1', 'edge2'], 'plan-2': ['edge2', 'edge3'] };

interface Given extends Partial<Omit<ApprovalFacts, 'rules'>>, Partial<ApprovalGroup> {
  rules?: readonly Rule[];
}

function judge({
  rules = [rule()],
  effectDigest = effect,
  devices = ['edge1', 'edge2'],
  risk = 'low',
  wholeRisk,
  ...facts
}: Given): ApprovalJudgement {
  return judgeApproval(
    { effectDigest, devices, risk, wholeRisk },
    {
      approvals: [],
      authors: undefined,
      at: noon,
      knowsGroups: true,
      devicesOf: (plan, digest) => (digest === effect && plan in plans ? new Set(plans[plan]) : undefined),
      wholeRiskOf: () => undefined,
      ...facts,
      rules: { rules: [...rules], expiresHours: 72, authors: [] },
    },
  );
}

const net = { groups: ['netops'] };
const sec = { groups: ['security'] };

describe('an approval', () => {
  it.each<{ name: string; given: Given; is: Partial<ApprovalJudgement> }>([
    { name: 'of nobody is waited for', given: {}, is: { state: 'Waiting', by: [], waitsFor: 'one person must approve' } },
    { name: 'of one person is enough by default', given: { approvals: [yes('alice')] }, is: { state: 'Approved', by: ['alice'] } },
    {
      name: 'is needed also where the Fleet has no rule for the risk',
      given: { rules: [rule({ risk: 'high' })] },
      is: { state: 'Waiting', waitsFor: 'one person must approve' },
    },
    { name: 'is needed also where the Fleet has no rule', given: { rules: [] }, is: { state: 'Waiting' } },
    {
      name: 'of another effect does not count',
      given: { approvals: [yes('alice', { effectDigests: [other] })] },
      is: { state: 'Waiting', by: [] },
    },
    {
      name: 'of several effects counts',
      given: { approvals: [yes('alice', { effectDigests: [other, effect] })] },
      is: { state: 'Approved' },
    },
    {
      name: 'that names a plan that nobody knows does not count',
      given: { approvals: [yes('alice', { plan: 'plan-9' })] },
      is: { state: 'Waiting' },
    },
    {
      name: 'counts for the devices that its plan had, and the others are named',
      given: { devices: ['edge1', 'edge2', 'edge3'], approvals: [yes('alice')] },
      is: { state: 'Waiting', by: ['alice'], waitsFor: 'one person must approve for edge3' },
    },
    {
      name: 'of two plans counts for the devices of both',
      given: { devices: ['edge1', 'edge2', 'edge3'], approvals: [yes('alice'), yes('bob', { plan: 'plan-2' })] },
      is: { state: 'Approved', by: ['alice', 'bob'] },
    },
    {
      name: 'holds for a later plan with the same effect for fewer devices',
      given: { devices: ['edge2'], approvals: [yes('alice')] },
      is: { state: 'Approved' },
    },
    {
      name: 'given twice counts once',
      given: { rules: [rule({ count: 2 })], approvals: [yes('alice'), yes('alice')] },
      is: { state: 'Waiting', by: ['alice'], waitsFor: 'one more person must approve beside alice' },
    },
    {
      name: 'of two people is what a rule of two asks for',
      given: { rules: [rule({ count: 2 })], approvals: [yes('alice'), yes('bob')] },
      is: { state: 'Approved', by: ['alice', 'bob'] },
    },
  ])('$name', ({ given, is }) => expect(judge(given)).toMatchObject(is));
});

describe('a rule', () => {
  it.each<{ name: string; given: Given; is: Partial<ApprovalJudgement> }>([
    {
      name: 'for a higher risk does not hold',
      given: { rules: [rule(), rule({ risk: 'high', count: 2 })], risk: 'medium', approvals: [yes('alice')] },
      is: { state: 'Approved' },
    },
    {
      name: 'for a lower risk holds too',
      given: { rules: [rule(net), rule({ risk: 'high', ...sec })], risk: 'high', approvals: [yes('sam', sec)] },
      is: { state: 'Waiting', by: ['sam'], waitsFor: 'one person of netops must approve' },
    },
    {
      name: 'is met by the people who meet another one',
      given: { rules: [rule(), rule({ risk: 'high', count: 2 })], risk: 'high', approvals: [yes('alice'), yes('bob')] },
      is: { state: 'Approved' },
    },
    {
      name: 'each needs its own group, and both are waited for',
      given: { rules: [rule(net), rule({ ...sec, count: 2 })] },
      is: { waitsFor: 'one person of netops must approve; 2 people of security must approve' },
    },
    {
      name: 'takes a member of any of its groups',
      given: { rules: [rule({ groups: ['netops', 'security'] })], approvals: [yes('sam', sec)] },
      is: { state: 'Approved' },
    },
    {
      name: 'does not take who is in none of its groups, and does not show them as approvers',
      given: { rules: [rule(net)], approvals: [yes('alice'), yes('sam', sec)] },
      is: { state: 'Waiting', by: [], waitsFor: 'one person of netops must approve' },
    },
    {
      name: 'with groups is refused where groups are not known, whatever an approval says of itself',
      given: { rules: [rule(net)], approvals: [yes('alice', net)], knowsGroups: false },
      is: {
        state: 'Waiting',
        by: [],
        waitsFor: 'the Fleet wants somebody of netops, and groups are known in a cluster only: no approval counts here',
      },
    },
    {
      name: 'against the author does not take the author',
      given: { rules: [rule({ notAuthor: true })], authors: ['alice'], approvals: [yes('alice')] },
      is: { state: 'Waiting', by: [], waitsFor: 'one person must approve, not alice, who wrote it' },
    },
    {
      name: 'against the author does not take any of several authors',
      given: { rules: [rule({ notAuthor: true })], authors: ['alice', 'bob'], approvals: [yes('alice'), yes('bob')] },
      is: { state: 'Waiting', waitsFor: 'one person must approve, not alice or bob, who wrote it' },
    },
    {
      name: 'against the author takes somebody else',
      given: { rules: [rule({ notAuthor: true })], authors: ['alice'], approvals: [yes('bob')] },
      is: { state: 'Approved', by: ['bob'] },
    },
    {
      name: 'against the author takes nobody while the author is not known',
      given: { rules: [rule({ notAuthor: true })], authors: undefined, approvals: [yes('alice'), yes('bob')] },
      is: { state: 'Waiting', by: [], waitsFor: expect.stringContaining('the author is not known') as string },
    },
    {
      name: 'against the author beside one without: the author meets the second',
      given: { rules: [rule(), rule({ notAuthor: true })], authors: ['alice'], approvals: [yes('alice')] },
      is: { state: 'Waiting', by: ['alice'], waitsFor: 'one person must approve, not alice, who wrote it' },
    },
  ])('$name', ({ given, is }) => expect(judge(given)).toMatchObject(is));
});

describe('a rejection', () => {
  it.each<{ name: string; given: Given; is: Partial<ApprovalJudgement> }>([
    {
      name: 'outranks every approval, also a later one of the same person',
      given: { approvals: [yes('alice'), no('bob', { reason: 'not today' }), yes('bob', { createdAt: '2030-01-02T11:30:00Z' })] },
      is: { state: 'Rejected', by: ['bob'], waitsFor: 'rejected by bob: not today' },
    },
    {
      name: 'is over when it expires',
      given: { approvals: [yes('alice'), no('bob', { expires: noon.toISOString() })] },
      is: { state: 'Approved' },
    },
    {
      name: 'of who could not approve does not count',
      given: { rules: [rule(net)], approvals: [yes('alice', net), no('mallory', sec)] },
      is: { state: 'Approved' },
    },
    {
      name: 'of the author counts',
      given: { rules: [rule({ notAuthor: true })], authors: ['bob'], approvals: [yes('alice'), no('bob')] },
      is: { state: 'Rejected', by: ['bob'] },
    },
    {
      name: 'of one device of the group rejects the group: it is one change',
      given: { devices: ['edge1', 'edge2'], approvals: [yes('alice'), no('bob', { plan: 'plan-2' })] },
      is: { state: 'Rejected' },
    },
    {
      name: 'of other devices does not count',
      given: { devices: ['edge1'], approvals: [yes('alice'), no('bob', { plan: 'plan-2' })] },
      is: { state: 'Approved' },
    },
    {
      name: 'of a plan that nobody knows any more still holds',
      given: { approvals: [yes('alice'), no('bob', { plan: 'plan-9' })] },
      is: { state: 'Rejected' },
    },
    {
      name: 'of another effect does not count',
      given: { approvals: [yes('alice'), no('bob', { effectDigests: [other] })] },
      is: { state: 'Approved' },
    },
    {
      name: 'is not over when the effect failed',
      given: { approvals: [no('bob')], notBefore: () => noon },
      is: { state: 'Rejected' },
    },
    {
      name: 'on one machine is anybody’s, whatever groups the rule names',
      given: { rules: [rule(net)], approvals: [no('bob')], knowsGroups: false },
      is: { state: 'Rejected' },
    },
    {
      name: 'whose end cannot be read does not end',
      given: { approvals: [no('bob', { expires: 'tomorrow' })] },
      is: { state: 'Rejected', by: ['bob'] },
    },
  ])('$name', ({ given, is }) => expect(judge(given)).toMatchObject(is));
});

describe('time', () => {
  const at = (text: string) => new Date(text);

  it.each<{ name: string; given: Given; is: Partial<ApprovalJudgement> }>([
    {
      name: 'ends an approval as it says itself, and the moment is told',
      given: { approvals: [yes('alice', { expires: '2030-01-02T12:00:01Z' })] },
      is: { state: 'Approved', nextChangeAt: at('2030-01-02T12:00:01Z') },
    },
    { name: 'ends it at that moment', given: { approvals: [yes('alice', { expires: noon.toISOString() })] }, is: { state: 'Waiting' } },
    {
      name: 'ends it as the Fleet says when it says nothing',
      given: { approvals: [yes('alice')] },
      is: { state: 'Approved', nextChangeAt: at('2030-01-05T11:00:00Z') },
    },
    {
      name: 'of the Fleet ends it',
      given: { approvals: [yes('alice', { createdAt: '2029-12-30T12:00:00Z' })] },
      is: { state: 'Waiting' },
    },
    {
      name: 'that cannot be read ends an approval',
      given: { approvals: [yes('alice', { expires: 'tomorrow' })] },
      is: { state: 'Waiting', by: [] },
    },
    {
      name: 'that is told is the first of all that count',
      given: {
        approvals: [
          yes('alice'),
          yes('bob', { expires: '2030-01-02T13:00:00Z' }),
          yes('sam', { plan: 'plan-9', expires: '2030-01-02T12:30:00Z' }),
        ],
      },
      is: { nextChangeAt: at('2030-01-02T13:00:00Z') },
    },
    {
      name: 'before the effect failed does not count',
      given: { approvals: [yes('alice')], notBefore: () => at('2030-01-02T11:00:00.400Z') },
      is: { state: 'Waiting', by: [] },
    },
    {
      name: 'in the same second as the failure does not count either',
      given: { approvals: [yes('alice')], notBefore: () => at('2030-01-02T11:00:00Z') },
      is: { state: 'Waiting' },
    },
    {
      name: 'after the failure counts',
      given: { approvals: [yes('alice')], notBefore: () => at('2030-01-02T10:59:59.999Z') },
      is: { state: 'Approved' },
    },
    {
      name: 'is of each device: where the change was carried out once, it needs another yes',
      given: { approvals: [yes('alice')], notBefore: (device) => (device === 'edge2' ? noon : undefined) },
      is: { state: 'Waiting', waitsFor: 'one person must approve for edge2' },
    },
  ])('$name', ({ given, is }) => expect(judge(given)).toMatchObject(is));
});

describe('an override of windows', () => {
  it.each<{ name: string; given: Given; is: ApprovalJudgement['overridesWindows'] }>([
    { name: 'is none without saying so', given: { approvals: [yes('alice')] }, is: undefined },
    {
      name: 'holds with its reason',
      given: { approvals: [yes('alice', emergency('case 4711'))] },
      is: { by: ['alice'], reason: 'case 4711' },
    },
    {
      name: 'takes as many people as the change does',
      given: { rules: [rule({ count: 2 })], approvals: [yes('alice', emergency('case 4711')), yes('bob')] },
      is: undefined,
    },
    {
      name: 'of two people has the reasons of both',
      given: {
        rules: [rule({ count: 2 })],
        approvals: [yes('alice', emergency('case 4711')), yes('bob', emergency('customers are down'))],
      },
      is: { by: ['alice', 'bob'], reason: 'case 4711 and customers are down' },
    },
    {
      name: 'meets every rule, or is none',
      given: { rules: [rule(), rule(sec)], approvals: [yes('alice', emergency('case 4711')), yes('sam', sec)] },
      is: undefined,
    },
    {
      name: 'of who is not entitled is none',
      given: { rules: [rule(net)], approvals: [yes('alice', net), yes('sam', { ...sec, ...emergency('now') })] },
      is: undefined,
    },
    {
      name: 'is none for devices that it did not see',
      given: { devices: ['edge1', 'edge3'], approvals: [yes('alice', emergency('case 4711')), yes('bob', { plan: 'plan-2' })] },
      is: undefined,
    },
    { name: 'is none while somebody rejects', given: { approvals: [yes('alice', emergency('case 4711')), no('bob')] }, is: undefined },
  ])('$name', ({ given, is }) => expect(judge(given).overridesWindows).toEqual(is));
});

describe('whatever people say', () => {
  const people = fc.constantFrom('alice', 'bob', 'carol', 'dave');
  const groups = fc.subarray(['netops', 'security']);
  const minutes = (range: { min: number; max: number }) => fc.integer(range).map((count) => new Date(noon.getTime() + count * 60_000));
  const approval = fc.record({
    name: fc.uuid(),
    plan: fc.constantFrom('plan-1', 'plan-2', 'plan-9'),
    effectDigests: fc.subarray([effect, other], { minLength: 1 }),
    decision: fc.constantFrom('Approve' as const, 'Approve' as const, 'Approve' as const, 'Reject' as const),
    approver: people,
    groups,
    createdAt: minutes({ min: -9000, max: 0 }).map((date) => date.toISOString()),
  });
  const rules = fc.array(
    fc.record({
      risk: fc.constantFrom('low', 'medium', 'high'),
      count: fc.integer({ min: 1, max: 3 }),
      groups,
      notAuthor: fc.boolean(),
    }) as fc.Arbitrary<Rule>,
    { maxLength: 3 },
  );
  const given = fc.record({
    approvals: fc.array(approval, { maxLength: 8 }),
    rules,
    authors: fc.option(fc.subarray(['alice', 'bob']), { nil: undefined }),
    risk: fc.constantFrom('low', 'medium', 'high') as fc.Arbitrary<ApprovalGroup['risk']>,
    devices: fc.subarray(['edge1', 'edge2', 'edge3'], { minLength: 1 }),
    knowsGroups: fc.boolean(),
  });

  it('a group is approved just when each of its devices is on its own', () => {
    fc.assert(
      fc.property(given, (facts) => {
        const alone = facts.devices.map((device) => judge({ ...facts, devices: [device] }).state);
        const { state } = judge(facts);
        expect(state === 'Rejected').toBe(alone.includes('Rejected'));
        if (state !== 'Rejected') expect(state === 'Approved').toBe(alone.every((each) => each === 'Approved'));
      }),
    );
  });

  it('what is approved stays so when somebody else approves too', () => {
    fc.assert(
      fc.property(given, approval, (facts, more) => {
        const yesMore: Approval = { ...more, decision: 'Approve' };
        if (judge(facts).state === 'Approved') expect(judge({ ...facts, approvals: [...facts.approvals, yesMore] }).state).toBe('Approved');
      }),
    );
  });

  it('nothing is approved without somebody who said yes to this effect on each device, and no author where that is forbidden', () => {
    fc.assert(
      fc.property(given, (facts) => {
        const { state, by } = judge(facts);
        if (state !== 'Approved') return;
        for (const device of facts.devices) {
          const mine = facts.approvals.filter((each) => each.effectDigests.includes(effect) && plans[each.plan]?.includes(device));
          expect(mine.some(({ approver }) => by.includes(approver))).toBe(true);
        }
        const forbids = facts.rules.filter(({ risk, notAuthor }) => notAuthor && risk === 'low');
        if (forbids.length > 0) expect(by.some((person) => facts.authors?.includes(person) === false)).toBe(true);
      }),
    );
  });

  it('until the next change that is told, the answer stays', () => {
    fc.assert(
      fc.property(given, fc.double({ min: 0, max: 1, noNaN: true }), (facts, part) => {
        const { state, nextChangeAt } = judge(facts);
        const end = nextChangeAt?.getTime() ?? noon.getTime() + 1e10;
        const at = new Date(noon.getTime() + Math.floor((end - noon.getTime() - 1) * part));
        expect(judge({ ...facts, at }).state).toBe(state);
      }),
    );
  });
});

describe('what a plan risks as a whole', () => {
  const rules = [rule({ groups: ['netops'] }), rule({ risk: 'high', groups: ['security'] })];

  it('counts for the approval of every device', () => {
    const approvals = [yes('ann', net)];
    expect(judge({ rules, approvals }).state).toBe('Approved');
    expect(judge({ rules, approvals, wholeRisk: 'high' })).toMatchObject({
      state: 'Waiting',
      waitsFor: expect.stringContaining('security'),
    });
    expect(judge({ rules, approvals: [...approvals, yes('sue', sec)], wholeRisk: 'high' }).state).toBe('Approved');
  });

  // Otherwise a plan that was rejected would be proposed and rejected again and again.
  it('lets those who might have approved it reject it, also where the same effect comes in a plan of less risk', () => {
    const approvals = [no('sue', sec)];
    const wholeRiskOf = (plan: string) => (plan === 'plan-1' ? ('high' as const) : undefined);
    expect(judge({ rules, approvals, wholeRiskOf }).state).toBe('Rejected');
    expect(judge({ rules, approvals: [no('sue', { ...sec, plan: 'plan-2' })], wholeRiskOf, wholeRisk: 'high' }).state).toBe('Waiting');
  });
});
