import { asyncProperty, assert, tuple } from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dialectFor, diffText, editJson, type JsonMap, parse, parseDocument, planPatch } from '../../../controller/config/index.ts';
import { configOf } from './configs.ts';
import { type Scratch, startScratch, whyNoScratch } from './scratch.ts';

const reason = whyNoScratch();
const skipped = reason === undefined ? '' : ` (skipped: ${reason})`;

describe.skipIf(reason !== undefined).each([4, 6] as const)(`a real kea-dhcp%i${skipped}`, { timeout: 120_000 }, (family) => {
  const dialect = dialectFor(`kea-dhcp${family}`);
  const root = `Dhcp${family}`;
  let scratch: Scratch;
  beforeAll(async () => void (scratch = await startScratch(family)));
  afterAll(() => scratch?.stop());

  /** What the server makes of it; a configuration that it refuses is a mistake of the test. */
  async function givenBack(config: JsonMap): Promise<JsonMap> {
    const set = await scratch.ask('config-set', { [root]: { ...scratch.base, ...config } });
    if (set.result !== 0) throw new Error(`${set.text}: ${JSON.stringify(config)}`);
    const got = await scratch.ask('config-get');
    return got.arguments as JsonMap;
  }

  it('gives back what it was given, in its own words: no difference', async () => {
    await assert(
      asyncProperty(configOf(family), async (config) => {
        const live = parseDocument(await givenBack(config), dialect);
        const want = parse(JSON.stringify({ [root]: { ...scratch.base, ...config } }), dialect, { version: live.version, like: live });
        expect(live.version).toBe('2.2.0');
        expect(diffText(live, want, dialect)).toBe('');
      }),
      { numRuns: 30 },
    );
  });

  it('takes the JSON that a plan makes of its own, and is then what was meant', async () => {
    await assert(
      asyncProperty(tuple(configOf(family), configOf(family)), async ([one, other]) => {
        const raw = await givenBack(one);
        const live = parseDocument(raw, dialect);
        const want = parseDocument({ [root]: { ...scratch.base, ...other } }, dialect, { version: live.version });
        const { commands } = planPatch(live, want, dialect, { scope: 'all' });
        const set = await scratch.ask(
          'config-set',
          editJson(raw, commands, dialect, () => undefined),
        );
        expect(set).toMatchObject({ result: 0 });
        const now = parseDocument((await scratch.ask('config-get')).arguments, dialect);
        expect(diffText(now, want, dialect)).toBe('');
      }),
      { numRuns: 20 },
    );
  });
});
