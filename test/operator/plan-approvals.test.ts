import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { type ChangeApprovalSpec, type ChangePlanSpec, type ChangePlanStatus, findCondition } from '../../controller/api/index.ts';
import type { StoredObject } from '../../controller/store/index.ts';
import { newKey } from '../git/ssh-host.ts';
import { type DeskOptions, openOperatorDesk } from './desk.ts';

type ChangePlan = StoredObject<ChangePlanSpec, ChangePlanStatus>;

/** Two routers, and one line of a route-map that a commit moves on both. */
async function deskWith(options: DeskOptions = {}) {
  const desk = await openOperatorDesk({ mode: 'Approve', ...options, fleet: { ceiling: 'Enforce', ...options.fleet } });
  onTestFinished(() => desk.stop());
  await desk.allJudged();
  /** A policy of this mode, without a bake, is in force, and both routers were looked at under it. */
  const follow = async (mode: string) => {
    const spec = { selector: {}, mode, rollout: { bakeSeconds: 0 } };
    const policy = { apiVersion: 'plumbline.dev/v1alpha1', kind: 'ReconcilePolicy', metadata: { name: 'everywhere' }, spec };
    const revision = desk.commit({ 'reconcile.yaml': JSON.stringify(policy) });
    await desk.until('the policy', () => desk.operator.world.inForce?.revision === revision);
    for (const name of ['r00000', 'r00001'])
      await desk.until(`${name} in mode ${mode}`, async () => (await desk.device(name))?.status?.mode === mode);
  };
  await follow(options.mode ?? 'Approve');
  let count = 0;
  const plans = () => desk.store.objects.list<ChangePlanSpec, ChangePlanStatus>('ChangePlan');
  return {
    ...desk,
    plans,
    /** A plan of this phase that is none of these, once there is one. */
    planIn: async (phase: string, ...not: readonly ChangePlan[]): Promise<ChangePlan> => {
      let all: readonly ChangePlan[] = [];
      const found = () => all.find((plan) => plan.status?.phase === phase && not.every(({ name }) => name !== plan.name));
      const told = () => all.map(({ name, status }) => `${name} ${status?.phase}: ${status?.conditions[0]?.message}`).join('; ');
      await desk.until(`a plan that is ${phase}`, async () => (all = await plans()) && found(), told, 60);
      return found() as ChangePlan;
    },
    waitsFor: async ({ name }: ChangePlan, words: RegExp) => {
      let message = '';
      const isSaid = async () => {
        const plan = (await plans()).find((each) => each.name === name);
        message = findCondition(plan?.status?.conditions, 'Ready')?.message ?? '';
        return words.test(message);
      };
      await desk.until(`${name} to say ${words}`, isSaid, () => message, 60);
    },
    say: async (plan: ChangePlan, approver: string, given: Partial<ChangeApprovalSpec> = {}) => {
      const effectDigests = plan.spec.groups.map(({ effectDigest }) => effectDigest);
      const spec: ChangeApprovalSpec = { plan: plan.name, effectDigests, decision: 'Approve', approver, groups: [], ...given };
      await desk.store.objects.create<ChangeApprovalSpec>({ kind: 'ChangeApproval', name: `said-${++count}`, spec });
    },
    commitPreference: (from: number, to: number) =>
      desk.commit({ 'policies.yaml': desk.edited('policies.yaml', `"localPreference": ${from}`, `"localPreference": ${to}`) }),
  };
}

test('one approval is one change: what somebody undoes on the router afterwards is not done again without another', async () => {
  const desk = await deskWith();
  desk.commitPreference(90, 95);
  const plan = await desk.planIn('Proposed');
  await desk.say(plan, 'alice');
  await desk.planIn('Succeeded');
  await desk.deviceReady('r00000', 'InSync');

  const entry = /^route-map \S+ permit \d+(?=\n(?: .*\n)* set local-preference 95$)/m.exec(await desk.routers.running('r00000'))?.[0] ?? '';
  await desk.routers.edit('r00000', [entry, ' set local-preference 90'], 'mona');
  await desk.look('r00000');
  const again = await desk.planIn('Proposed', plan);
  expect(again.spec.groups.map(({ effectDigest }) => effectDigest)).toEqual(plan.spec.groups.map(({ effectDigest }) => effectDigest));
  await desk.waitsFor(again, /one person must approve/);
  expect((await desk.deviceReady('r00000', 'ApprovalRequired')).message).toContain(again.name);
  await desk.say(again, 'alice');
  expect((await desk.planIn('Succeeded', plan)).name).toBe(again.name);
}, 120_000);

