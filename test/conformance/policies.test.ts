import { sample } from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { whyNoLab } from '../engine/frr-lab.ts';
import { disagreements } from '../policy/compare-with-frr.ts';
import { type PolicyLab, startPolicyLab } from '../policy/policy-lab.ts';
import { randomWorld } from '../policy/random-policies.ts';

const reason = whyNoLab();
const policies = 60;
const worlds = Number(process.env['POLICY_WORLDS'] ?? 8);

/** Each world is 60 policies in both directions over some 90 routes: ten thousand answers of a router. */
describe.skipIf(reason !== undefined)(`random policies on a real FRR${reason === undefined ? '' : ` (skipped: ${reason})`}`, () => {
  let lab: PolicyLab;
  beforeAll(async () => {
    lab = await startPolicyLab(policies + 1);
  });
  afterAll(async () => {
    await lab?.stop();
  });

  const drawn = sample(randomWorld(policies, 60), { numRuns: worlds, seed: Number(process.env['POLICY_SEED'] ?? 100) });
  it.each([...drawn.keys()])('world %i: a router takes and sends what the evaluation says', async (index) => {
    const world = drawn[index];
    if (!world) throw new Error('fast-check gave nothing');
    expect(disagreements(world, await lab.show(world))).toEqual([]);
  });
});
