import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sample } from 'fast-check';
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

  /** What is wrong after a router with `before` was patched to `after`, against one that was started with it, and after its rollback. */
  async function walk(before: string, after: string): Promise<unknown> {
    await changed.boot(before);
    await started.boot(after);
    const live = read(await changed.read());
    const wanted = read(await started.read());
    const { commands, rollback, proof } = planPatch(live, read(after), frr, { scope: 'all' });
    const said = await changed.apply(printCommands(commands, frr));
    const wrong = diffText(read(await changed.read()), wanted, frr);
    await changed.apply(printCommands(rollback, frr));
    const left = diffText(read(await changed.read()), live, frr);
    return { wrong: wrong && `${wrong}${said}`, left, forward: proof.forward, rollback: proof.rollback };
  }
  const allRight = { wrong: '', left: '', forward: true, rollback: true };

  const golden = join(import.meta.dirname, '../../controller/config/golden/frr');
  it.each(readdirSync(golden))('a router is led through %s and back', async (name) => {
    const [before = '', after = ''] = ['live.conf', 'intended.conf'].map((file) => readFileSync(join(golden, name, file), 'utf8'));
    expect(await walk(before, after)).toEqual(allRight);
  });

  it('arrives from one random configuration at another, and comes back', async () => {
    const secret = /<secret:[^>]*>/g;
    const texts = sample(frrConfigs, { numRuns: 6, seed: 7 }).map((text) => text.replaceAll(secret, 'opensesame'));
    for (const [i, after] of texts.entries()) expect(await walk(texts[i - 1] ?? '', after)).toEqual(allRight);
  });

  it('prints what we call canonical', async () => {
    for (const text of sample(frrConfigs, { numRuns: 5, seed: 11 })) {
      const written = text.replaceAll(/<secret:[^>]*>/g, 'opensesame');
      await started.boot(written);
      expect(diffText(read(await started.read()), read(written), frr)).toBe('');
    }
  });
});
