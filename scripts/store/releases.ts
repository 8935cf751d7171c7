import { digestOf, sha256 } from '../domain/canonical.ts';
import { refused } from '../domain/errors.ts';
import {
  type BuildRecord,
  buildRecordSchema,
  type ReleaseManifest,
  releaseManifestSchema,
  releaseSealSchema,
  type TagRecord,
  tagRecordSchema,
} from '../domain/release/release.ts';
import { storeKeys } from '../domain/store-keys.ts';
import type { ObjectStore } from './object-store.ts';
import { readRecord, readSigned } from './records.ts';
import type { Signer } from './signer.ts';

export type StoredRelease = { digest: string; manifest: ReleaseManifest; build: BuildRecord };

/**
 * A release as the store has it, checked as a host checks it: the builder's signature, the manifest's bytes
 * against the digest, the build record against the seal.
 * @throws LockstepError refused where anything is missing or altered.
 */
export async function readRelease(
  ports: { store: ObjectStore; signer: Signer },
  app: string,
  digest: string,
): Promise<StoredRelease> {
  const { store, signer } = ports;
  const key = await signer.publicKey({ role: 'build' });
  const seal = await readSigned(store, storeKeys.releaseSignature(digest), releaseSealSchema, 'release', key);
  const bytes = await store.get(storeKeys.releaseManifest(digest));
  const build = await readRecord(store, storeKeys.releaseBuild(digest), buildRecordSchema);
  if (seal === undefined || bytes === undefined || build === undefined) {
    throw refused(`the store has no whole release ${digest.slice(0, 12)}`, {
      fix: 'Build it again: `lockstep build TAG --app DIR`.',
    });
  }
  const whole = seal.release === digest && seal.app === app && seal.build === digestOf(build.value);
  if (!whole || sha256(bytes.body) !== digest) {
    throw refused(
      `release ${digest.slice(0, 12)} in the store is not the one that its builder signed for ${app}`,
    );
  }
  const manifest = releaseManifestSchema.parse(JSON.parse(new TextDecoder().decode(bytes.body)));
  return { digest, manifest, build: build.value };
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
