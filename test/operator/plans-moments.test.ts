import { describe, test } from 'vitest';
import type { ChangePlanStatus } from '../../controller/api/index.ts';
import type { ObjectStore } from '../../controller/store/index.ts';
import { rolloutAnnotation } from '../../controller/operator/plan/order.ts';
import { openPlanDesk, type PlanDesk } from './plan-desk.ts';

/** An object store that does something before it writes that the first set of a plan is at work. */
function beforeBegin(act: () => Promise<void>, written: () => void): (inner: ObjectStore) => ObjectStore {
  let isDone = false;
  return (inner) => ({
    ...inner,
    updateStatus: async (object) => {
      const { progress } = (object.status ?? {}) as ChangePlanStatus;
      if (!isDone && object.kind === 'ChangePlan' && progress?.includes('a')) {
        isDone = true;
        await act();
        const marked = await inner.updateStatus(object);
        written();
        return marked;
      }
      return inner.updateStatus(object);
    },
  });
}

describe.concurrent('in the moment between the last question and the beginning', () => {
  test('an approval that is taken back counts', async ({ expect, ...t }) => {
    const act = { withdraw: async () => undefined as void };
    const seen = Promise.withResolvers<void>();
    const desk = await openPlanDesk(t, { devices: 2, objects: beforeBegin(() => act.withdraw(), seen.resolve) });
    await desk.follow('Approve');
    desk.prefer(90, 95);
    const plan = await desk.planIn('Proposed');
    act.withdraw = async () => {
      for (const { name } of await desk.store.objects.list('ChangeApproval')) await desk.store.objects.delete('ChangeApproval', name);
      await desk.until('the operator to see it', () => desk.operator.world.approvals.list().length === 0);
    };
    await desk.say(plan);
    await seen.promise;
    await desk.planWhen(plan.name, 'its approval', ({ phase, progress = '' }) => phase === 'Proposed' && !progress.includes('a'));
    expect(await desk.routers.changes()).toEqual([]);
    await desk.agrees();
  }, 300_000);
});

describe.concurrent('while a device is read once more before it is changed', () => {
  const people: readonly { what: string; act: (desk: PlanDesk, plan: string) => Promise<unknown>; waits: string }[] = [
    {
      what: 'an approval that is taken back',
      act: async (desk) => {
        for (const { name } of await desk.store.objects.list('ChangeApproval')) await desk.store.objects.delete('ChangeApproval', name);
        await desk.until('the operator to see it', () => desk.operator.world.approvals.list().length === 0);
      },
      waits: 'Proposed',
    },
    {
      what: 'an order to pause',
      act: async (desk, plan) => {
        await desk.order(plan, 'Pause');
        await desk.until('the operator to see it', () => desk.operator.world.plans.get(plan)?.annotations[rolloutAnnotation]);
      },
      waits: 'Paused',
    },
    {
      what: 'a Fleet that is suspended',
      act: (desk) => desk.setFleet((spec) => ({ ...spec, suspend: true })),
      waits: 'Running',
    },
  ];
  test.for(people)('$what counts: nothing is armed', { timeout: 300_000 }, async ({ act, waits }, { expect, ...t }) => {
    const desk = await openPlanDesk(t, { devices: 2 });
    await desk.follow('Approve');
    desk.prefer(90, 95);
    const plan = await desk.planIn('Proposed');
    const { changes } = desk.store;
    const begin = changes.begin.bind(changes);
    let isDone = false;
    changes.begin = async (record) => {
      const begun = await begin(record);
      if (!isDone) await act(desk, plan.name);
      isDone = true;
      return begun;
    };
    await desk.say(plan);
    await desk.until('the moment', () => isDone);
    await desk.planWhen(plan.name, 'it to wait', ({ phase, progress = '' }) => phase === waits && /^\.*$/.test(progress));
    await desk.until('nothing at work', () => desk.operator.world.atWork.size === 0);
    expect(await desk.routers.changes()).toEqual([]);
    expect(await desk.store.quarantines.list()).toEqual([]);
    await desk.agrees();
  });
});

describe.concurrent('a plan', () => {
  test('goes on one set at a time where the Fleet allows no more', async ({ expect, ...t }) => {
    const desk = await openPlanDesk(t, { devices: 2, fleet: { changes: { atOnce: 1 } } });
    await desk.follow('Enforce');
    desk.prefer(90, 95);
    await desk.planIn('Succeeded');
    expect(await desk.preferences()).toEqual([95, 95]);
    await desk.agrees();
  }, 300_000);

  test('whose text was lost is planned anew, and keeps no other from what it does', async ({ expect, ...t }) => {
    const desk = await openPlanDesk(t, { devices: 2 });
    await desk.follow('Approve');
    desk.prefer(90, 95);
    const plan = await desk.planIn('Proposed');
    await desk.pause();
    await desk.store.objects.deleteArtifact(plan.spec.plan);
    await desk.resume();
    await desk.planWhen(plan.name, 'its end', ({ phase }) => phase === 'Superseded');
    const again = await desk.planIn('Proposed');
    await desk.say(again);
    await desk.planIn('Succeeded');
    expect(await desk.preferences()).toEqual([95, 95]);
  }, 300_000);
});