const frozen = { freezes: [{ intervals: [{ from: '2020-01-01T00:00:00Z', to: '2099-01-01T00:00:00Z' }] }] };

test('an enforced plan that waits for a freeze begins when somebody overrides that', async () => {
  const desk = await deskWith({ mode: 'Enforce', fleet: { changes: frozen } });
  desk.commitPreference(90, 95);
  const plan = await desk.planIn('Waiting');
  await desk.say(plan, 'alice');
  await desk.waitsFor(plan, /freeze/);
  await desk.say(plan, 'bob', { override: { windows: true }, reason: 'case 4711' });
  expect((await desk.planIn('Succeeded')).status).toMatchObject({ confirmed: 2, approvedBy: ['alice', 'bob'] });
}, 120_000);

test('an enforced plan that somebody rejects while it waits does not begin', async () => {
  const desk = await deskWith({ mode: 'Enforce', fleet: { changes: frozen } });
  desk.commitPreference(90, 95);
  const plan = await desk.planIn('Waiting');
  await desk.say(plan, 'alice', { decision: 'Reject', reason: 'not now' });
  await desk.say(plan, 'bob', { override: { windows: true }, reason: 'case 4711' });
  expect((await desk.deviceReady('r00000', 'Rejected')).message).toContain('not now');
  expect((await desk.plans()).map(({ status }) => status?.confirmed ?? 0)).toEqual([0]);
}, 120_000);

test('a rule against the author holds everything back while nobody knows who that is', async () => {
  const desk = await deskWith({ fleet: { approval: { rules: [{ notAuthor: true }] } } });
  desk.commitPreference(90, 95);
  const plan = await desk.planIn('Proposed');
  expect(plan.spec).not.toHaveProperty('authors');
  await desk.say(plan, 'alice');
  await desk.say(plan, 'bob');
  await desk.waitsFor(plan, /the author is not known: sign commits, verify them/);
}, 120_000);

test.skipIf(!existsSync('/usr/bin/ssh-keygen'))(
  'whoever signed a commit does not approve it, also after somebody else committed',
  async () => {
    const desk = await deskWith();
    const { folder, repository } = desk;
    for (const name of ['alice', 'bob']) newKey(join(folder, name));
    const signAs = (name: string) => repository.git('config', 'user.signingKey', join(folder, name));
    for (const [key, value] of [
      ['gpg.format', 'ssh'],
      ['commit.gpgSign', 'true'],
    ] as const)
      repository.git('config', key, value);
    signAs('alice');
    const signed = desk.commit({ 'notes.md': 'signed from now on\n' });
    await desk.until('it in force', () => desk.operator.world.inForce?.revision === signed);
    const keys = ['alice', 'bob'].map((name) => `${name}@example.net ${readFileSync(join(folder, `${name}.pub`), 'utf8')}`);
    desk.giveSecret('signers', 'git for lab', { allowed_signers: keys.join('') });
    const authors = ['alice', 'bob'].map((user) => ({ signer: `${user}@example.net`, user }));
    await desk.setFleet((spec) => ({
      ...spec,
      verify: { commits: 'Every', secretRef: { name: 'signers' } },
      approval: { ...spec.approval, rules: [{ risk: 'low', count: 1, groups: [], notAuthor: true }], authors },
    }));
    desk.commitPreference(90, 95);
    const plan = await desk.planIn('Proposed');
    expect(plan.spec.authors).toEqual(['alice']);
    signAs('bob');
    const later = desk.commit({ 'notes.md': 'by somebody else\n' });
    await desk.until('it in force', () => desk.operator.world.inForce?.revision === later);
    await desk.say(plan, 'alice');
    await desk.waitsFor(plan, /one person must approve, not alice, who wrote it/);
    await desk.say(plan, 'bob');
    expect((await desk.planIn('Succeeded')).status?.approvedBy).toEqual(['bob']);
    await desk.deviceReady('r00000', 'InSync');
    await desk.until('nobody to be its author any more', async () => (await desk.device('r00000'))?.status?.signers?.length === 0);
  },
  120_000,
);

test('a rule with groups holds everything back on one machine, and says why', async () => {
  const desk = await deskWith({ fleet: { approval: { rules: [{ groups: ['netops'] }] } } });
  desk.commitPreference(90, 95);
  const plan = await desk.planIn('Proposed');
  await desk.say(plan, 'alice', { groups: ['netops'] });
  await desk.waitsFor(plan, /groups are known in a cluster only: no approval counts here/);
}, 120_000);
