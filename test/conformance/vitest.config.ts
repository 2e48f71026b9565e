import { defineConfig } from 'vitest/config';

/** Tests that need minutes, and those on a real API server: `make conformance`. */
export default defineConfig({
  test: {
    include: ['conformance', 'chart', 'kube', 'operator/kube'].map((folder) => `test/${folder}/**/*.test.ts`),
    globalSetup: ['test/lab/kube/global-setup.ts', 'test/chart/global-setup.ts'],
    testTimeout: 900_000,
    hookTimeout: 300_000,
    pool: 'forks',
    // Real daemons on a shared machine: once more before a machine's hiccup counts as a failure. People see it the first time.
    retry: process.env['CI'] ? 1 : 0,
  },
});
