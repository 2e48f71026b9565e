import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'vitest';
import { deviceFile, openPlanDesk, type PlanDesk } from './plan-desk.ts';

const info = (desk: PlanDesk, labels: Readonly<Record<string, string>>) => desk.metric('plumbline_plan_info', labels);

describe.concurrent('what an operator that writes tells Prometheus', () => {
  test('of a plan: that it waits for people, then how it goes, then nothing but how its changes ended', async ({ expect, ...t }) => {
    const desk = await openPlanDesk(t);
    await desk.follow('Approve', { bakeSeconds: 5 });
    desk.prefer(90, 95);
    const plan = await desk.planIn('Proposed');
    const { name } = plan;
    const since = async () => desk.metric('plumbline_plan_since_timestamp_seconds', { plan: name });
    expect(await info(desk, { plan: name, mode: 'Approve', cause: 'Desired', reason: 'ApprovalRequired', risk: 'low' })).toBe(1);
    const waits = await since();
    expect(waits).toBeCloseTo(Date.parse(plan.status?.since ?? '') / 1000, 3);
    expect(await desk.metric('plumbline_plan_sets', { plan: name, state: 'Waiting' })).toBe(2);
    expect(await desk.metric('plumbline_device_plan_info', { device: 'r00001', plan: name, state: 'Waiting' })).toBe(1);
    expect(await desk.metric('plumbline_changes_total', { end: 'Confirmed' })).toBe(0);
    // What stands where it stood has stood there since then.
    desk.passTime(3_600_000);
    await desk.look('r00000');
    expect(await since()).toBe(waits);

    await desk.say(plan);
    const watched = await desk.planIn('Running', ({ status }) => status?.bakedUntil !== undefined);
    expect(await since()).toBeCloseTo(Date.parse(watched.status?.bakedUntil ?? '') / 1000, 3);
    expect(await desk.metric('plumbline_plan_sets', { plan: name, state: 'Confirmed' })).toBe(1);
    await desk.planIn('Succeeded');
    expect(await info(desk, { plan: name })).toBeUndefined();
    expect(await desk.metric('plumbline_plan_sets', { plan: name })).toBeUndefined();
    expect(await desk.metric('plumbline_changes_total', { end: 'Confirmed' })).toBe(2);
    expect(await desk.metric('plumbline_device_plan_info', { device: 'r00001', plan: name, state: 'Confirmed' })).toBe(1);
    expect(await desk.metric('plumbline_change_open_since_timestamp_seconds')).toBeUndefined();
  }, 300_000);

  test('of one that failed: until its devices were put right, and no more when they are changed later', async ({ expect, ...t }) => {
    const desk = await openPlanDesk(t, { devices: 3 });
    await desk.follow('Enforce', { bakeSeconds: 0, atOnce: 1 });
    await desk.routers.setFault('r00001', { kind: 'rejects', words: 'local-preference 95', message: 'no more memory' });
    desk.prefer(90, 95);
    const { name } = await desk.planIn('Failed');
    await desk.planIn('Proposed');
    expect(await info(desk, { plan: name, phase: 'Failed', reason: 'ApplyFailed' })).toBe(1);
    expect(await desk.metric('plumbline_device_plan_info', { device: 'r00001', plan: name, state: 'RolledBack' })).toBe(1);
    expect(await desk.metric('plumbline_changes_total', { end: 'RolledBack' })).toBe(1);

    desk.prefer(95, 90); // reverted: the two that were not changed are what Git says
    await desk.deviceReady('r00001', 'InSync');
    const settled = await desk.planWhen(name, 'to be settled', ({ settledAt }) => settledAt);
    expect(await info(desk, { plan: name })).toBeUndefined();
    await desk.routers.setFault('r00001', { kind: 'down' });
    await desk.look('r00001');
    expect(await info(desk, { plan: name })).toBeUndefined();
    expect((await desk.plan(name)).status?.settledAt).toBe(settled.status?.settledAt);
  }, 300_000);

  test('of a device that a way back left drained: until the drain is gone from it', async ({ expect, ...t }) => {
    const desk = await openPlanDesk(t, { devices: 1 });
    const drained = { selector: {}, mode: 'Approve', rollout: { bakeSeconds: 0 }, drain: { scope: 'Session', waitSeconds: 5 } };
    const policy = { apiVersion: 'plumbline.dev/v1alpha1', kind: 'ReconcilePolicy', metadata: { name: 'everywhere' }, spec: drained };
    const file = deviceFile('r00000').replace('.yaml', '-sessions.yaml');
    const sessions = readFileSync(join(desk.repository.folder, file), 'utf8').split('---');
    desk.commit({
      'reconcile.yaml': JSON.stringify(policy),
      [file]: sessions.filter((session) => !session.includes('r00000-transit')).join('---'),
    });
    const plan = await desk.planIn('Proposed');
    // Traffic does not leave, and the router does not take the drain back.
    await desk.routers.setFault('r00000', { kind: 'rejects', words: 'no bgp graceful-shutdown', message: 'no more memory' });
    await desk.say(plan);
    const { name } = await desk.planIn('Failed');
    expect((await desk.plan(name)).status?.progress).toBe('i');
    expect(await desk.routers.running('r00000')).toContain('bgp graceful-shutdown');
    const stuck = () => desk.metric('plumbline_device_plan_info', { device: 'r00000', plan: name, state: 'DrainStuck' });
    await desk.look('r00000');
    expect(await stuck()).toBe(1);
    expect((await desk.plumb('history', 'r00000')).stdout).toMatch(/DrainStuck .*still drained, traffic stays away from it/);

    await desk.routers.setFault('r00000');
    await desk.routers.edit('r00000', ['router bgp 64500', ' no bgp graceful-shutdown'], 'mona');
    await desk.look('r00000');
    await desk.until('the metric to come back', async () => (await stuck()) === undefined);
    expect(await desk.metric('plumbline_device_plan_info', { device: 'r00000', plan: name, state: 'RolledBack' })).toBe(1);
  }, 300_000);

  test('of a change whose end nobody saw: as long as nobody knows, also when another operator takes over', async (t) => {
    const desk = await openPlanDesk(t, { devices: 3 });
    await desk.follow('Enforce', { bakeSeconds: 0 });
    desk.prefer(90, 95);
    await desk.until('commands sent', async () => (await desk.routersThat('applied')).length > 0);
    await desk.routers.setFault('r00000', { kind: 'down' });
    const { name } = await desk.planIn('Running', ({ status }) => status?.progress === 'u..');
    const isTold = async () =>
      (await info(desk, { plan: name, reason: 'OutcomeUnknown' })) === 1 &&
      (await desk.metric('plumbline_device_plan_info', { device: 'r00000', plan: name, state: 'OutcomeUnknown' })) === 1 &&
      (await desk.metric('plumbline_change_open_since_timestamp_seconds', { device: 'r00000', state: 'OutcomeUnknown' })) !== undefined;
    await desk.until('the metrics', isTold);
    await desk.pause();
    await desk.resume();
    await desk.until('the metrics of the next one', isTold);
    await desk.routers.setFault('r00000');
    await desk.planWhen(name, 'the outcome', ({ phase }) => phase === 'Failed');
    await desk.until(
      'nothing open',
      async () => (await desk.metric('plumbline_change_open_since_timestamp_seconds', { state: 'OutcomeUnknown' })) === undefined,
    );
  }, 300_000);

  test('of an enforced device that somebody changed: until when it is left alone', async ({ expect, ...t }) => {
    const desk = await openPlanDesk(t);
    await desk.follow('Enforce');
    await desk.routers.edit('r00000', ['router bgp 64500', ' neighbor 172.16.0.0 description by hand'], 'mona');
    const { status } = await desk.look('r00000');
    const until = Date.parse(status?.held?.until ?? '') / 1000;
    expect(await desk.metric('plumbline_held_until_timestamp_seconds', { device: 'r00000', where: 'Drift' })).toBe(until);
    expect(await desk.metric('plumbline_held_until_timestamp_seconds', { device: 'r00001' })).toBeUndefined();
    await desk.plumb('hold', 'r00000', '--reason', 'case 4711');
    await desk.until(
      'the hold',
      async () => (await desk.metric('plumbline_held_until_timestamp_seconds', { device: 'r00000', where: 'Object' })) === Infinity,
    );
  }, 300_000);

  test('of a device that was taken back: since when, and from which plan', async ({ expect, ...t }) => {
    // Whether a look is younger than the way back is asked of two clocks, of which a desk hurries one.
    const desk = await openPlanDesk(t, { speed: 1 });
    await desk.follow('Enforce', { bakeSeconds: 0 });
    desk.prefer(90, 95);
    const { name } = await desk.planIn('Succeeded');
    await desk.plumb('rollback', name, '--reason', 'worse than before', '--wait');
    const pinned = await desk.metric('plumbline_pinned_since_timestamp_seconds', { device: 'r00000', plan: name });
    expect(pinned).toBeCloseTo(desk.clock.now().getTime() / 1000, -2);
    await desk.planIn('Succeeded', ({ spec }) => spec.cause === 'Rollback');
    desk.prefer(95, 90);
    await desk.until('Git to agree', async () => (await desk.metric('plumbline_pinned_since_timestamp_seconds')) === undefined);
  }, 300_000);
});
