import { styleText } from 'node:util';
import type { Clock } from '../../workflows/ports/clock.ts';
import type { Reporter } from '../../workflows/ports/reporter.ts';
import { systemClock } from './system-clock.ts';

/**
 * Progress for a person on one stream (standard error, so that standard output stays the answer): a line when
 * a step begins, its notes as they come, a line with its time when it ends. Lines, not a redrawn screen:
 * steps of several hosts run at once, and a CI log shows the same.
 *
 * @param colour only for a terminal, and never against NO_COLOR
 */
export function terminalReporter(
  stream: NodeJS.WritableStream,
  colour: boolean,
  clock: Pick<Clock, 'monotonic'> = systemClock,
): Reporter {
  const line = (text: string) => void stream.write(`${text}\n`);
  const sign = (format: 'yellow' | 'green' | 'red' | 'dim', text: string) =>
    colour ? styleText(format, text, { validateStream: false }) : text;
  return {
    async step(title, work) {
      const began = clock.monotonic();
      const took = () => sign('dim', `[${duration(clock.monotonic() - began)}]`);
      line(`${sign('yellow', '❯')} ${title}`);
      try {
        const done = await work((text) => line(`${sign('dim', '›')} ${text}`));
        line(`${sign('green', '✔')} ${title} ${took()}`);
        return done;
      } catch (error) {
        line(`${sign('red', '✖')} ${title} ${took()}`);
        throw error;
      }
    },
    info: line,
    warn: (text) => line(`warning: ${text}`),
  };
}

/** `0.4s`, `12s`, `3m 5s`. */
function duration(milliseconds: number): string {
  const seconds = milliseconds / 1000;
  if (seconds < 10) return `${seconds.toFixed(1)}s`;
  const whole = Math.round(seconds);
  return whole < 60 ? `${whole}s` : `${Math.floor(whole / 60)}m ${whole % 60}s`;
}
