import type { z } from 'zod';
import { type ConfigRecord, configRecordSchema } from '../../domain/app/app-config.ts';
import { digestOf } from '../../domain/canonical.ts';
import { errored, refused } from '../../domain/errors.ts';
import {
  committedHintSchema,
  lastCommittedOf,
  type Order,
  type Outcome,
  orderSchema,
  outcomeSchema,
  type Receipt,
  type Revocation,
  receiptSchema,
  revocationSchema,
} from '../../domain/order/order.ts';
import type { SignedKind } from '../../domain/signature.ts';
import { storeKeys } from '../../domain/store-keys.ts';
import type { ObjectStore } from '../../store/object-store.ts';
import { readRecord, readSigned, replaceRecord, writeOnce, writeSigned } from '../../store/records.ts';
import type { KeyRole, Signer } from '../../store/signer.ts';
import type { Environment } from './environment.ts';

export type OrderWithOutcome = { order: Order; outcome: Outcome | undefined };

/** The records of an environment, or of the environment `name` of the same app. */
export function recordsOf(
  { app, name: own, ports }: Pick<Environment, 'app' | 'name' | 'ports'>,
  name = own,
): EnvironmentRecords {
  return new EnvironmentRecords(ports, app, name);
}

/**
 * The records of one environment in the release store: orders, outcomes, receipts and revocations, every one
 * checked against the environment's keys as it is read, every one written once.
 */
export class EnvironmentRecords {
  readonly app: string;
  readonly environment: string;
  readonly #store: ObjectStore;
  readonly #signer: Signer;

  constructor(ports: { store: ObjectStore; signer: Signer }, app: string, environment: string) {
    this.#store = ports.store;
    this.#signer = ports.signer;
    this.app = app;
    this.environment = environment;
  }

  order(n: number): Promise<Order | undefined> {
    return this.#read(storeKeys.order(this.app, this.environment, n), orderSchema, 'order');
  }

  outcome(n: number): Promise<Outcome | undefined> {
    return this.#read(storeKeys.outcome(this.app, this.environment, n), outcomeSchema, 'outcome');
  }

  /** The order with its outcome, or undefined where there is no such order. */
  async entry(n: number): Promise<OrderWithOutcome | undefined> {
    const order = await this.order(n);
    return order === undefined ? undefined : { order, outcome: await this.outcome(n) };
  }

  /** The order of the hint and all later ones, oldest first; the whole chain of orders when `whole`. */
  async orders(whole = false): Promise<OrderWithOutcome[]> {
    const hint = whole ? undefined : await this.hint();
    const found: OrderWithOutcome[] = [];
    for (let n = hint ?? 1; ; n++) {
      const entry = await this.entry(n);
      if (entry === undefined) return found;
      found.push(entry);
    }
  }

  async hint(): Promise<number | undefined> {
    const key = storeKeys.committed(this.app, this.environment);
    return (await readRecord(this.#store, key, committedHintSchema))?.value.order;
  }

  /** The last order that was carried out and verified. */
  async lastCommitted(): Promise<Order | undefined> {
    return lastCommittedOf(await this.orders())?.order;
  }

  /** @throws LockstepError refused when another deployer wrote an order of this number first. */
  async writeOrder(order: Order): Promise<void> {
    const key = storeKeys.order(this.app, this.environment, order.number);
    if ((await this.#write(key, 'order', orderSchema, order)) === 'exists') {
      throw refused(`order ${order.number} of ${this.environment} was written by another deployer just now`, {
        retry: true,
        fix: `Look at \`lockstep status ${this.environment}\`, then run the command again.`,
      });
    }
  }

  /** The commit point. An outcome that exists already is kept. */
  writeOutcome(outcome: Outcome): Promise<'created' | 'exists'> {
    const key = storeKeys.outcome(this.app, this.environment, outcome.order);
    return this.#write(key, 'outcome', outcomeSchema, outcome);
  }

  /** Moves the hint forward; never back. */
  async moveHint(order: number): Promise<void> {
    const key = storeKeys.committed(this.app, this.environment);
    for (;;) {
      const read = await readRecord(this.#store, key, committedHintSchema);
      if (read !== undefined && read.value.order >= order) return;
      if ((await replaceRecord(this.#store, key, { order }, read?.etag)) === 'written') return;
    }
  }

  receipt(release: string, n: number): Promise<Receipt | undefined> {
    return this.#read(storeKeys.receipt(this.app, this.environment, release, n), receiptSchema, 'receipt');
  }

  writeReceipt(receipt: Receipt): Promise<'created' | 'exists'> {
    const key = storeKeys.receipt(this.app, this.environment, receipt.release, receipt.order);
    return this.#write(key, 'receipt', receiptSchema, receipt);
  }

  revocation(release: string, n: number): Promise<Revocation | undefined> {
    const key = storeKeys.revocation(this.app, this.environment, release, n);
    return this.#read(key, revocationSchema, 'revocation');
  }

  writeRevocation(revocation: Revocation): Promise<'created' | 'exists'> {
    const key = storeKeys.revocation(this.app, this.environment, revocation.release, revocation.order);
    return this.#write(key, 'revocation', revocationSchema, revocation);
  }

  /** Every receipt of a release here, oldest order first, each with its revocation if there is one. */
  async receipts(release: string): Promise<{ receipt: Receipt; revocation: Revocation | undefined }[]> {
    const prefix = storeKeys.receipt(this.app, this.environment, release, 0).replace(/0\.json$/, '');
    const numbers: number[] = [];
    for await (const { key } of this.#store.list(prefix)) {
      const match = /\/([1-9][0-9]*)\.json$/.exec(key);
      if (match !== null) numbers.push(Number(match[1]));
    }
    const found = [];
    for (const n of numbers.sort((left, right) => left - right)) {
      const receipt = await this.receipt(release, n);
      if (receipt !== undefined) found.push({ receipt, revocation: await this.revocation(release, n) });
    }
    return found;
  }

  /** The env values of an order. */
  async config(digest: string): Promise<ConfigRecord> {
    const read = await readRecord(this.#store, storeKeys.config(digest), configRecordSchema);
    if (read === undefined || digestOf(read.value) !== digest) {
      throw errored(
        `the config ${digest.slice(0, 12)} of ${this.environment} is missing from the store or was altered`,
      );
    }
    return read.value;
  }

  async writeConfig(config: ConfigRecord): Promise<string> {
    const digest = digestOf(config);
    await writeOnce(this.#store, storeKeys.config(digest), config);
    return digest;
  }

  async #read<S extends Parameters<typeof readSigned>[2]>(key: string, schema: S, kind: SignedKind) {
    return readSigned(this.#store, key, schema, kind, await this.#signer.publicKey(this.#role(kind)));
  }

  /** Nothing is written that could not be read again: such an order would block its environment. */
  async #write<S extends z.ZodType>(
    key: string,
    kind: SignedKind,
    schema: S,
    payload: z.input<S>,
  ): Promise<'created' | 'exists'> {
    const judged = schema.safeParse(payload);
    if (!judged.success) {
      throw errored(`${key} is not written: its schema would refuse it`, {
        details: judged.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`),
      });
    }
    return writeSigned(this.#store, key, kind, payload, (signedKind, digest) =>
      this.#signer.sign(this.#role(kind), signedKind, digest),
    );
  }

  #role(kind: SignedKind): KeyRole {
    const role = kind === 'receipt' || kind === 'revocation' ? 'receipts' : 'orders';
    return { role, environment: this.environment };
  }
}
