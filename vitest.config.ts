import { defineConfig } from 'vitest/config';
import { options } from './test/vitest-options.ts';

export default defineConfig({
  test: {
    ...options,
    include: ['controller/**/*.test.ts', 'test/**/*.test.ts'],
    // Minutes each: `make conformance`.
    exclude: ['test/chart/**', 'test/conformance/**', 'test/kube/**', 'test/operator/kube/**'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
