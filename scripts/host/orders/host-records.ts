import type { z } from 'zod';
import { type ConfigRecord, configRecordSchema } from '../../domain/app/app-config.ts';
import { digestOf, sha256 } from '../../domain/canonical.ts';
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
import { checkSeal } from '../../domain/order/order-check.ts';
import {
  type BuildRecord,
  buildRecordSchema,
  type PackList,
  packListSchema,
  type ReleaseManifest,
  releaseSealSchema,
} from '../../domain/release/release.ts';
import { parseReleaseManifest } from '../../domain/release/release-tree.ts';
import type { Signed, SignedKind } from '../../domain/signature.ts';
import { signedSchema } from '../../domain/signature.ts';
import { storeKeys } from '../../domain/store-keys.ts';
import { readRecord, readSigned } from '../../store/records.ts';
import type { Host } from '../place/host.ts';

/** A release as sealed by the builder: manifest, the record of its build, and where its files lie. */
export type SealedRelease = {
  digest: string;
  manifest: ReleaseManifest;
  /** Empty once they lie on the disk: megabytes of a large release. */
  manifestBytes: Uint8Array;
  build: BuildRecord;
  packs: PackList;
};

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
          fix: 'Order again: a new order writes its values anew.',
        },
      );
    }
    return read.value;
  }

  /** Seal, manifest and build record, all checked (rule 2). */
  async release(digest: string): Promise<SealedRelease> {
    const { store, provisioning } = this.#host;
    const seal = await this.#signed(
      storeKeys.releaseSignature(digest),
      releaseSealSchema,
      'release',
      this.#keys.build,
    );
    const manifest = await store.get(storeKeys.releaseManifest(digest));
    const build = await readRecord(store, storeKeys.releaseBuild(digest), buildRecordSchema);
    const packs = await readRecord(store, storeKeys.releasePacks(digest), packListSchema);
    if (seal === undefined || manifest === undefined || build === undefined || packs === undefined) {
      throw refused(`release ${digest.slice(0, 12)} is not in the store, or not wholly`, {
        fix: 'Build its tag again: what is missing is added.',
      });
    }
    checkSeal(seal, { app: provisioning.app, release: digest, build: digestOf(build.value) });
    return {
      digest,
      manifest: parseManifest(manifest.body, digest),
      manifestBytes: manifest.body,
      build: build.value,
      packs: packs.value,
    };
  }

  get #keys() {
    return this.#host.provisioning.keys;
  }

  #signed<S extends z.ZodType>(key: string, schema: S, kind: SignedKind, publicKey: string) {
    return readSigned(this.#host.store, key, schema, kind, publicKey);
  }
}

/** @throws LockstepError refused when the bytes aren't those of the digest. */
export function parseManifest(bytes: Uint8Array, digest: string): ReleaseManifest {
  if (sha256(bytes) !== digest) {
    throw refused(`the manifest of release ${digest.slice(0, 12)} was altered: its digest is another`, {
      fix: 'Build the tag again with --check, and find out who wrote to the store or to this host.',
    });
  }
  return parseReleaseManifest(new TextDecoder().decode(bytes));
}
