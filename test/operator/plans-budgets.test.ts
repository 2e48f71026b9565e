import { describe, test } from 'vitest';
import { findCondition } from '../../controller/api/index.ts';
import { loopbackOf } from '../simulator/desired-state.ts';
import type { Fault } from '../simulator/faults.ts';
import { deviceFile, openPlanDesk, type PlanDesk } from './plan-desk.ts';

const slow = { timeout: 300_000 };

/** Enforced routers; the first two are redundant to each other. */
async function withPair(t: Parameters<typeof openPlanDesk>[0], devices = 4): Promise<PlanDesk> {
  const desk = await openPlanDesk(t, { devices });
  const spec = '"platform": "frr"';
  const member = (name: string) => ({ [deviceFile(name)]: desk.edited(deviceFile(name), spec, `${spec}, "redundancyGroups": ["pair"]`) });
  desk.commit({ ...member('r00000'), ...member('r00001') });
  await desk.follow('Enforce', { canary: 0, bakeSeconds: 0 });
  return desk;
}

/** From the moment a router was armed to the one in which its change was saved, for each change. */
async function spansOf(desk: PlanDesk): Promise<Map<string, [fromMs: number, toMs: number]>> {
  const spans = new Map<string, [number, number]>();
  for (const { router, step, atMs } of await desk.routers.changes()) {
    if (step === 'armed') spans.set(router, [atMs, Infinity]);
    if (step === 'persisted') spans.set(router, [spans.get(router)?.[0] ?? NaN, atMs]);
  }
  return spans;
}

describe.concurrent('two routers of one redundancy group', () => {
  test('are never changed at the same time, whatever the rollout allows; others are', async ({ expect, ...t }) => {
    const desk = await withPair(t);
    desk.prefer(90, 95);
    const { spec } = await desk.planIn('Succeeded');
    expect(spec.wholeRisk).toEqual({ risk: 'medium', riskReasons: [expect.stringContaining('pair (r00000, r00001 changed)')] });
    const spans = await spansOf(desk);
    const overlap = (a: string, b: string) => {
      const [[fromA, toA], [fromB, toB]] = [spans.get(a) ?? [NaN, NaN], spans.get(b) ?? [NaN, NaN]];
      return fromA < toB && fromB < toA;
    };
    expect(overlap('r00000', 'r00001')).toBe(false);
    expect(await desk.preferences()).toEqual([95, 95, 95, 95]);
    await desk.agrees();
  }, 300_000);

  const waits = async (desk: PlanDesk) => {
    desk.prefer(90, 95);
    const { name } = await desk.planIn('Waiting');
    return desk.planWhen(name, 'the budget', ({ conditions }) => findCondition(conditions, 'Ready')?.reason === 'BudgetExhausted');
  };

  const faults: readonly { fault: Fault; words: string }[] = [
    { fault: { kind: 'down' }, words: 'cannot be reached' },
    { fault: { kind: 'half-read' }, words: 'cannot be read whole' },
  ];
  test.for(faults)('wait for each other: none is changed while the other $words', slow, async ({ fault }, { expect, ...t }) => {
    const desk = await withPair(t, 2);
    await desk.routers.setFault('r00001', fault);
    await desk.look('r00001');
    const waiting = await waits(desk);
    expect(findCondition(waiting.status?.conditions, 'Ready')?.message).toContain('r00001');
    expect(waiting.spec).toMatchObject({ risk: 'high', wholeRisk: { risk: 'high' } });
    expect(await desk.routers.changes()).toEqual([]);
    await desk.routers.setFault('r00001');
    await desk.look('r00001');
    await desk.until('both', async () => (await desk.preferences()).every((each) => each === 95));
    await desk.planIn('Succeeded', ({ spec }) => spec.revision === waiting.spec.revision);
    await desk.until('nothing at work', () => desk.operator.world.atWork.size === 0);
    await desk.agrees();
  });

  test('are taken back one after the other', async ({ expect, ...t }) => {
    const desk = await withPair(t, 3);
    await desk.follow('Enforce', { canary: 0, bakeSeconds: 0, waves: [60, 100], atOnce: 3, onFailure: 'RollBack' });
    await desk.routers.setFault('r00002', { kind: 'rejects', words: 'local-preference 95', message: '% Unknown command' });
    desk.prefer(90, 95);
    expect((await desk.planIn('Failed')).status?.progress).toBe('ttr');
    const [first, second] = (await desk.routers.changes())
      .filter(({ router, step }) => router !== 'r00002' && (step === 'armed' || step === 'persisted'))
      .slice(-4)
      .map(({ router, step }) => `${router} ${step}`)
      .join(' ')
      .split(' persisted ');
    expect([first, second]).toEqual(['r00001 armed r00001', 'r00000 armed r00000 persisted']);
    await desk.agrees();
  }, 300_000);

  test('wait for the sessions of the other: without one it carries no traffic', async ({ expect, ...t }) => {
    const desk = await withPair(t, 2);
    for (const neighbor of ['172.16.0.4', '172.16.0.6', loopbackOf(0)]) await desk.routers.setSession('r00001', neighbor, 'Active');
    await desk.look('r00001');
    desk.prefer(90, 95);
    // It is unavailable as it is: its own change takes nobody's place.
    await desk.planIn('Running', ({ status }) => status?.progress === '.c');
    await desk.deviceReady('r00000', 'BudgetExhausted');
    expect(await desk.preferenceOf('r00000')).toBe(90);
  }, 300_000);

  test('wait while a person has drained the other by hand', async ({ expect, ...t }) => {
    const desk = await withPair(t, 2);
    await desk.routers.edit('r00001', ['router bgp 64500', ' bgp graceful-shutdown'], 'mona');
    await desk.look('r00001');
    desk.prefer(90, 95);
    await desk.deviceReady('r00000', 'BudgetExhausted');
    expect(await desk.routers.changes()).toEqual([]);
  }, 300_000);

  test('wait while a person holds the other', async ({ expect, ...t }) => {
    const desk = await withPair(t, 2);
    expect((await desk.plumb('hold', 'r00001', '--reason', 'fibre work')).code).toBe(0);
    await desk.until('the hold', async () => (await desk.device('r00001'))?.status?.held?.where === 'Object');
    desk.prefer(90, 95);
    await desk.deviceReady('r00000', 'BudgetExhausted');
    expect(await desk.routers.changes()).toEqual([]);
  }, 300_000);
});
