import { messageOf } from '../../domain/errors.ts';
import { type JournalEntry, journalEntrySchema } from '../../domain/order/order.ts';
import { storeKeys } from '../../domain/store-keys.ts';
import { readRecord, writeOnce } from '../../store/records.ts';
import type { Environment } from '../environment/environment.ts';

/** What the deployer of one order intends, written before each step, and the result of the step. */
export class Journal {
  readonly #environment: Environment;
  readonly #order: number;
  readonly #run: string;
  #count = 0;

  constructor(environment: Environment, order: number, run: string) {
    this.#environment = environment;
    this.#order = order;
    this.#run = run;
  }

  /** Writes the intent, does the work, writes the result; a failure is written and rethrown. */
  async during<T>(
    step: string,
    intent: string,
    hosts: readonly string[],
    work: () => Promise<T>,
  ): Promise<T> {
    const name = `${String(++this.#count).padStart(4, '0')}-${step}`;
    await this.#write(name, { step, intent, hosts: [...hosts], result: null });
    try {
      const value = await work();
      await this.#write(`${name}-done`, { step, intent, hosts: [...hosts], result: 'done' });
      return value;
    } catch (error) {
      await this.#write(`${name}-failed`, {
        step,
        intent,
        hosts: [...hosts],
        result: messageOf(error).slice(0, 500),
      });
      throw error;
    }
  }

  async #write(
    name: string,
    entry: Pick<JournalEntry, 'step' | 'intent' | 'hosts' | 'result'>,
  ): Promise<void> {
    const { app, name: environment, ports } = this.#environment;
    const key = storeKeys.journalEntry(app, environment, this.#order, name);
    await writeOnce(ports.store, key, { ...entry, run: this.#run, at: ports.clock.now().toISOString() });
  }
}

/** Steps of an order that were begun and have no recorded result: what a dead deployer was doing. */
export async function unfinishedSteps(
  environment: Environment,
  order: number,
): Promise<readonly JournalEntry[]> {
  const { app, name, ports } = environment;
  const begun = new Map<string, JournalEntry>();
  // A result is listed before its intent: `-done.json` sorts before `.json`.
  const finished = new Set<string>();
  for await (const { key } of ports.store.list(storeKeys.journal(app, name, order))) {
    const id = key.slice(key.lastIndexOf('/') + 1).replace(/\.json$/, '');
    const step = /^(.*)-(done|failed)$/.exec(id)?.[1];
    if (step !== undefined) finished.add(step);
    else {
      const read = await readRecord(ports.store, key, journalEntrySchema);
      if (read !== undefined) begun.set(id, read.value);
    }
  }
  return [...begun].flatMap(([id, entry]) => (finished.has(id) ? [] : [entry]));
}
