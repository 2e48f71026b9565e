import { asyncProperty, assert } from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dialectFor, diffText, parse, parseDocument } from '../../controller/config/index.ts';
import { loadSource } from '../../controller/desired/index.ts';
import { importDevices } from '../../controller/import/index.ts';
import { systemClock } from '../../controller/lib/index.ts';
import { prepareDevices } from '../../controller/pipeline/index.ts';
import { memorySource } from '../builders/memory-source.ts';
import { configOf } from '../engine/kea/configs.ts';
import { type Scratch, startScratch, whyNoScratch } from '../engine/kea/scratch.ts';

const reason = whyNoScratch();

describe.skipIf(reason !== undefined).each([4, 6] as const)(`a real kea-dhcp%i${reason ?? ''}`, { timeout: 240_000 }, (family) => {
  const root = `Dhcp${family}`;
  const dialect = dialectFor(`kea-dhcp${family}`);
  let scratch: Scratch;
  beforeAll(async () => void (scratch = await startScratch(family)));
  afterAll(() => scratch?.stop());

  it('is imported as it answers config-get, with no difference, and nothing of what it does anyway', async () => {
    await assert(
      asyncProperty(configOf(family), async (config) => {
        const set = await scratch.ask('config-set', { [root]: { ...scratch.base, ...config } });
        expect(set).toMatchObject({ result: 0 });
        const got = await scratch.ask('config-get');
        const text = JSON.stringify(got);
        const originals = [{ device: 'dhcp1', from: 'live', platform: `kea-dhcp${family}`, text, version: '2.2.0' }];
        const { files } = await importDevices({ originals, words: new Map() });
        const state = await loadSource(memorySource(Object.fromEntries(files)), systemClock);
        const { devices } = await prepareDevices(state, ['dhcp1'], undefined);
        const live = parseDocument(got.arguments, dialect);
        expect(live.version).toBe('2.2.0');
        expect(diffText(live, parse(devices[0]?.ready?.rendered.text ?? '', dialect, { version: '2.2.0' }), dialect)).toBe('');
        for (const written of files.values()) expect(written).not.toMatch(/parked-packet-limit|statistic-default-sample-age/);
      }),
      { numRuns: 8 },
    );
  });
});
