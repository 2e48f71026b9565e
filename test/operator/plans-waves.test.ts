import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'vitest';
import { findCondition } from '../../controller/api/index.ts';
import { deviceFile, openPlanDesk, type PlanDesk } from './plan-desk.ts';

const messageOf = (plan: { status?: { conditions: Parameters<typeof findCondition>[0] } | undefined }) =>
  findCondition(plan.status?.conditions, 'Ready')?.message;

describe.concurrent('a rollout', () => {
  test('goes in waves: the canary alone, then as many as policy says, each watched before the next begins', async ({ expect, ...t }) => {
    const desk = await openPlanDesk(t, { devices: 6 });
    await desk.follow('Enforce', { waves: [50, 100], bakeSeconds: 10 });
    desk.prefer(90, 95);
    const done = await desk.planIn('Succeeded');
    expect(done.status).toMatchObject({ waves: [1, 2, 3], progress: 'cccccc', confirmed: 6, failed: [] });
    const steps = await desk.routers.changes();
    const times = (step: string, routers: readonly string[]) =>
      steps.filter((each) => each.step === step && routers.includes(each.router)).map(({ atMs }) => atMs);
    const waves = [['r00000'], ['r00001', 'r00002'], ['r00003', 'r00004', 'r00005']];
    for (const [k, wave] of waves.entries()) {
      expect(times('armed', wave)).toHaveLength(wave.length);
      const [ended, next] = [Math.max(...times('persisted', wave)), Math.min(...times('armed', waves[k + 1] ?? []))];
      expect(next).toBeGreaterThanOrEqual(ended + 10_000);
    }
    expect(await desk.preferences()).toEqual([95, 95, 95, 95, 95, 95]);
    await desk.agrees();
  }, 300_000);

  test('fails when somebody changes the canary while it is watched, and touches no other router', async ({ expect, ...t }) => {
    const desk = await openPlanDesk(t, { devices: 3 });
    await desk.follow('Enforce', { bakeSeconds: 600 });
    desk.prefer(90, 95);
    const { name } = await desk.planIn('Running', ({ status }) => status?.bakedUntil !== undefined);
    await desk.deviceReady('r00000', 'InSync');
    await desk.routers.edit('r00000', ['router bgp 64500', ' neighbor 172.16.0.0 description by hand'], 'mona');
    await desk.look('r00000');
    const failed = await desk.planIn('Failed');
    expect(failed).toMatchObject({ name, status: { progress: 's..' } });
    expect(messageOf(failed)).toContain('confirmed, then not healthy (r00000 is Drifted)');
    expect(await desk.preferences()).toEqual([95, 90, 90]);
    await desk.agrees();
  }, 300_000);

  test('waits, and does not fail, while a session of the canary that was up is down; goes on when it is back', async ({ expect, ...t }) => {
    const desk = await openPlanDesk(t, { devices: 2 });
    await desk.follow('Enforce', { bakeSeconds: 10 });
    desk.prefer(90, 95);
    const { name } = await desk.planIn('Running', ({ status }) => status?.bakedUntil !== undefined);
    await desk.routers.setSession('r00000', '172.16.0.0', 'Active');
    await desk.look('r00000');
    const says = '172.16.0.0 was up before the change and is not';
    const held = await desk.planWhen(name, 'to hold', ({ conditions }) => findCondition(conditions, 'Ready')?.message.includes(says));
    expect(held.status).toMatchObject({ phase: 'Running', progress: 'c.' });
    await desk.routers.setSession('r00000', '172.16.0.0');
    await desk.planIn('Succeeded');
    await desk.agrees();
  }, 300_000);

  test('is not failed by a session that the change itself takes away', async ({ expect, ...t }) => {
    const desk = await openPlanDesk(t, { devices: 1 });
    await desk.follow('Approve', { bakeSeconds: 10 });
    const file = deviceFile('r00000').replace('.yaml', '-sessions.yaml');
    const sessions = readFileSync(join(desk.repository.folder, file), 'utf8').split('---');
    desk.commit({ [file]: sessions.filter((session) => !session.includes('r00000-transit')).join('---') });
    const plan = await desk.planIn('Proposed');
    expect(plan.spec.groups[0]?.resets.join()).toContain('172.16.0.0');
    await desk.say(plan);
    await desk.planIn('Running', ({ status }) => status?.bakedUntil !== undefined);
    await desk.look('r00000');
    desk.passTime(400_000);
    await desk.look('r00000');
    expect((await desk.planIn('Succeeded')).name).toBe(plan.name);
  }, 300_000);

  test('keeps the waves that it began with, whatever policy says since', async ({ expect, ...t }) => {
    const desk = await openPlanDesk(t, { devices: 4 });
    await desk.follow('Enforce', { waves: [50, 100], bakeSeconds: 600 });
    desk.prefer(90, 95);
    const { name, status } = await desk.planIn('Running', (plan) => plan.status?.bakedUntil !== undefined);
    expect(status?.layout).toBe('0122');
    await desk.follow('Enforce', { canary: 3, waves: [100], bakeSeconds: 600 });
    desk.passTime(700_000);
    await desk.look('r00000');
    const done = await desk.planWhen(name, 'the next wave', ({ progress = '', wave }) => progress.startsWith('cc') && wave === 1);
    expect(done.status).toMatchObject({ layout: '0122', progress: 'cc..' });
    await desk.order(name, 'Stop');
    await desk.planIn('Stopped');
  }, 300_000);

  test('fails when the session stays down', async ({ expect, ...t }) => {
    const desk = await openPlanDesk(t, { devices: 2 });
    await desk.follow('Enforce', { bakeSeconds: 10 });
    desk.prefer(90, 95);
    const { name } = await desk.planIn('Running', ({ status }) => status?.bakedUntil !== undefined);
    await desk.routers.setSession('r00000', '172.16.0.0', 'Active');
    await desk.look('r00000');
    await desk.planWhen(name, 'to hold', ({ conditions }) => findCondition(conditions, 'Ready')?.reason === 'Held');
    desk.passTime(400_000);
    await desk.look('r00000');
    expect((await desk.planIn('Failed')).status).toMatchObject({ progress: 's.' });
    expect(await desk.preferenceOf('r00001')).toBe(90);
  }, 300_000);
});

