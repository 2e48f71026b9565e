import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type ObjectStore, openStore } from '../../store/index.ts';
import { annotate } from './requests.ts';

test('what a person asks is written though the operator writes the same object in that moment', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'plumbline-requests-'));
  const store = await openStore(folder);
  try {
    await store.objects.create({ kind: 'Device', name: 'edge1', spec: {} });
    let reads = 0;
    const busy = new Proxy(store.objects, {
      get: (objects, name) => async (kind: string, of: never) => {
        const found = await (objects[name as keyof ObjectStore] as (...words: unknown[]) => Promise<never>).call(objects, kind, of);
        // Between the reading and the writing of whoever asks, twice.
        if (name === 'get' && ++reads <= 2) await objects.updateStatus({ ...(found as object), status: { reads } } as never);
        return found;
      },
    });
    await annotate(busy, 'Device', 'edge1', { 'plumbline.dev/hold': 'x' });
    expect(await store.objects.get('Device', 'edge1')).toMatchObject({ annotations: { 'plumbline.dev/hold': 'x' }, status: { reads: 2 } });
  } finally {
    store.close();
    rmSync(folder, { recursive: true });
  }
});
