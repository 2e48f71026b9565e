import { describe, test } from 'vitest';
import { findCondition } from '../../controller/api/index.ts';
import { deviceFile, openPlanDesk, policy } from './plan-desk.ts';

const slow = { timeout: 300_000 };
const hour = 3_600_000;
/** Everything is frozen for the next hour. */
const frozenForAnHour = () => ({
  changes: { freezes: [{ intervals: [{ from: '2020-01-01T00:00:00Z', to: new Date(Date.now() + hour).toISOString() }] }] },
});

describe.concurrent('a person', () => {
  test('pauses a rollout: what runs ends, nothing begins, until they go on', async ({ expect, ...t }) => {
    const desk = await openPlanDesk(t, { devices: 3 });
    await desk.follow('Enforce');
    desk.prefer(90, 95);
    const { name } = await desk.planIn('Running');
    await desk.armed();
    await desk.order(name, 'Pause');
    const paused = await desk.planWhen(name, 'to rest', ({ phase, progress }) => phase === 'Paused' && progress === 'c..');
    expect(findCondition(paused.status?.conditions, 'Ready')).toMatchObject({
      reason: 'Paused',
      message: `Paused by a person: nothing begins; 1 of 3 sets confirmed. To go on: plumb continue ${name}.`,
    });
    expect(paused.status?.asked).toMatchObject({ what: 'Pause', by: 'mona' });
    await desk.deviceReady('r00001', 'Paused');
    desk.passTime(hour);
    for (const router of desk.names) await desk.look(router);
    expect(await desk.preferences()).toEqual([95, 90, 90]);
    await desk.order(name, 'Continue');
    expect((await desk.planIn('Succeeded')).name).toBe(name);
    await desk.agrees();
  }, 300_000);

  test('stops a rollout: what is done stays, and the rest asks a person from then on, also where policy enforces', async ({
    expect,
    ...t
  }) => {
    const desk = await openPlanDesk(t, { devices: 3 });
    await desk.follow('Enforce');
    desk.prefer(90, 95);
    const { name } = await desk.planIn('Running');
    await desk.armed();
    await desk.order(name, 'Stop');
    const stopped = await desk.planIn('Stopped');
    expect(stopped).toMatchObject({ name, status: { progress: 'c..' } });
    expect((await desk.planIn('Proposed')).spec).toMatchObject({ mode: 'Approve', devices: 2 });
    expect(await desk.preferences()).toEqual([95, 90, 90]);
    await desk.agrees();
  }, 300_000);

  test('who approved one change has approved it after a commit that moves other routers, and there nothing', async ({ expect, ...t }) => {
    const desk = await openPlanDesk(t, { devices: 3 });
    await desk.follow('Approve');
    desk.prefer(90, 95);
    const first = await desk.planIn('Proposed');
    const moved = desk.edited(deviceFile('r00002'), '198.18.19.0/24', '198.18.99.0/24');
    desk.commit({ [deviceFile('r00002')]: moved });
    const second = await desk.planIn('Proposed', ({ spec }) => spec.groupCount === 2);
    expect((await desk.plan(first.name)).status?.phase).toBe('Superseded');
    await desk.say(first);
    await desk.planWhen(second.name, 'the two', ({ progress }) => progress?.replaceAll('.', '') === 'cc');
    expect(await desk.preferences()).toEqual([95, 95, 90]);
    await desk.deviceReady('r00002', 'ApprovalRequired');
    await desk.say(second, { approver: 'luis' });
    expect((await desk.planIn('Succeeded')).status?.approvedBy).toEqual(['luis', 'mona']);
    expect(await desk.preferences()).toEqual([95, 95, 95]);
    await desk.agrees();
  }, 300_000);
});

