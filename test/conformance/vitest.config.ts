import { defineConfig } from 'vitest/config';

/** Tests that need minutes: `make conformance`. */
export default defineConfig({
  test: {
    include: ['test/conformance/**/*.test.ts'],
    testTimeout: 900_000,
    hookTimeout: 300_000,
    pool: 'forks',
  },
});
