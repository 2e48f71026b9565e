import { expect, test } from 'vitest';
import { openPlanDesk } from './plan-desk.ts';

test('operators of two regions both write: the one that was elected later does not take the leadership of the other', async (t) => {
  const desk = await openPlanDesk(t, { devices: 4, selector: { role: 'core' } });
  const edge = await desk.another({ selector: { role: 'edge' } });
  // A commit tells the first operator of the desk; this one looks by itself.
  const looking = setInterval(() => edge.hint(), 500);
  t.onTestFinished(() => clearInterval(looking));
  await desk.until('the edge to be judged', () => ['r00002', 'r00003'].every((name) => edge.world.lastJudged.has(name)));
  await desk.follow('Enforce');
  desk.prefer(90, 95);
  await desk.until('every router to be changed', async () => (await desk.preferences()).every((each) => each === 95));
  await desk.until('two plans to end', async () => (await desk.plans()).every(({ status }) => status?.phase === 'Succeeded'));
  expect((await desk.plans()).map(({ spec }) => spec.devices)).toEqual([2, 2]);
  await desk.agrees();
}, 120_000);
