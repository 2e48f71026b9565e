import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['controller/**/*.test.ts', 'test/**/*.test.ts'],
    // Minutes each: `make conformance`.
    exclude: ['test/chart/**', 'test/conformance/**', 'test/kube/**', 'test/operator/kube/**'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    setupFiles: ['test/seed.ts'],
    pool: 'forks',
    // Those with real routers wait most of the time, and more than two at once would make their timers late on a small machine.
    maxWorkers: 2,
    // Real daemons on a shared machine: once more before a machine's hiccup counts as a failure. People see it the first time.
    // A property that failed has a counterexample: another seed would only hide it.
    retry: { count: process.env['CI'] ? 1 : 0, condition: /^(?!Property failed)/ },
  },
});