/** Every router is enforced; the second one to change refuses it. */
async function refusedAtTheSecond(t: Parameters<typeof openPlanDesk>[0]): Promise<PlanDesk> {
  const desk = await openPlanDesk(t, { devices: 4 });
  await desk.follow('Enforce', { bakeSeconds: 0, atOnce: 1 });
  await desk.routers.setFault('r00001', { kind: 'rejects', words: 'local-preference 95', message: 'no more memory' });
  desk.prefer(90, 95);
  return desk;
}

describe.concurrent('a rollout of which a set fails', () => {
  test('stops there: that router is as it was, and the rest untouched', async ({ expect, ...t }) => {
    const desk = await refusedAtTheSecond(t);
    const failed = await desk.planIn('Failed');
    expect(failed.status).toMatchObject({ progress: 'cr..', confirmed: 1, failed: ['r00001'], waves: [1, 3] });
    expect(messageOf(failed)).toMatch(/r00001: rolled back.*2 were not begun/);
    expect(findCondition(failed.status?.conditions, 'Stalled')?.reason).toBe('ApplyFailed');
    expect(await desk.preferences()).toEqual([95, 90, 90, 90]);
    expect(await desk.routersThat('armed')).toEqual(['r00000', 'r00001']);
    expect(desk.notices).toContainEqual(
      expect.objectContaining({
        kind: 'Device',
        name: 'r00001',
        type: 'Warning',
        reason: 'RolledBack',
        message: expect.stringContaining('no more memory') as string,
      }),
    );
    expect(desk.notices).toContainEqual(
      expect.objectContaining({ kind: 'ChangePlan', name: failed.name, type: 'Warning', reason: 'ApplyFailed' }),
    );
    await desk.agrees();
  }, 300_000);

  test('is not tried again by itself: what is left waits for a person, who sees what failed', async ({ expect, ...t }) => {
    const desk = await refusedAtTheSecond(t);
    const failed = await desk.planIn('Failed');
    const next = await desk.planIn('Proposed');
    expect(next.spec).toMatchObject({ mode: 'Approve', devices: 3, cause: 'Desired' });
    for (const name of ['r00001', 'r00002', 'r00003']) await desk.deviceReady(name, 'ApprovalRequired');
    await desk.routers.setFault('r00001');
    await desk.say(next);
    const done = await desk.planIn('Succeeded');
    expect(done).toMatchObject({ name: next.name, status: { progress: 'ccc', approvedBy: ['mona'] } });
    expect(done.name).not.toBe(failed.name);
    expect(await desk.preferences()).toEqual([95, 95, 95, 95]);
    expect(await desk.store.quarantines.list()).toEqual([]);
    await desk.agrees();
  }, 300_000);

  test('is mended by a commit: the new change asks nobody, also where the old one failed', async ({ expect, ...t }) => {
    const desk = await refusedAtTheSecond(t);
    await desk.planIn('Failed');
    await desk.planIn('Proposed');
    desk.prefer(95, 96);
    const done = await desk.planIn('Succeeded');
    expect(done).toMatchObject({ spec: { mode: 'Enforce', devices: 4 }, status: { progress: 'cccc' } });
    expect((await desk.plans()).map(({ status }) => status?.phase ?? '').toSorted((a, b) => a.localeCompare(b))).toEqual([
      'Failed',
      'Succeeded',
      'Superseded',
    ]);
    expect(await desk.preferences()).toEqual([96, 96, 96, 96]);
    await desk.agrees();
  }, 300_000);

  test('whose router goes away in the middle says loudly that nobody knows, begins nothing, and finds out when it is back', async ({
    expect,
    ...t
  }) => {
    const desk = await openPlanDesk(t, { devices: 3 });
    await desk.follow('Enforce', { bakeSeconds: 0 });
    desk.prefer(90, 95);
    await desk.until('commands sent', async () => (await desk.routersThat('applied')).length > 0);
    await desk.routers.setFault('r00000', { kind: 'down' });
    const { name } = await desk.planIn('Running', ({ status }) => status?.progress === 'u..');
    expect(messageOf(await desk.plan(name))).toContain('Nobody has seen how r00000 ended');
    expect(await desk.preferences()).toEqual([90, 90, 90]); // the router went back by itself
    await desk.routers.setFault('r00000');
    await desk.planWhen(name, 'the outcome', ({ phase }) => phase === 'Failed');
    expect((await desk.plan(name)).status).toMatchObject({ progress: 'r..' });
    expect(await desk.routersThat('armed')).toEqual(['r00000']);
    await desk.agrees();
  }, 300_000);
});
