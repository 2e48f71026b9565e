import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import type { ChangePlanStatus } from '../../api/index.ts';
import { leaderEpoch } from '../../change/index.ts';
import { openStore, type Store } from '../../store/index.ts';
import { followObjects } from '../object-cache.ts';
import type { World } from '../world.ts';
import type { ChangePlanObject } from './full-plan.ts';
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
    const world = { runtime: { objects: store.objects }, plans, leadership } as unknown as World;
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
});
