import { describe, expect, onTestFinished, test } from 'vitest';
import type { ChangeApprovalSpec, ChangePlanSpec, ChangePlanStatus } from '../../controller/api/index.ts';
import type { StoredObject } from '../../controller/store/index.ts';
import { type DeskOptions, type OperatorDesk, openOperatorDesk } from './desk.ts';

type ChangePlan = StoredObject<ChangePlanSpec, ChangePlanStatus>;

async function deskWith(options: DeskOptions = {}) {
  const desk = await openOperatorDesk({ mode: 'Approve', ...options, fleet: { ceiling: 'Enforce', ...options.fleet } });
  onTestFinished(() => desk.stop());
  await desk.allJudged();
  const plans = () => desk.store.objects.list<ChangePlanSpec, ChangePlanStatus>('ChangePlan');
  const planIn = async (phase: string): Promise<ChangePlan> => {
    let all: readonly ChangePlan[] = [];
    const found = () => all.find(({ status }) => status?.phase === phase);
    const told = () => all.map(({ name, status }) => `${name} ${status?.phase}: ${status?.conditions[0]?.message}`).join('; ');
    await desk.until(`a plan that is ${phase}`, async () => (all = await plans()) && found(), told, 60);
    return found() as ChangePlan;
  };
  const say = async (plan: ChangePlan, given: Partial<ChangeApprovalSpec> = {}) => {
    const spec: ChangeApprovalSpec = {
      plan: plan.name,
      effectDigests: plan.spec.groups.map(({ effectDigest }) => effectDigest),
      decision: 'Approve',
      approver: 'mona',
      groups: [],
      ...given,
    };
    await desk.store.objects.create<ChangeApprovalSpec>({ kind: 'ChangeApproval', name: `${plan.name}-${spec.approver}`, spec });
  };
  /** A policy of this mode is in force, and every router was looked at under it. */
  const follow = async (mode: string, rollout?: object) => {
    const revision = desk.commit({ 'reconcile.yaml': policy(mode, rollout) });
    await desk.until('the policy', () => desk.operator.world.inForce?.revision === revision);
    for (const name of ['r00000', 'r00001'])
      await desk.until(`${name} in mode ${mode}`, async () => (await desk.device(name))?.status?.mode === mode);
  };
  return { ...desk, plans, planIn, say, follow };
}

/** What both routers do when this moves: one line of a route-map. */
const preference = (desk: Pick<OperatorDesk, 'edited' | 'commit'>, from: number, to: number) =>
  desk.commit({ 'policies.yaml': desk.edited('policies.yaml', `"localPreference": ${from}`, `"localPreference": ${to}`) });
const policy = (mode: string, rollout: object = { bakeSeconds: 0 }) =>
  JSON.stringify({
    apiVersion: 'plumbline.dev/v1alpha1',
    kind: 'ReconcilePolicy',
    metadata: { name: 'everywhere' },
    spec: { selector: {}, mode, rollout },
  });

describe('a plan', () => {
  test('waits for a person, and is carried out when one said yes', async () => {
    const desk = await deskWith();
    await desk.follow('Approve');
    preference(desk, 90, 95);
    const plan = await desk.planIn('Proposed');
    expect(plan.spec).toMatchObject({ mode: 'Approve', cause: 'Desired', devices: 2, groupCount: 1, risk: 'low' });
    expect((await desk.deviceReady('r00000', 'ApprovalRequired')).message).toContain(plan.name);
    await desk.say(plan);
    const done = await desk.planIn('Succeeded');
    expect(done).toMatchObject({ name: plan.name, status: { confirmed: 2, progress: 'cc', approvedBy: ['mona'] } });
    await desk.deviceReady('r00000', 'InSync');
    await desk.deviceReady('r00001', 'InSync');
  }, 120_000);

  test('of an enforced fleet asks nobody', async () => {
    const desk = await deskWith();
    await desk.follow('Enforce');
    preference(desk, 90, 95);
    const done = await desk.planIn('Succeeded');
    expect(done).toMatchObject({ spec: { mode: 'Enforce' }, status: { confirmed: 2, progress: 'cc', approvedBy: [] } });
    const { stdout } = await desk.plumb('logs', 'r00000');
    expect(stdout).toMatch(new RegExp(`"plan":"${done.name}".*"r00000".*"msg":"Change begins"`));
    expect(stdout).toMatch(/"r00000".*"end":"Confirmed".*"msg":"Change ended"/);
  }, 120_000);

  test('that a person rejected is not carried out, and comes again when what would be done moves', async () => {
    const desk = await deskWith();
    preference(desk, 90, 95);
    const plan = await desk.planIn('Proposed');
    await desk.say(plan, { decision: 'Reject', reason: 'not on a Friday' });
    await desk.planIn('Superseded');
    expect((await desk.deviceReady('r00000', 'Rejected')).message).toContain('not on a Friday');
    preference(desk, 95, 96);
    const next = await desk.planIn('Proposed');
    expect(next.name).not.toBe(plan.name);
  }, 120_000);

  test('gives way to a newer one when a commit moves what would be done', async () => {
    const desk = await deskWith();
    preference(desk, 90, 95);
    const plan = await desk.planIn('Proposed');
    preference(desk, 95, 96);
    const old = await desk.planIn('Superseded');
    expect(old.name).toBe(plan.name);
    expect((await desk.planIn('Proposed')).name).not.toBe(plan.name);
  }, 120_000);

  test('waits for the end of a freeze, and for nobody who may override it', async () => {
    const soon = new Date(Date.now() + 3_600_000).toISOString();
    const freezes = [{ intervals: [{ from: '2020-01-01T00:00:00Z', to: soon }] }];
    const desk = await deskWith({ fleet: { changes: { freezes } } });
    await desk.follow('Approve');
    preference(desk, 90, 95);
    const plan = await desk.planIn('Proposed');
    await desk.say(plan);
    await desk.planIn('Waiting');
    await desk.deviceReady('r00000', 'WindowClosed');
    await desk.say(plan, { approver: 'luis', override: { windows: true }, reason: 'outage' });
    await desk.planIn('Succeeded');
  }, 120_000);
});

