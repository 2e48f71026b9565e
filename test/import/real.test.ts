import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sample } from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dialectFor, diffText, parse, parseIntended, planPatch, printCommands } from '../../controller/config/index.ts';
import { loadSource } from '../../controller/desired/index.ts';
import { importDevices } from '../../controller/import/index.ts';
import { systemClock } from '../../controller/lib/index.ts';
import { prepareDevices } from '../../controller/pipeline/index.ts';
import { memorySource } from '../builders/memory-source.ts';
import { frrConfigs } from '../engine/frr-configs.ts';
import { type Lab, startLab, whyNoLab } from '../engine/frr-lab.ts';

const frr = dialectFor('frr');
const reason = whyNoLab();

/** What Git makes of the import of a running configuration. */
async function rendered(text: string): Promise<string> {
  const { files } = await importDevices({ originals: [{ device: 'router', from: 'router', platform: 'frr', text }], words: new Map() });
  const state = await loadSource(memorySource(Object.fromEntries(files)), systemClock);
  const { devices } = await prepareDevices(state, ['router'], undefined);
  return (devices[0]?.ready?.rendered.text ?? '').replace(/<secret:\S+>/g, 'opensesame');
}

describe.skipIf(reason !== undefined)(`on a real FRR${reason === undefined ? '' : ` (skipped: ${reason})`}`, { timeout: 180_000 }, () => {
  let lab: Lab;
  let other: Lab;
  beforeAll(async () => {
    lab = await startLab('import', ['zebra', 'staticd', 'bgpd', 'ospfd', 'isisd', 'bfdd']);
    other = await startLab('imported', ['zebra', 'staticd', 'bgpd', 'ospfd', 'isisd', 'bfdd']);
  });
  afterAll(async () => {
    await lab?.stop();
    await other?.stop();
  });

  const folder = join(import.meta.dirname, 'cases');
  it.each([
    { name: 'policies of every kind', text: () => readFileSync(join(folder, 'policies-of-every-kind/edge.conf'), 'utf8') },
    { name: 'two sessions and an interface', text: () => readFileSync(join(folder, 'two-routers/r1.conf'), 'utf8') },
    { name: 'peer groups, unnumbered neighbors, a VRF', text: () => readFileSync(join(folder, 'nothing-fits/leaf.conf'), 'utf8') },
    ...sample(frrConfigs, { numRuns: 3, seed: 5 }).map((text, i) => ({
      name: `a random configuration, ${i + 1}`,
      text: () => text.replace(/<secret:[^>]*>/g, 'opensesame'),
    })),
  ])('what runs is imported without drift, and a second router takes it: $name', async ({ text }) => {
    await lab.boot(text());
    const running = await lab.read();
    const git = await rendered(running);
    expect(diffText(parse(running, frr), parseIntended(git, frr).tree, frr)).toBe('');

    // A router that is given what Git says runs the same.
    await other.boot('');
    const { commands } = planPatch(parse(await other.read(), frr), parseIntended(git, frr).tree, frr, { scope: 'all' });
    await other.apply(printCommands(commands, frr));
    expect(diffText(parse(await other.read(), frr), parse(running, frr), frr)).toBe('');
  });
});
