import type { z } from 'zod';
import { type ConfigRecord, configRecordSchema } from '../../domain/app/app-config.ts';
import { digestOf } from '../../domain/canonical.ts';
import { refused } from '../../domain/errors.ts';
import {
  committedHintSchema,
  type Order,
  type Outcome,
  orderSchema,
  outcomeSchema,
  type Receipt,
  receiptSchema,
} from '../../domain/order/order.ts';
import type { Signed, SignedKind } from '../../domain/signature.ts';
import { signedSchema } from '../../domain/signature.ts';
import { storeKeys } from '../../domain/store-keys.ts';
import { readRecord, readSigned } from '../../store/records.ts';
import { readSealedRelease, type SealedRelease } from '../../store/releases.ts';
import type { Host } from '../place/host.ts';

/** The records that this host reads, each checked against the keys of its provisioning. */
export class HostRecords {
  readonly #host: Host;

  constructor(host: Host) {
    this.#host = host;
  }

  async order(n: number): Promise<Order | undefined> {
    const { app, environment } = this.#host.provisioning;
    return this.#signed(storeKeys.order(app, environment, n), orderSchema, 'order', this.#keys.orders);
  }

  /** The order with its signature, to be kept beside what it brought about. */
  async signedOrder(n: number): Promise<Signed<Order> | undefined> {
    const { app, environment } = this.#host.provisioning;
    const key = storeKeys.order(app, environment, n);
    return (await readRecord(this.#host.store, key, signedSchema(orderSchema)))?.value;
  }

  async outcome(n: number): Promise<Outcome | undefined> {
    const { app, environment } = this.#host.provisioning;
    return this.#signed(storeKeys.outcome(app, environment, n), outcomeSchema, 'outcome', this.#keys.orders);
  }

  /** A receipt of the upstream that this host was provisioned with; undefined where there is none. */
  async upstreamReceipt(release: string, n: number): Promise<Receipt | undefined> {
    const { app, upstream } = this.#host.provisioning;
    const key = this.#keys.upstreamReceipts;
    if (upstream === null || key === null) return undefined;
    return this.#signed(storeKeys.receipt(app, upstream, release, n), receiptSchema, 'receipt', key);
  }

  /** The newest order with a committed outcome. The hint only says where to begin: it is not signed. */
  async lastCommitted(): Promise<number | undefined> {
    const { app, environment } = this.#host.provisioning;
    const hint = await readRecord(
      this.#host.store,
      storeKeys.committed(app, environment),
      committedHintSchema,
    );
    let last: number | undefined;
    let n = hint !== undefined && (await this.#isCommitted(hint.value.order)) ? hint.value.order : 1;
    for (; (await this.order(n)) !== undefined; n++) if (await this.#isCommitted(n)) last = n;
    return last;
  }

  async #isCommitted(n: number): Promise<boolean> {
    const [order, outcome] = [await this.order(n), await this.outcome(n)];
    return order?.number === n && outcome?.result === 'committed' && outcome.orderDigest === digestOf(order);
  }

  async config(digest: string): Promise<ConfigRecord> {
    const read = await readRecord(this.#host.store, storeKeys.config(digest), configRecordSchema);
    if (read === undefined || digestOf(read.value) !== digest) {
      throw refused(
        `the env values ${digest.slice(0, 12)} are missing from the store, or were altered there`,
        {
          fix: 'Order again: a new order writes its values again.',
        },
      );
    }
    return read.value;
  }

  /** Seal, manifest and build record, all checked (rule 2). */
  release(digest: string): Promise<SealedRelease> {
    const { store, provisioning } = this.#host;
    return readSealedRelease(store, { app: provisioning.app, digest, buildKey: this.#keys.build });
  }

  get #keys() {
    return this.#host.provisioning.keys;
  }

  #signed<S extends z.ZodType>(key: string, schema: S, kind: SignedKind, publicKey: string) {
    return readSigned(this.#host.store, key, schema, kind, publicKey);
  }
}
