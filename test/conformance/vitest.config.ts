import { defineConfig } from 'vitest/config';
import { options } from '../vitest-options.ts';

/** Tests that need minutes, and those on a real API server: `make conformance`. */
export default defineConfig({
  test: {
    ...options,
    include: ['conformance', 'chart', 'kube', 'operator/kube'].map((folder) => `test/${folder}/**/*.test.ts`),
    globalSetup: ['test/lab/kube/global-setup.ts', 'test/chart/global-setup.ts'],
    testTimeout: 900_000,
    hookTimeout: 300_000,
  },
});
