import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { ObjectStore } from '../contract.ts';
import { errors } from '../errors.ts';
import { openStore, type Store } from '../open.ts';
import { openRecords, type Records } from './records.ts';

let folder: string;
let store: Store;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'plumb-outrun-'));
  store = await openStore(folder);
});
afterEach(() => {
  store.close();
  rmSync(folder, { recursive: true, force: true });
});

/** As behind an admission that calls every write a conflict. */
function refusing(): { records: Records; tries: () => number } {
  let tries = 0;
  const refuse = async ({ kind, name }: { kind: string; name: string }) => {
    tries++;
    throw errors.Conflict({ kind, name });
  };
  const objects = new Proxy(store.objects, {
    get: (target, name: keyof ObjectStore) =>
      name === 'create' || name === 'update' ? refuse : (target[name] as () => unknown).bind(target),
  });
  return { records: openRecords(objects), tries: () => tries };
}

const at = '2026-11-21T10:00:00.000Z';

it.each<[what: string, write: (records: Records) => Promise<unknown>]>([
  ['the epoch', ({ epoch }) => epoch.lead()],
  ['a pin', ({ pins }) => pins.put({ device: 'edge1', plan: 'plan-1', by: 'mona', reason: 'it flaps', at })],
  [
    'a place in a budget',
    ({ grants }) =>
      grants.take(
        { holder: 'plan-1/0', region: '', epoch: 1 },
        [{ group: 'site=fra', max: 1, devices: ['edge1'], unavailable: [] }],
        new Date(at),
      ),
  ],
])('%s that everybody calls a conflict is given up with that word, and is no endless question', async (_what, write) => {
  const { records, tries } = refusing();
  await expect(write(records)).rejects.toMatchObject({ code: 'Conflict' });
  expect(tries()).toBe(100);
});

it('an epoch that cannot be moved says so', async () => {
  expect(await refusing().records.epoch.replace(0, 1)).toBe(false);
});
