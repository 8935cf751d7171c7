import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    reporters: ['default', './test/support/closing-line.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Real processes (Redis, HAProxy, hosts) run under most of these files: two at a time keeps two cores honest.
    maxWorkers: 2,
    fileParallelism: true,
  },
});
