import type { EventEmitter } from 'node:events';
import { interrupted } from '../domain/errors.ts';

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/**
 * One press of Ctrl-C arrives several times: a terminal sends it to the whole group, and npm, npx and our own
 * launcher pass on what they get. Nobody presses twice in so short a time.
 */
const onePressMilliseconds = 500;

export type Interruption = {
  /** Aborted by the first signal; its reason is a LockstepError of kind `interrupted`. */
  signal: AbortSignal;
  /** Listens no more. */
  end(): void;
};

/**
 * Ctrl-C, SIGTERM and a closed terminal (SIGHUP) ask for an orderly end; a second one is the person's last
 * word.
 *
 * @param source the process
 * @param monotonic milliseconds
 */
export function listenForInterruption(
  source: Pick<EventEmitter, 'on' | 'off'>,
  monotonic: () => number,
  reactions: { onFirst: () => void; onSecond: () => void },
): Interruption {
  const controller = new AbortController();
  let last = 0;
  const listeners = signals.map((name) => {
    const listener = () => {
      const now = monotonic();
      const sameAsBefore = controller.signal.aborted && now - last < onePressMilliseconds;
      last = now;
      if (sameAsBefore) return;
      if (controller.signal.aborted) return reactions.onSecond();
      reactions.onFirst();
      controller.abort(interrupted(`interrupted by ${name}`));
    };
    source.on(name, listener);
    return { name, listener };
  });
  return {
    signal: controller.signal,
    end: () => {
      for (const { name, listener } of listeners) source.off(name, listener);
    },
  };
}

/**
 * Lets a stream lose its reader (`| head -1`, a closed terminal): what would have been written is dropped,
 * and the work goes on to its end, because an order that is under way must not die of a lost reader.
 */
export function surviveLostReader(stream: Pick<EventEmitter, 'on'>): void {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (!['EPIPE', 'EIO', 'ERR_STREAM_DESTROYED'].includes(error.code ?? '')) throw error;
  });
}
