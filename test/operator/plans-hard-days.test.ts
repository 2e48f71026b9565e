import { describe, test } from 'vitest';
import { findCondition } from '../../controller/api/index.ts';
import type { ObjectStore } from '../../controller/store/index.ts';
import { deviceFile, openPlanDesk } from './plan-desk.ts';

describe.concurrent('while a rollout runs', () => {
  test('a Fleet that is suspended begins nothing more; what runs ends, and it goes on when the Fleet does', async ({ expect, ...t }) => {
    const desk = await openPlanDesk(t, { devices: 3 });
    await desk.follow('Enforce');
    desk.prefer(90, 95);
    await desk.until('it to be armed', async () => (await desk.routersThat('armed')).length > 0);
    await desk.setFleet((spec) => ({ ...spec, suspend: true }));
    await desk.until('the canary', async () => (await desk.routersThat('persisted')).length > 0);
    await desk.fleetReady('Suspended');
    await desk.until('nothing at work', () => desk.operator.world.atWork.size === 0);
    desk.passTime(3_600_000);
    await desk.lookAtFleet();
    expect(await desk.routersThat('armed')).toEqual(['r00000']);
    await desk.setFleet((spec) => ({ ...spec, suspend: false }));
    expect((await desk.planIn('Succeeded')).status?.progress).toBe('ccc');
    await desk.agrees();
  }, 300_000);

  test('a Fleet that is deleted begins nothing more, and what runs ends', async ({ expect, ...t }) => {
    const desk = await openPlanDesk(t, { devices: 3 });
    await desk.follow('Enforce');
    desk.prefer(90, 95);
    await desk.planIn('Running');
    await desk.until('it to be armed', async () => (await desk.routersThat('armed')).length > 0);
    await desk.store.objects.delete('Fleet', 'lab');
    await desk.until('nothing at work', () => desk.operator.world.atWork.size === 0);
    const steps = await desk.routers.changes();
    expect(steps.map(({ router }) => router)).toEqual(steps.map(() => 'r00000'));
    expect(['persisted', 'restored']).toContain(steps.at(-1)?.step);
    expect(await desk.store.changes.listOpen()).toEqual([]);
    const stopped = await desk.planIn('Stopped');
    expect(findCondition(stopped.status?.conditions, 'Ready')?.message).toContain('Fleet lab was deleted');
    expect(stopped.status?.progress).toMatch(/^[c.]\.\.$/);
    await desk.until('no grant', async () => (await desk.store.grants.list()).length === 0);
  }, 300_000);

  test('a router that leaves Git is left as it is, and the rest is done', async ({ expect, ...t }) => {
    const desk = await openPlanDesk(t, { devices: 3, sessionsPerDevice: 2 });
    await desk.follow('Enforce', { bakeSeconds: 10 });
    desk.prefer(90, 95);
    const { name } = await desk.planIn('Running');
    desk.commit({ [deviceFile('r00002')]: undefined, [deviceFile('r00002').replace('.yaml', '-sessions.yaml')]: undefined });
    await desk.planWhen(name, 'an end', ({ phase }) => phase === 'Succeeded');
    expect((await desk.plan(name)).status?.progress).toBe('cc.');
    expect(await desk.preferences()).toEqual([95, 95, 90]);
    await desk.agrees();
  }, 300_000);

  test('a commit that moves what waits leaves what runs alone; the new change follows in a plan of its own', async ({ expect, ...t }) => {
    const desk = await openPlanDesk(t, { devices: 3 });
    await desk.follow('Enforce');
    desk.prefer(90, 95);
    const { name } = await desk.planIn('Running');
    await desk.until('it to be armed', async () => (await desk.routersThat('armed')).length > 0);
    desk.prefer(95, 96);
    await desk.planIn('Succeeded', (each) => each.name !== name);
    expect((await desk.plan(name)).status).toMatchObject({ phase: 'Succeeded', progress: 'c..' });
    expect((await desk.routersThat('persisted')).toSorted()).toEqual(['r00000', 'r00000', 'r00001', 'r00002']);
    expect(await desk.preferences()).toEqual([96, 96, 96]);
    await desk.agrees();
  }, 300_000);

  test('an object store that refuses every other write of a plan changes nothing of what is done', async ({ expect, ...t }) => {
    let count = 0;
    const refuse = (kind: string) => {
      if (kind === 'ChangePlan' && count++ % 2 === 0) throw Object.assign(new Error('somebody was faster'), { code: 'Conflict' });
    };
    const objects = (inner: ObjectStore): ObjectStore => ({
      ...inner,
      updateStatus: async (object) => {
        refuse(object.kind);
        return inner.updateStatus(object);
      },
    });
    const desk = await openPlanDesk(t, { devices: 2, objects });
    await desk.follow('Enforce');
    desk.prefer(90, 95);
    expect((await desk.planIn('Succeeded')).status?.progress).toBe('cc');
    expect(await desk.routersThat('armed')).toEqual(['r00000', 'r00001']);
    await desk.agrees();
  }, 300_000);

  test('a volume that is full drafts nothing new, and what runs goes on', async ({ expect, ...t }) => {
    let isFull = false;
    const objects = (inner: ObjectStore): ObjectStore => ({
      ...inner,
      putArtifact: async (text) => {
        if (isFull) throw new Error('no space left on device');
        return inner.putArtifact(text);
      },
    });
    const desk = await openPlanDesk(t, { devices: 3, objects });
    await desk.follow('Enforce', { bakeSeconds: 10 });
    await desk.plumb('hold', 'r00002', '--reason', 'fibre work');
    await desk.until('the hold', async () => (await desk.device('r00002'))?.status?.held);
    desk.prefer(90, 95);
    const { name, spec } = await desk.planIn('Running');
    expect(spec.devices).toBe(2);
    isFull = true;
    await desk.plumb('resume', 'r00002');
    expect((await desk.planIn('Succeeded')).name).toBe(name);
    expect(await desk.preferences()).toEqual([95, 95, 90]);
    isFull = false;
    await desk.planIn('Succeeded', (each) => each.name !== name);
    expect(await desk.preferences()).toEqual([95, 95, 95]);
    await desk.agrees();
  }, 300_000);

  test('an object store that takes no word of a plan for a while ends what runs, and the plan goes on from there', async ({
    expect,
    ...t
  }) => {
    let isAway = false;
    const objects = (inner: ObjectStore): ObjectStore => ({
      ...inner,
      updateStatus: async (object) => {
        if (isAway && object.kind === 'ChangePlan') throw new Error('the API server does not answer');
        return inner.updateStatus(object);
      },
    });
    const desk = await openPlanDesk(t, { devices: 2, objects });
    await desk.follow('Enforce');
    desk.prefer(90, 95);
    await desk.until('it to be armed', async () => (await desk.routersThat('armed')).length > 0);
    isAway = true;
    await desk.until('the canary', async () => (await desk.routersThat('persisted')).length > 0);
    await desk.until('nothing at work', () => desk.operator.world.atWork.size === 0);
    isAway = false;
    expect((await desk.planIn('Succeeded')).status?.progress).toBe('cc');
    expect(await desk.routersThat('armed')).toEqual(['r00000', 'r00001']);
    await desk.agrees();
  }, 300_000);
});

