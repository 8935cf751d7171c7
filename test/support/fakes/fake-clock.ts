import type { Clock } from '../../../scripts/workflows/ports/clock.ts';

/** A clock that a test moves by hand: whoever waits goes on when `advance` has passed the time. */
export class FakeClock implements Clock {
  #elapsed = 0;
  #waiting: { until: number; resolve: () => void }[] = [];
  readonly #start: number;

  constructor(start = Date.UTC(2026, 0, 1)) {
    this.#start = start;
  }

  now(): Date {
    return new Date(this.#start + this.#elapsed);
  }

  monotonic(): number {
    return this.#elapsed;
  }

  /** How many are waiting now. */
  get waiting(): number {
    return this.#waiting.length;
  }

  wait(milliseconds: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted === true) return reject(signal.reason);
      const entry = { until: this.#elapsed + milliseconds, resolve };
      this.#waiting.push(entry);
      signal?.addEventListener('abort', () => {
        this.#waiting = this.#waiting.filter((one) => one !== entry);
        reject(signal.reason);
      });
    });
  }

  advance(milliseconds: number): void {
    this.#elapsed += milliseconds;
    const due = this.#waiting.filter(({ until }) => until <= this.#elapsed);
    this.#waiting = this.#waiting.filter(({ until }) => until > this.#elapsed);
    for (const { resolve } of due) resolve();
  }
}
