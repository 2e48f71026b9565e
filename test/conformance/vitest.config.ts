import { defineConfig } from 'vitest/config';

/** Tests that need minutes, and those on a real API server: `make conformance`. */
export default defineConfig({
  test: {
    include: ['conformance', 'chart', 'kube', 'operator/kube'].map((folder) => `test/${folder}/**/*.test.ts`),
    globalSetup: ['test/lab/kube/global-setup.ts', 'test/chart/global-setup.ts'],
    testTimeout: 900_000,
    hookTimeout: 300_000,
    setupFiles: ['test/seed.ts'],
    pool: 'forks',
    // They wait most of the time: two at once take 12 minutes where one takes 25, and a machine of two cores still keeps its timers.
    maxWorkers: 2,
    // Real daemons on a shared machine: once more before a machine's hiccup counts as a failure. People see it the first time.
    // A property that failed has a counterexample: another seed would only hide it.
    retry: { count: process.env['CI'] ? 1 : 0, condition: /^(?!Property failed)/ },
  },
});