describe.concurrent('a policy that is lowered while a rollout runs', () => {
  test.for([
    { to: 'Approve', reason: 'ApprovalRequired' },
    { to: 'Report', reason: 'Pending' },
  ])('to $to holds from the next set on', slow, async ({ to, reason }, { expect, ...t }) => {
    const desk = await openPlanDesk(t, { devices: 3 });
    await desk.follow('Enforce', { bakeSeconds: 30 });
    desk.prefer(90, 95);
    await desk.planIn('Running', ({ status }) => status?.bakedUntil !== undefined);
    desk.commit({ 'reconcile.yaml': policy(to) });
    for (const name of desk.names) await desk.until(name, async () => (await desk.device(name))?.status?.mode === to);
    desk.passTime(hour);
    for (const name of desk.names) await desk.look(name);
    for (const name of ['r00001', 'r00002']) await desk.deviceReady(name, reason);
    expect(await desk.routersThat('armed')).toEqual(['r00000']);
  });

  test.for(['Approve', 'Report'] as const)('by the Fleet, to %s, holds from the next set on', slow, async (ceiling, { expect, ...t }) => {
    const desk = await openPlanDesk(t, { devices: 3 });
    await desk.follow('Enforce', { bakeSeconds: 30 });
    desk.prefer(90, 95);
    await desk.planIn('Running', ({ status }) => status?.bakedUntil !== undefined);
    await desk.setFleet((spec) => ({ ...spec, ceiling }));
    desk.passTime(hour);
    for (const name of desk.names) await desk.look(name);
    for (const name of ['r00001', 'r00002']) await desk.deviceReady(name, ceiling === 'Report' ? 'Pending' : 'ApprovalRequired');
    expect(await desk.routersThat('armed')).toEqual(['r00000']);
  });
});

describe.concurrent('an approval that waits for a window', () => {
  /** Approved, and waiting for the end of a freeze. */
  async function approved(t: Parameters<typeof openPlanDesk>[0], expires?: string) {
    const desk = await openPlanDesk(t, { fleet: frozenForAnHour() });
    await desk.follow('Approve');
    desk.prefer(90, 95);
    const plan = await desk.planIn('Proposed');
    const approval = await desk.say(plan, expires === undefined ? {} : { expires });
    await desk.planIn('Waiting');
    return { desk, plan, approval };
  }

  test('does not count when it expired meanwhile', slow, async ({ expect, ...t }) => {
    const { desk, plan } = await approved(t, new Date(Date.now() + hour / 2).toISOString());
    desk.passTime(2 * hour);
    await desk.look('r00000');
    await desk.planWhen(plan.name, 'to ask again', ({ conditions }) => findCondition(conditions, 'Ready')?.reason === 'ApprovalRequired');
    expect(await desk.routers.changes()).toEqual([]);
  });

  test('does not count when it was withdrawn', async ({ expect, ...t }) => {
    const { desk, plan, approval } = await approved(t);
    await desk.store.objects.delete('ChangeApproval', approval);
    await desk.planWhen(plan.name, 'to ask again', ({ conditions }) => findCondition(conditions, 'Ready')?.reason === 'ApprovalRequired');
    desk.passTime(2 * hour);
    for (const name of desk.names) await desk.look(name);
    await desk.deviceReady('r00000', 'ApprovalRequired');
    expect(await desk.routers.changes()).toEqual([]);
  }, 300_000);

  test('does not count when somebody stopped the plan since: it is not proposed again until it moves', async ({ expect, ...t }) => {
    const { desk, plan } = await approved(t);
    await desk.order(plan.name, 'Stop');
    await desk.planWhen(plan.name, 'to end', ({ phase }) => phase === 'Stopped');
    desk.passTime(2 * hour);
    for (const name of desk.names) await desk.look(name);
    await desk.deviceReady('r00000', 'Stopped');
    expect(await desk.plans()).toHaveLength(1);
    expect(await desk.routers.changes()).toEqual([]);
  }, 300_000);

  test('is of no use when policy asks to report only by then', async ({ expect, ...t }) => {
    const { desk, plan } = await approved(t);
    desk.commit({ 'reconcile.yaml': policy('Report') });
    await desk.planWhen(plan.name, 'to end', ({ phase }) => phase === 'Superseded');
    desk.passTime(2 * hour);
    for (const name of desk.names) await desk.look(name);
    await desk.deviceReady('r00000', 'Pending');
    expect(await desk.routers.changes()).toEqual([]);
  }, 300_000);

  test('is of no use when the Fleet allows to report only by then', async ({ expect, ...t }) => {
    const { desk } = await approved(t);
    await desk.setFleet((spec) => ({ ...spec, ceiling: 'Report', changes: { ...spec.changes, freezes: [] } }));
    for (const name of desk.names) await desk.look(name);
    await desk.deviceReady('r00000', 'Pending');
    expect(await desk.routers.changes()).toEqual([]);
  }, 300_000);
});
