import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, it, onTestFinished, vi } from 'vitest';
import type { ChangePlanStatus, DevicePlan, Effect, Plan, WholeRisk } from '../../api/index.ts';
import { effectDigestOf, idOfPlan, leaderEpoch } from '../../change/index.ts';
import { silentLog, systemClock } from '../../lib/index.ts';
import { openStore, type Store } from '../../store/index.ts';
import { followObjects } from '../object-cache.ts';
import { fleetLabel, type World } from '../world.ts';
import { readFullPlan } from './full-plan.ts';
import { endPlansOf, keepPlan } from './keep-plans.ts';

let store: Store;
let world: World;
beforeEach(async () => {
  const folder = mkdtempSync(join(tmpdir(), 'plumbline-plans-'));
  store = await openStore(folder);
  const stop = new AbortController();
  onTestFinished(() => {
    stop.abort();
    store.close();
    rmSync(folder, { recursive: true });
  });
  await open(stop.signal);
});

async function open(signal: AbortSignal): Promise<void> {
  const plans = (await followObjects(store.objects, 'ChangePlan', signal, () => undefined)).cache;
  const runtime = { objects: store.objects, corridor: { store, clock: systemClock }, notify: () => undefined, log: silentLog };
  const leadership = { epoch: leaderEpoch(store.epoch, await store.epoch.lead()) };
  world = { fleet: 'lab', selector: {}, runtime, plans, leadership, fullPlans: new Map() } as unknown as World;
}

function draft(sets: Plan['sets'], text = 'log syslog'): Plan {
  const devices = sets.flat().map((device): DevicePlan => {
    const command = { path: [], text };
    const same = { platform: 'frr', secretVersions: {}, resets: [], gaps: [], deferred: [], risk: 'low' as const, riskReasons: [] };
    const effect = { device, commands: [command], rollback: [command], ...same } as unknown as Effect;
    return { effect, effectDigest: effectDigestOf(effect) } as DevicePlan;
  });
  return { id: idOfPlan({ devices }), createdAt: '2026-11-20T12:00:00.000Z', revision: 'main@sha1:1', sets, devices };
}
const keep = (plan: Plan) => keepPlan(world, plan, { mode: 'Approve', cause: 'Desired', judgeWhole: () => undefined });
const phases = async () =>
  (await store.objects.list<unknown, ChangePlanStatus>('ChangePlan')).map(({ status }) => status?.phase ?? 'new').toSorted();

it('the same change planned again is the same plan', async () => {
  await keep(draft([['a'], ['b']]));
  await keep(draft([['a'], ['b']]));
  expect(await phases()).toEqual(['new']);
});

it('the same effects that must be carried out together by now are another plan', async () => {
  await keep(draft([['a'], ['b']]));
  await keep(draft([['a', 'b']]));
  expect(await phases()).toEqual(['Superseded', 'new']);
  const [open] = world.plans.list().filter(({ status }) => status?.phase !== 'Superseded');
  expect(open?.spec).toMatchObject({ sets: 1, devices: 2 });
});

it('what the plan risks as a whole is shown, and does not decide whether it is the same plan', async () => {
  const judged = { risk: 'high' as const, riskReasons: ['it changes 201 devices, more than 200'] };
  const judgeWhole = vi.fn<() => WholeRisk>(() => judged);
  await keepPlan(world, draft([['a']]), { mode: 'Approve', cause: 'Desired', judgeWhole });
  await keepPlan(world, draft([['a']]), { mode: 'Approve', cause: 'Desired', judgeWhole: () => undefined });
  const [open, ...others] = world.plans.list();
  expect(others).toEqual([]);
  expect(open?.spec).toMatchObject({ risk: 'high', wholeRisk: judged, groups: [{ risk: 'low' }] });
  expect((open && (await readFullPlan(store.objects, open.spec)))?.wholeRisk).toEqual(judged);
  expect(judgeWhole).toHaveBeenCalledTimes(1);
});

it('plans of a Fleet that was deleted end: those that have begun are stopped', async () => {
  await keep(draft([['a']]));
  const [made] = world.plans.list();
  if (!made) throw new Error('no plan');
  const running = { phase: 'Running', progress: 'c.', conditions: [], failed: [], approvedBy: [] };
  const { status: _new, ...like } = made;
  world.plans.learn((await store.objects.create({ ...like, name: 'plan-begun', status: running })) as never);
  await endPlansOf(world, 'other');
  expect(await phases()).toEqual(['Running', 'new']);
  await endPlansOf(world, 'lab');
  expect(await phases()).toEqual(['Stopped', 'Superseded']);
});

it('of plans that ended, one that a person stopped is kept longer than those that are over', async () => {
  for (let i = 0; i < 201; i++) {
    const phase = i === 0 ? 'Stopped' : 'Superseded';
    const name = `plan-${String(i).padStart(3, '0')}`;
    world.plans.learn(
      (await store.objects.create({
        kind: 'ChangePlan',
        name,
        labels: { [fleetLabel]: 'lab' },
        spec: { plan: name },
        status: { phase },
      })) as never,
    );
  }
  await keep(draft([['a']]));
  expect(
    (await store.objects.list('ChangePlan')).filter(({ name }) => name === 'plan-000' || name === 'plan-001').map(({ name }) => name),
  ).toEqual(['plan-000']);
});
