import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Pin } from '../../api/index.ts';
import type { ObjectStore } from '../contract.ts';
import { openStore, type Store } from '../open.ts';
import { openPins } from './pins.ts';

let folder: string;
let store: Store;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'plumb-pins-'));
  store = await openStore(folder);
});
afterEach(() => {
  store.close();
  rmSync(folder, { recursive: true, force: true });
});

const pin = (plan: string, at = '2026-11-21T10:00:00.000Z'): Pin => ({ device: 'edge1', plan, by: 'mona', reason: 'it flaps', at });

/** The store of a process that is outrun: `first` happens right before its first write of this way. */
function outrun(way: 'create' | 'update' | 'delete', first: () => Promise<unknown>): ObjectStore {
  let isFirst = true;
  return new Proxy(store.objects, {
    get: (target, name: keyof ObjectStore) => {
      const own = (target[name] as (...given: unknown[]) => unknown).bind(target);
      if (name !== way) return own;
      return async (...given: unknown[]) => {
        if (isFirst) await first();
        isFirst = false;
        return own(...given);
      };
    },
  });
}

describe('a device that a person takes back', () => {
  it('is pinned, and pinned anew when that is done again', async () => {
    await store.pins.put(pin('plan-1'));
    await store.pins.put(pin('plan-2'));
    expect(await store.pins.list()).toEqual([pin('plan-2')]);
  });

  it.each([
    ['pinned it too', 'create', () => store.pins.put(pin('plan-1'))],
    ['lets the pin of before go, since Git agreed with that', 'update', () => store.pins.remove(pin('plan-1'))],
    ['pinned it anew too', 'update', () => store.pins.put(pin('plan-3'))],
  ] as const)('is pinned also when another process in that moment %s', async (_what, way, first) => {
    if (way === 'update') await store.pins.put(pin('plan-1'));
    await openPins(outrun(way, first)).put(pin('plan-2'));
    expect(await store.pins.list()).toEqual([pin('plan-2')]);
  });
});

describe('a pin that ends', () => {
  it('is gone, and ending it twice is ending it once', async () => {
    await store.pins.put(pin('plan-1'));
    expect([await store.pins.remove(pin('plan-1')), await store.pins.remove(pin('plan-1'))]).toEqual([true, true]);
    expect(await store.pins.list()).toEqual([]);
  });

  it('leaves the one that came in its place, of another plan or another day', async () => {
    for (const next of [pin('plan-2'), pin('plan-1', '2026-11-22T10:00:00.000Z')]) {
      await store.pins.put(next);
      expect(await store.pins.remove(pin('plan-1'))).toBe(false);
      expect(await store.pins.list()).toEqual([next]);
    }
  });

  it('leaves the one that comes in its place in that moment', async () => {
    await store.pins.put(pin('plan-1'));
    expect(await openPins(outrun('delete', () => store.pins.put(pin('plan-2')))).remove(pin('plan-1'))).toBe(false);
    expect(await store.pins.list()).toEqual([pin('plan-2')]);
  });
});
