import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dialectFor, diffText, parse, planPatch, printCommands, type Tree } from '../../controller/config/index.ts';
import { frrConfigs } from './frr-configs.ts';
import { type Lab, startLab, whyNoLab } from './frr-lab.ts';

const frr = dialectFor('frr');
const reason = whyNoLab();
const daemons = ['zebra', 'staticd', 'bgpd', 'ospfd', 'isisd', 'bfdd'];

/** What a router says is read without its host name, which is the machine's. */
function read(text: string): Tree {
  return parse(text.replace(/^hostname .*$/m, ''), frr);
}

describe.skipIf(reason !== undefined)(`on a real FRR${reason === undefined ? '' : ` (skipped: ${reason})`}`, { timeout: 120_000 }, () => {
  let changed: Lab;
  let started: Lab;
  beforeAll(async () => {
    changed = await startLab('changed', daemons);
    started = await startLab('started', daemons);
  });
  afterAll(async () => {
    await changed?.stop();
    await started?.stop();
  });

  /** A router with `before` is patched to `after`, compared with a router that was started with it, and rolled back. */
  async function walk(before: string, after: string): Promise<void> {
    await changed.boot(before);
    await started.boot(after);
    const live = read(await changed.read());
    const wanted = read(await started.read());
    const patch = planPatch(live, read(after), frr, { scope: 'all' });
    const said = await changed.apply(printCommands(patch.commands, frr));
    expect(diffText(read(await changed.read()), wanted, frr), said).toBe('');
    await changed.apply(printCommands(patch.rollback, frr));
    expect(diffText(read(await changed.read()), live, frr)).toBe('');
    expect(patch.proof).toMatchObject({ forward: true, rollback: true });
  }

  const golden = join(import.meta.dirname, '../../controller/config/golden/frr');
  it.each(readdirSync(golden))('a router is led through %s and back', async (name) => {
    const [before = '', after = ''] = ['live.conf', 'intended.conf'].map((file) => readFileSync(join(golden, name, file), 'utf8'));
    await walk(before, after);
  });

  it('arrives from one random configuration at another, and comes back', async () => {
    const secret = /<secret:[^>]*>/g;
    const texts = fc.sample(frrConfigs, { numRuns: 6, seed: 7 }).map((text) => text.replaceAll(secret, 'opensesame'));
    for (const [i, after] of texts.entries()) await walk(texts[i - 1] ?? '', after);
  });

  it('prints what we call canonical', async () => {
    for (const text of fc.sample(frrConfigs, { numRuns: 5, seed: 11 })) {
      const written = text.replaceAll(/<secret:[^>]*>/g, 'opensesame');
      await started.boot(written);
      expect(diffText(read(await started.read()), read(written), frr)).toBe('');
    }
  });
});
