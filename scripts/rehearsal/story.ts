import { failed, messageOf } from '../domain/errors.ts';

export type Act = { title: string; seconds: number; told: string };
export type Skipped = { title: string; because: string };

/**
 * Runs and reports the acts of a rehearsal, one line each with its time. The first act that fails ends it.
 */
export class Story {
  readonly acts: Act[] = [];
  readonly skipped: Skipped[] = [];
  readonly #write: (line: string) => void;
  readonly #monotonic: () => number;
  readonly #signal: AbortSignal;

  constructor(options: { write: (line: string) => void; monotonic: () => number; signal: AbortSignal }) {
    this.#write = options.write;
    this.#monotonic = options.monotonic;
    this.#signal = options.signal;
  }

  /** `work` returns its result in a few words. */
  async act(title: string, work: () => Promise<string>): Promise<void> {
    this.#signal.throwIfAborted();
    const started = this.#monotonic();
    try {
      const told = await work();
      const seconds = (this.#monotonic() - started) / 1000;
      this.acts.push({ title, seconds, told });
      this.#write(
        `${String(this.acts.length).padStart(2)}  ${seconds.toFixed(1).padStart(5)} s  ${title}: ${told}`,
      );
    } catch (error) {
      this.#write(`    ✗ ${title}: ${messageOf(error)}`);
      throw error;
    }
  }

  skip(title: string, because: string): void {
    this.skipped.push({ title, because });
    this.#write(`    skipped  ${title}: ${because}`);
  }
}

/** @throws LockstepError failed: the act did not end as expected. */
export function expectThat(holds: boolean, otherwise: string): void {
  if (!holds) throw failed(`not as expected: ${otherwise}`);
}
