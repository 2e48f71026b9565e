import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import type { ChangePlanStatus, Plan } from '../../api/index.ts';
import { leaderEpoch } from '../../change/index.ts';
import { systemClock } from '../../lib/index.ts';
import { openStore, type Store } from '../../store/index.ts';
import { followObjects } from '../object-cache.ts';
import { fleetLabel, type World } from '../world.ts';
import type { ChangePlanObject } from './full-plan.ts';
import { endLost } from './keep-plans.ts';
import { settleFailed } from './settle-failed.ts';
import { writePlan } from './write-plan.ts';

/** A leader with a handle of its own on the store of all. */
interface Leader {
  world: World;
  plan: () => ChangePlanObject;
}

describe('where a plan stands', () => {
  let folder: string;
  let store: Store;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'plumbline-plans-'));
    store = await openStore(folder);
    await store.objects.create({ kind: 'ChangePlan', name: 'plan-1', spec: {}, status: { progress: 'a..', phase: 'Running' } });
    onTestFinished(() => {
      store.close();
      rmSync(folder, { recursive: true });
    });
  });

  async function elect(): Promise<Leader> {
    const stop = new AbortController();
    onTestFinished(() => stop.abort());
    const leadership = { epoch: leaderEpoch(store.epoch, await store.epoch.lead()) };
    const plans = (await followObjects(store.objects, 'ChangePlan', stop.signal, () => undefined)).cache;
    const corridor = { store, clock: systemClock };
    const fullPlans = new Map([['plan-1', { sets: [['a'], ['b'], ['c']] }]]);
    const runtime = { objects: store.objects, corridor };
    const world = { fleet: 'lab', selector: {}, runtime, plans, leadership, fullPlans, atWork: new Map() } as unknown as World;
    return { world, plan: () => world.plans.get('plan-1') as ChangePlanObject };
  }
  const status = (plan: ChangePlanObject, progress: string) => ({ ...plan.status, progress }) as ChangePlanStatus;
  const stored = async () => (await store.objects.get<unknown, ChangePlanStatus>('ChangePlan', 'plan-1'))?.status?.progress;

  it('is written, and known at once', async () => {
    const { world, plan } = await elect();
    expect(await writePlan(world, plan(), status(plan(), 'c..'))).toMatchObject({ status: { progress: 'c..' } });
    expect([plan().status?.progress, await stored()]).toEqual(['c..', 'c..']);
  });

  it('is not written over what somebody else wrote since it was decided, which is known then', async () => {
    const { world, plan } = await elect();
    const seen = plan();
    await store.objects.updateStatus({ ...seen, status: status(seen, 'ca.') });
    expect(await writePlan(world, seen, status(seen, 'c..'))).toBeUndefined();
    expect([plan().status?.progress, await stored()]).toEqual(['ca.', 'ca.']);
  });

  it('is not written by a leader that was replaced, also when its successor has written nothing yet', async () => {
    const { world, plan } = await elect();
    await elect();
    await expect(writePlan(world, plan(), status(plan(), 'c..'))).rejects.toMatchObject({ code: 'StaleEpoch' });
    expect(await stored()).toBe('a..');
  });

  it('asks nobody while it stands already', async () => {
    const { world, plan } = await elect();
    await elect();
    expect(await writePlan(world, plan(), status(plan(), 'a..'))).toMatchObject({ name: 'plan-1' });
  });

  it('of a plan that is gone is not written', async () => {
    const { world, plan } = await elect();
    const seen = plan();
    await store.objects.delete('ChangePlan', 'plan-1');
    expect(await writePlan(world, seen, status(seen, 'c..'))).toBeUndefined();
    expect(world.plans.get('plan-1')).toBeUndefined();
  });

  it('is not ended by a leader that was replaced, whatever its successor has made of it', async () => {
    const { world, plan } = await elect();
    const seen = plan();
    await elect();
    await store.objects.updateStatus({ ...seen, status: status(seen, 'ca.') });
    await expect(endLost(world, seen)).rejects.toMatchObject({ code: 'StaleEpoch' });
    expect(await store.objects.get('ChangePlan', 'plan-1')).toMatchObject({ status: { phase: 'Running', progress: 'ca.' } });
  });

  it('is told of a plan that ended, too, when it comes to be known how its last set did', async () => {
    const failed = { progress: 'u..', phase: 'Failed', failed: ['a'], conditions: [] };
    const { uid } = await store.objects.create({
      kind: 'ChangePlan',
      name: 'plan-2',
      labels: { [fleetLabel]: 'lab' },
      spec: {},
      status: failed,
    });
    const { world } = await elect();
    world.fullPlans.set('plan-2', world.fullPlans.get('plan-1') as Plan);
    const progress = async () => {
      await settleFailed(
        Object.assign(world, { judgements: new Map(), devices: new Map([['a', {}]]), drifts: new Map(), drained: new Map() }),
      );
      return (await store.objects.get<unknown, ChangePlanStatus>('ChangePlan', 'plan-2'))?.status?.progress;
    };
    expect(await progress()).toBe('u..');
    const cause = { plan: 'plan-2', uid, set: 0, way: 'forward' as const };
    const ended = { state: 'RolledBack' as const, startedAt: '2026-11-20T12:00:00Z', endedAt: '2026-11-20T12:09:00Z' };
    const record = { token: 't', planId: 'p', revision: 'r', devices: ['a'], epoch: 1, deadlineMs: 1, owner: 'o', cause, ...ended };
    await store.changes.begin(record);
    expect(await progress()).toBe('r..');
  });
});
