import { defineConfig } from 'vitest/config';
import SlowLast from './test/support/run/slow-last.ts';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    reporters: ['default', './test/support/run/closing-line.ts', './test/support/run/hang-watch.ts'],
    globalSetup: './test/support/run/global-setup.ts',
    // Sets how long a test of each file may take (time-bounds.ts).
    setupFiles: './test/support/run/time-bounds-setup.ts',
    // Real processes (Redis, HAProxy, hosts) run under most of these files: two at a time keeps two cores honest.
    maxWorkers: 2,
    // One module cache a worker: loading the TypeScript once instead of once a file is most of the time saved.
    isolate: false,
    sequence: { sequencer: SlowLast },
  },
});
