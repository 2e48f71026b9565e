import { expect, it } from 'vitest';
import { whyNot } from '../lab/frr.ts';
import { walkOverRealRouters } from '../operator/walk.ts';

const missing = whyNot();
if (missing !== undefined) process.stderr.write(`skipped, no real routers: the walk over eight routers: ${missing}\n`);
const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 1e9));

// Two hundred rounds: make soak.
it.skipIf(missing !== undefined)(
  'twenty rounds over eight real routers: what may not happen does not, and all of it comes to an end',
  async () => {
    process.stdout.write(`seed ${seed}\n`);
    const walked = await walkOverRealRouters({ rounds: 20, seed, limitMs: 150_000, say: (line) => process.stdout.write(`${line}\n`) });
    process.stdout.write(`${JSON.stringify(walked)}\n`);
    expect(walked.ends['Confirmed']).toBeGreaterThan(0);
  },
);
