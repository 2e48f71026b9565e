import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DevicePlan, Plan } from '../../api/index.ts';
import { openStore, type Store } from '../open.ts';

let folder: string;
let store: Store;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'plumb-plans-'));
  store = await openStore(folder);
});
afterEach(() => {
  store.close();
  rmSync(folder, { recursive: true, force: true });
});

const plan = (given: Partial<Plan> = {}): Plan => ({
  id: 'plan-1',
  createdAt: '2026-11-20T12:00:00.000Z',
  revision: 'main@sha1:1',
  sets: [['a']],
  devices: [{ effect: { device: 'a' } } as DevicePlan],
  ...given,
});

describe('a plan that is planned again', () => {
  it('writes nothing when only the time is another', async () => {
    await store.plans.put(plan());
    const before = await store.objects.list('Plan');
    await store.plans.put(plan({ createdAt: '2026-11-20T13:00:00.000Z' }));
    expect(await store.objects.list('Plan')).toEqual(before);
  });

  it('does not replace the one that an open change goes by, until that change ends', async () => {
    await store.plans.put(plan());
    const begun = await store.changes.begin({
      token: 'plan-1-a',
      planId: 'plan-1',
      revision: 'main@sha1:1',
      devices: ['a'],
      epoch: 1,
      deadlineMs: 120_000,
      state: 'Applying',
      owner: 'host/boot/1/1',
      startedAt: '2026-11-20T12:00:00.000Z',
    });
    await store.plans.put(plan({ revision: 'main@sha1:2' }));
    expect((await store.plans.get('plan-1'))?.revision).toBe('main@sha1:1');
    await store.changes.advance(begun, { ...begun.record, state: 'Confirmed', endedAt: '2026-11-20T12:01:00.000Z' });
    await store.plans.put(plan({ revision: 'main@sha1:2' }));
    expect((await store.plans.get('plan-1'))?.revision).toBe('main@sha1:2');
  });
});

describe('a plan whose text was lost', () => {
  it.each(['inline', 'artifact'])('is not there, and is put again (%s)', async (where) => {
    const filler = where === 'inline' ? '' : randomBytes(60_000).toString('base64');
    const given = plan({ devices: [{ effect: { device: 'a' }, filler } as unknown as DevicePlan] });
    await store.plans.put(given);
    const [stored] = await store.objects.list<{ artifact: string; inline?: string }>('Plan');
    if (where === 'artifact') await store.objects.deleteArtifact(stored!.spec.artifact);
    else await store.objects.update({ ...stored!, spec: { ...stored!.spec, inline: 'H4sI' } });
    expect(await store.plans.get('plan-1')).toBeUndefined();
    await store.plans.put(given);
    expect(await store.plans.get('plan-1')).toEqual(given);
  });
});
