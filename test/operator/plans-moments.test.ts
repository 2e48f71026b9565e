import { describe, test } from 'vitest';
import { openPlanDesk } from './plan-desk.ts';

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