describe('a router that somebody changed by hand, and that is enforced', () => {
  test('is left alone for two hours, and then put right', async () => {
    const desk = await deskWith();
    await desk.follow('Enforce');
    await desk.routers.edit('r00000', ['router bgp 64500', ' neighbor 172.16.0.0 description by hand'], 'mona');
    await desk.look('r00000');
    expect((await desk.deviceReady('r00000', 'Held')).message).toContain('by hand');
    expect(await desk.plans()).toEqual([]);
    desk.passTime(7_200_000);
    await desk.look('r00000');
    expect((await desk.planIn('Succeeded')).spec).toMatchObject({ cause: 'Drift', devices: 1 });
    await desk.deviceReady('r00000', 'InSync');
  }, 120_000);

  test('is not put right by itself where the change may protect the network', async () => {
    const desk = await deskWith({ fleet: { changes: { humanHoldSeconds: 0 } } });
    await desk.follow('Enforce');
    await desk.routers.edit('r00000', ['router bgp 64500', ' neighbor 172.16.0.0 shutdown'], 'mona');
    await desk.look('r00000');
    expect((await desk.planIn('Proposed')).spec).toMatchObject({ mode: 'Approve', cause: 'Drift' });
    await desk.deviceReady('r00000', 'ApprovalRequired');
  }, 120_000);
});

describe('a plan that a person takes back', () => {
  test('is inverted by a plan of its own, and stays so until Git agrees', async () => {
    const desk = await deskWith();
    await desk.follow('Enforce');
    preference(desk, 90, 95);
    const done = await desk.planIn('Succeeded');
    const said = await desk.plumb('rollback', done.name, '--reason', 'worse than before', '--wait');
    expect(said).toMatchObject({ code: 0, stdout: expect.stringMatching(/plan-.* takes it back/) as string });
    const all = () => desk.plans();
    await desk.until(
      'the way back',
      async () => (await all()).some(({ spec, status }) => spec.cause === 'Rollback' && status?.phase === 'Succeeded'),
      () => '',
      60,
    );
    expect((await all()).find(({ spec }) => spec.cause === 'Rollback')).toMatchObject({
      spec: { asked: { reason: 'worse than before', of: done.name }, devices: 2 },
      status: { progress: 'cc' },
    });
    expect((await desk.deviceReady('r00000', 'Held')).message).toContain(`taken back by ${done.name}`);
    preference(desk, 95, 90);
    await desk.deviceReady('r00000', 'InSync');
    await desk.deviceReady('r00001', 'InSync');
    expect(await desk.store.pins.list()).toEqual([]);
  }, 120_000);
});

describe('a plan of which one router refuses its part', () => {
  const refuse = async (desk: Awaited<ReturnType<typeof deskWith>>) =>
    desk.routers.setFault('r00001', { kind: 'rejects', words: 'local-preference 95', message: '% Unknown command' });

  test('ends there, and what was confirmed stays', async () => {
    const desk = await deskWith();
    await desk.follow('Enforce');
    await refuse(desk);
    preference(desk, 90, 95);
    const failed = await desk.planIn('Failed');
    expect(failed.status).toMatchObject({ progress: 'cr', confirmed: 1, failed: ['r00001'] });
    await desk.deviceReady('r00000', 'InSync');
    // What failed is proposed to people, and is not tried by itself again.
    const again = await desk.planIn('Proposed');
    expect(again.spec).toMatchObject({ mode: 'Approve', devices: 1 });
    await desk.deviceReady('r00001', 'ApprovalRequired');
  }, 120_000);

  test('takes back what was confirmed where policy says so', async () => {
    const desk = await deskWith();
    await desk.follow('Enforce', { bakeSeconds: 0, onFailure: 'RollBack' });
    await refuse(desk);
    preference(desk, 90, 95);
    const failed = await desk.planIn('Failed');
    expect(failed.status?.progress).toBe('tr');
    await desk.deviceReady('r00000', 'ApprovalRequired');
  }, 120_000);
});
