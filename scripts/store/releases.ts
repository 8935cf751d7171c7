import { digestOf, sha256 } from '../domain/canonical.ts';
import { type LockstepError, refused } from '../domain/errors.ts';
import { checkSeal } from '../domain/order/order-check.ts';
import {
  type BuildRecord,
  buildRecordSchema,
  type PackList,
  packListSchema,
  type ReleaseManifest,
  releaseSealSchema,
  type TagRecord,
  tagRecordSchema,
} from '../domain/release/release.ts';
import { parseReleaseManifest } from '../domain/release/release-tree.ts';
import { storeKeys } from '../domain/store-keys.ts';
import type { ObjectStore } from './object-store.ts';
import { readRecord, readSigned } from './records.ts';
import type { Signer } from './signer.ts';

/** A release as sealed by the builder: its manifest, and the record of its build. */
export type StoredRelease = { digest: string; manifest: ReleaseManifest; build: BuildRecord };

/** A release as a host needs it to bring it to disk. */
export type SealedRelease = StoredRelease & {
  /** Empty once they lie on the disk: megabytes of a large release. */
  manifestBytes: Uint8Array;
  /** Where its files lie. */
  packs: PackList;
};

/** What names a release, and the key that must have sealed it. */
export type ReleaseName = { app: string; digest: string; buildKey: string };

/**
 * A release as the store has it: the builder's signature, the build record against the seal, the
 * manifest's bytes against the digest, and the tree that it describes.
 * @throws LockstepError refused where anything is missing or altered.
 */
export async function readSealedRelease(store: ObjectStore, name: ReleaseName): Promise<SealedRelease> {
  const { app, digest, buildKey } = name;
  const sealKey = storeKeys.releaseSignature(digest);
  const seal = await readSigned(store, sealKey, releaseSealSchema, 'release', buildKey);
  const manifest = await store.get(storeKeys.releaseManifest(digest));
  const build = await readRecord(store, storeKeys.releaseBuild(digest), buildRecordSchema);
  const packs = await readRecord(store, storeKeys.releasePacks(digest), packListSchema);
  if (seal === undefined || manifest === undefined || build === undefined || packs === undefined)
    throw incomplete(digest);
  checkSeal(seal, { app, release: digest, build: digestOf(build.value) });
  return {
    digest,
    manifest: parseManifest(manifest.body, digest),
    manifestBytes: manifest.body,
    build: build.value,
    packs: packs.value,
  };
}

/** As {@link readSealedRelease}, with the builder's key that the signer knows. */
export async function readRelease(
  { store, signer }: { store: ObjectStore; signer: Signer },
  app: string,
  digest: string,
): Promise<StoredRelease> {
  const buildKey = await signer.publicKey({ role: 'build' });
  const { manifest, build } = await readSealedRelease(store, { app, digest, buildKey });
  return { digest, manifest, build };
}

function incomplete(digest: string): LockstepError {
  return refused(`release ${digest.slice(0, 12)} is missing from the store or incomplete`, {
    fix: 'Build its tag again (`lockstep build TAG --app DIR`): what is missing is added.',
  });
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

/** @throws LockstepError refused for a tag that was never built. */
export async function readTag(store: ObjectStore, app: string, tag: string): Promise<TagRecord> {
  const read = await readRecord(store, storeKeys.tag(app, tag), tagRecordSchema);
  if (read === undefined) {
    throw refused(`${tag} of ${app} has not been built`, {
      fix: `Run \`lockstep build ${tag} --app DIR\` first.`,
    });
  }
  return read.value;
}
