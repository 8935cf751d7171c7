import { Worker } from 'node:worker_threads';
import { gunzipSync, gzipSync } from 'node:zlib';

/** Rounds of {@link round} in a second that two ordinary cores do together. */
const ordinaryRounds = 220;
const measuredMilliseconds = 1_500;
const workers = 2;

/**
 * How many times longer this machine takes than one with two ordinary cores, by some two seconds of work on both: 1 for
 * such a one, 6 for the slowest seen. Whoever else works on it counts.
 */
export async function measureSlowness(): Promise<number> {
  const rounds = await Promise.all(Array.from({ length: workers }, countRounds));
  const perSecond = rounds.reduce((sum, each) => sum + each, 0) / (measuredMilliseconds / 1000);
  return ordinaryRounds / perSecond;
}

function countRounds(): Promise<number> {
  const program = `
    const { parentPort } = require('node:worker_threads');
    import(${JSON.stringify(import.meta.url)}).then(({ roundsWithin }) => parentPort.postMessage(roundsWithin(${measuredMilliseconds})));`;
  return new Promise((resolve, reject) => {
    const worker = new Worker(program, { eval: true });
    worker.once('message', resolve).once('error', reject);
  });
}

/** What a worker does. */
export function roundsWithin(milliseconds: number): number {
  const end = performance.now() + milliseconds;
  let rounds = 0;
  for (; performance.now() < end; rounds++) round(rounds);
  return rounds;
}

/** Text, maps and packed bytes: what compilers and these tests spend their time with. */
function round(seed: number): void {
  const values = Array.from({ length: 2_000 }, (_, index) => ({ name: `${seed}-${index}`, at: index * seed }));
  const text = gunzipSync(gzipSync(JSON.stringify(values))).toString();
  const known = new Map((JSON.parse(text) as typeof values).map((each) => [each.name, each.at]));
  if (known.size !== values.length) throw new Error('this machine can not count');
}
