import { expect, test } from 'vitest';
import { readFullPlan } from '../../controller/operator/plan/full-plan.ts';
import { openPlanDesk } from './plan-desk.ts';

test('a plan says what it withdraws from whom, people see it, and it goes on when a part of it is done', async (given) => {
  const desk = await openPlanDesk(given);
  await desk.follow('Approve', { canary: 1, bakeSeconds: 0 });
  desk.commit({ 'policies.yaml': desk.edited('policies.yaml', '"prefix": "198.18.0.0/15"', '"prefix": "198.18.0.0/22"') });
  const plan = await desk.planIn('Proposed');
  const lost = (i: number) =>
    `it withdraws 198.18.4.0/24, 198.18.5.0/24, 198.18.6.0/24, 198.18.7.0/24, 198.18.8.0/24 and 1 more from transit-of-r0000${i} at r0000${i}`;
  const reasons = Object.fromEntries(plan.spec.groups.map(({ examples: [device = ''], riskReasons: [first] }) => [device, first]));
  expect(reasons).toEqual({ r00000: lost(0), r00001: lost(1) });
  expect(plan.spec.risk).toBe('medium');
  const full = await readFullPlan(desk.store.objects, plan.spec);
  expect(full?.routing?.neighbors.map(({ device, withdrawn }) => [device, withdrawn.count])).toEqual([
    ['r00000', 6],
    ['r00001', 6],
  ]);
  const { stdout } = await desk.plumb('plan', 'show', plan.name, '-o', 'markdown');
  expect(stdout).toContain('**withdrawn** | 198.18.4.0/24');
  await desk.say(plan);
  const done = await desk.planIn('Succeeded');
  expect(done).toMatchObject({ name: plan.name, status: { progress: 'cc' } });
  await desk.agrees();
}, 240_000);
