import { describe, test } from 'vitest';
import { openPlanDesk, type PlanDesk } from './plan-desk.ts';

describe.concurrent('a plan', () => {
  test('waits for a person, and is carried out when one said yes', async ({ expect, ...t }) => {
    const desk = await openPlanDesk(t);
    await desk.follow('Approve');
    desk.prefer(90, 95);
    const plan = await desk.planIn('Proposed');
    expect(plan.spec).toMatchObject({ mode: 'Approve', cause: 'Desired', devices: 2, groupCount: 1, risk: 'low' });
    expect((await desk.deviceReady('r00000', 'ApprovalRequired')).message).toContain(plan.name);
    await desk.say(plan);
    const done = await desk.planIn('Succeeded');
    expect(done).toMatchObject({ name: plan.name, status: { confirmed: 2, progress: 'cc', approvedBy: ['mona'] } });
    await desk.deviceReady('r00000', 'InSync');
    await desk.deviceReady('r00001', 'InSync');
  }, 300_000);

  test('of an enforced fleet asks nobody', async ({ expect, ...t }) => {
    const desk = await openPlanDesk(t);
    await desk.follow('Enforce');
    desk.prefer(90, 95);
    const done = await desk.planIn('Succeeded');
    expect(done).toMatchObject({ spec: { mode: 'Enforce' }, status: { confirmed: 2, progress: 'cc', approvedBy: [] } });
    const { stdout } = await desk.plumb('logs', 'r00000');
    expect(stdout).toMatch(new RegExp(`"plan":"${done.name}".*"r00000".*"msg":"Change begins"`));
    expect(stdout).toMatch(/"r00000".*"end":"Confirmed".*"msg":"Change ended"/);
  }, 300_000);

  test('that a person rejected is not carried out, and comes again when what would be done moves', async ({ expect, ...t }) => {
    const desk = await openPlanDesk(t);
    desk.prefer(90, 95);
    const plan = await desk.planIn('Proposed');
    await desk.say(plan, { decision: 'Reject', reason: 'not on a Friday' });
    await desk.planIn('Superseded');
    expect((await desk.deviceReady('r00000', 'Rejected')).message).toContain('not on a Friday');
    desk.prefer(95, 96);
    const next = await desk.planIn('Proposed');
    expect(next.name).not.toBe(plan.name);
  }, 300_000);

  test('gives way to a newer one when a commit moves what would be done', async ({ expect, ...t }) => {
    const desk = await openPlanDesk(t);
    desk.prefer(90, 95);
    const plan = await desk.planIn('Proposed');
    desk.prefer(95, 96);
    const old = await desk.planIn('Superseded');
    expect(old.name).toBe(plan.name);
    expect((await desk.planIn('Proposed')).name).not.toBe(plan.name);
  }, 300_000);

  test('waits for the end of a freeze, and for nobody who may override it', async (t) => {
    const soon = new Date(Date.now() + 3_600_000).toISOString();
    const freezes = [{ intervals: [{ from: '2020-01-01T00:00:00Z', to: soon }] }];
    const desk = await openPlanDesk(t, { fleet: { changes: { freezes } } });
    await desk.follow('Approve');
    desk.prefer(90, 95);
    const plan = await desk.planIn('Proposed');
    await desk.say(plan);
    await desk.planIn('Waiting');
    await desk.deviceReady('r00000', 'WindowClosed');
    await desk.say(plan, { approver: 'luis', override: { windows: true }, reason: 'outage' });
    await desk.planIn('Succeeded');
  }, 300_000);
});

describe.concurrent('a router that somebody changed by hand, and that is enforced', () => {
  test('is left alone for two hours, and then put right', async ({ expect, ...t }) => {
    const desk = await openPlanDesk(t);
    await desk.follow('Enforce');
    await desk.routers.edit('r00000', ['router bgp 64500', ' neighbor 172.16.0.0 description by hand'], 'mona');
    await desk.look('r00000');
    expect((await desk.deviceReady('r00000', 'Held')).message).toContain('by hand');
    expect(await desk.plans()).toEqual([]);
    desk.passTime(7_200_000);
    await desk.look('r00000');
    expect((await desk.planIn('Succeeded')).spec).toMatchObject({ cause: 'Drift', devices: 1 });
    await desk.deviceReady('r00000', 'InSync');
  }, 300_000);

  test('is not put right by itself where the change may protect the network', async ({ expect, ...t }) => {
    const desk = await openPlanDesk(t, { fleet: { changes: { humanHoldSeconds: 0 } } });
    await desk.follow('Enforce');
    await desk.routers.edit('r00000', ['router bgp 64500', ' neighbor 172.16.0.0 shutdown'], 'mona');
    await desk.look('r00000');
    expect((await desk.planIn('Proposed')).spec).toMatchObject({ mode: 'Approve', cause: 'Drift' });
    await desk.deviceReady('r00000', 'ApprovalRequired');
  }, 300_000);
});

describe.concurrent('a plan that a person takes back', () => {
  test('is inverted by a plan of its own, and stays so until Git agrees', async ({ expect, ...t }) => {
    // Whether a look is younger than the way back is asked of two clocks, of which a desk hurries one.
    const desk = await openPlanDesk(t, { speed: 1 });
    await desk.follow('Enforce');
    desk.prefer(90, 95);
    const done = await desk.planIn('Succeeded');
    const said = await desk.plumb('rollback', done.name, '--reason', 'worse than before', '--wait');
    expect(said).toMatchObject({ code: 0, stdout: expect.stringMatching(/plan-.* takes it back/) as string });
    expect(await desk.planIn('Succeeded', ({ spec }) => spec.cause === 'Rollback')).toMatchObject({
      spec: { asked: { reason: 'worse than before', of: done.name }, devices: 2 },
      status: { progress: 'cc' },
    });
    expect((await desk.deviceReady('r00000', 'Held')).message).toContain(`taken back by ${done.name}`);
    desk.prefer(95, 90);
    await desk.deviceReady('r00000', 'InSync');
    await desk.deviceReady('r00001', 'InSync');
    expect(await desk.store.pins.list()).toEqual([]);
  }, 300_000);
});

describe.concurrent('a plan of which one router refuses its part', () => {
  const refuse = async (desk: PlanDesk) =>
    desk.routers.setFault('r00001', { kind: 'rejects', words: 'local-preference 95', message: '% Unknown command' });

  test('ends there, and what was confirmed stays', async ({ expect, ...t }) => {
    const desk = await openPlanDesk(t);
    await desk.follow('Enforce');
    await refuse(desk);
    desk.prefer(90, 95);
    const failed = await desk.planIn('Failed');
    expect(failed.status).toMatchObject({ progress: 'cr', confirmed: 1, failed: ['r00001'] });
    await desk.deviceReady('r00000', 'InSync');
    // What failed is proposed to people, and is not tried by itself again.
    const again = await desk.planIn('Proposed');
    expect(again.spec).toMatchObject({ mode: 'Approve', devices: 1 });
    await desk.deviceReady('r00001', 'ApprovalRequired');
  }, 300_000);

  test('takes back what was confirmed where policy says so', async ({ expect, ...t }) => {
    const desk = await openPlanDesk(t);
    await desk.follow('Enforce', { bakeSeconds: 0, onFailure: 'RollBack' });
    await refuse(desk);
    desk.prefer(90, 95);
    const failed = await desk.planIn('Failed');
    expect(failed.status?.progress).toBe('tr');
    await desk.deviceReady('r00000', 'ApprovalRequired');
  }, 300_000);
});
