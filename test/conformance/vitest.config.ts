import { defineConfig } from 'vitest/config';

/** Tests that need minutes: `make conformance`. */
export default defineConfig({
  test: {
    include: ['test/conformance/**/*.test.ts'],
    testTimeout: 900_000,
    hookTimeout: 300_000,
    pool: 'forks',
    // Real daemons on a shared machine: once more before a machine's hiccup counts as a failure. People see it the first time.
    retry: process.env['CI'] ? 1 : 0,
  },
});
