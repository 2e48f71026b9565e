import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { ViteUserConfig } from 'vitest/config';
import { SlowestFirst } from './slowest-first.ts';

/** What `make test` and `make conformance` have in common. */
export const options = {
  setupFiles: ['test/seed.ts'],
  pool: 'forks',
  // Half of their time they wait: for routers, for timers, for what they started. With two for each core the cores are busy and timers still keep.
  maxWorkers: Math.min(8, 2 * availableParallelism()),
  sequence: { sequencer: SlowestFirst },
  // Every `plumb` that a test starts would strip and compile some eight hundred files anew: that is half of its processor time.
  env: { NODE_COMPILE_CACHE: join(import.meta.dirname, '../.cache/compiled') },
  // Real daemons on a shared machine: once more before a machine's hiccup counts as a failure. People see it the first time.
  // A property that failed has a counterexample: another seed would only hide it.
  retry: { count: process.env['CI'] ? 1 : 0, condition: /^(?!Property failed)/ },
} satisfies ViteUserConfig['test'];
