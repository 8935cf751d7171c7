import { findEngine, onThePath } from '../engine/engine-place.ts';
import { prepareEngine } from '../engine/prepare-engine.ts';
import { measureFactor } from './machine-factor.ts';
import { buildMilliseconds, decideFit } from './machine-fit.ts';

/**
 * For `.ci/run`: measures the machine, builds the engine where it fits, and prints what the engine's tests
 * are to do (LOCKSTEP_ENGINE, see `engine-place.ts`). What doesn't fit is named and is no failure; what fits
 * and can't be built fails in the tests.
 */
const say = (line: string) => console.error(line);

const slowness = await measureFactor(2_000);
const present = findEngine() !== undefined;
const fit = decideFit(slowness, present);
const measured = `This machine takes ${slowness.toFixed(1)} times as long as two ordinary cores`;
if (!present && onThePath('go', process.env) === undefined) {
  say(`${measured}. There is neither \`pulumi\` nor Go: the tests of the real engine are skipped.`);
} else if (fit.leftOut !== null) {
  say(`${measured}. Left out: the tests of the real engine. ${fit.leftOut}`);
  console.log(`left out: ${fit.leftOut}`);
} else {
  say(`${measured}: about ${Math.ceil(fit.minutes)} minutes for everything, the real engine included.`);
  console.log(await build());
}

async function build(): Promise<string> {
  const signal = AbortSignal.timeout(buildMilliseconds(slowness));
  try {
    await prepareEngine({ say, signal });
    return 'required';
  } catch (error) {
    say(error instanceof Error ? error.message : String(error));
    if (!signal.aborted) return 'required';
    return 'left out: its build did not end in time; npm run test:engine goes on with it';
  }
}