describe.concurrent('an operator that ends in mid-change', () => {
  test('rolls back what it works on; the next one goes on with the plan, and asks nobody again', async ({ expect, ...t }) => {
    const desk = await openPlanDesk(t, { devices: 3 });
    await desk.follow('Approve');
    desk.prefer(90, 95);
    const { name } = await desk.planIn('Proposed');
    await desk.say(await desk.plan(name));
    await desk.until('commands sent', async () => (await desk.routersThat('applied')).length > 0);
    await desk.pause();
    expect(await desk.preferences()).toEqual([90, 90, 90]);
    expect((await desk.routers.changes()).map(({ step }) => step)).toEqual(['armed', 'applied', 'restored']);
    expect((await desk.plan(name)).status).toMatchObject({ phase: 'Running', progress: '...' });
    await desk.agrees();
    await desk.resume();
    expect(await desk.planIn('Succeeded')).toMatchObject({ name, status: { progress: 'ccc', approvedBy: ['mona'] } });
    expect((await desk.plans()).length).toBe(1);
    expect(await desk.preferences()).toEqual([95, 95, 95]);
    await desk.agrees();
  }, 300_000);

  test('between two sets goes on where it was', async ({ expect, ...t }) => {
    const desk = await openPlanDesk(t, { devices: 3 });
    await desk.follow('Enforce', { bakeSeconds: 30 });
    desk.prefer(90, 95);
    const { name } = await desk.planIn('Running', ({ status }) => status?.bakedUntil !== undefined);
    await desk.pause();
    await desk.resume();
    expect((await desk.planIn('Succeeded')).name).toBe(name);
    expect((await desk.routersThat('armed')).toSorted()).toEqual(['r00000', 'r00001', 'r00002']);
    await desk.agrees();
  }, 300_000);
});
