import { sample } from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { whyNoLab } from '../engine/frr-lab.ts';
import { disagreements } from './compare-with-frr.ts';
import { type PolicyLab, startPolicyLab } from './policy-lab.ts';
import { randomWorld } from './random-policies.ts';

const reason = whyNoLab();
const policies = 24;

/** Forty policies and more than one world: `make conformance`. */
describe.skipIf(reason !== undefined)(
  `policies on a real FRR${reason === undefined ? '' : ` (skipped: ${reason})`}`,
  { timeout: 120_000 },
  () => {
    let lab: PolicyLab;
    beforeAll(async () => {
      lab = await startPolicyLab(policies + 1);
    });
    afterAll(async () => {
      await lab?.stop();
    });

    it('a router takes and sends what the evaluation says', async () => {
      const [world] = sample(randomWorld(policies, 40), { numRuns: 1, seed: 5 });
      if (!world) throw new Error('fast-check gave nothing');
      expect(disagreements(world, await lab.show(world))).toEqual([]);
    });
  },
);
