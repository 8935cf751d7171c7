import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { terminalReporter } from '../../../scripts/adapters/terminal/terminal-reporter.ts';
import type { Reporter } from '../../../scripts/workflows/ports/reporter.ts';

/** What a person sees; each look at the clock finds it 65 s later. */
async function seen(work: (reporter: Reporter) => Promise<unknown>, colour = false): Promise<string> {
  const stream = new PassThrough();
  let now = 0;
  await work(terminalReporter(stream, colour, { monotonic: () => (now += 65_000) }));
  stream.end();
  return text(stream);
}

describe('progress on a terminal', () => {
  it('says when a step begins, what it notes, and how long it took', async () => {
    const shown = await seen((reporter) =>
      reporter.step('switch', async (note) => {
        note('drained');
      }),
    );
    expect(shown).toBe('❯ switch\n› drained\n✔ switch [1m 5s]\n');
  });

  it('never marks what failed as done, and hands the failure on', async () => {
    const shown = await seen((reporter) =>
      reporter
        .step('switch', () => Promise.reject(new Error('broken')))
        .catch((error: Error) => {
          reporter.warn(error.message);
        }),
    );
    expect(shown).toBe('❯ switch\n✖ switch [1m 5s]\nwarning: broken\n');
  });

  it('colours only where it is told to', async () => {
    const controlSequence = String.fromCharCode(27);
    const step = (reporter: Reporter) => reporter.step('switch', async () => {});
    expect(await seen(step, true)).toContain(`${controlSequence}[`);
    expect(await seen(step)).not.toContain(controlSequence);
  });
});
