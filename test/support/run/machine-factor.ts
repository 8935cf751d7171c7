import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** What the work below takes on a developer's machine of two cores that does nothing else. */
const usualMilliseconds = 150;

/** A start of Node, and arithmetic and memory in about the proportions of a test. */
const work = `
const { createHash } = require('node:crypto');
const lines = Array.from({ length: 20_000 }, (_, index) => ({ index, text: 'line ' + index }));
for (let n = 0; n < 3; n++) createHash('sha256').update(JSON.stringify(JSON.parse(JSON.stringify(lines)))).digest();
`;

/**
 * How many times slower than a developer's machine this one is now, two processes at a time as tests run; 1
 * at least.
 *
 * @param milliseconds how long it is measured at least; once, unless it is said
 */
export async function measureFactor(milliseconds = 0): Promise<number> {
  const start = performance.now();
  let [times, passed] = [0, 0];
  do {
    const both = [0, 1].map(() => once(spawn(process.execPath, ['-e', work], { stdio: 'ignore' }), 'exit'));
    await Promise.all(both);
    times += 1;
    passed = performance.now() - start;
  } while (passed < milliseconds);
  return Math.max(1, passed / times / usualMilliseconds);
}
