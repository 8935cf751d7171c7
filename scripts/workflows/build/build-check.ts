import { refused } from '../../domain/errors.ts';
import { differencesOf, type FileDifference } from '../../domain/release/build-difference.ts';
import { releaseDigest, tagRecordSchema } from '../../domain/release/release.ts';
import { parseReleaseManifest } from '../../domain/release/release-tree.ts';
import { storeKeys } from '../../domain/store-keys.ts';
import { readRecord } from '../../store/records.ts';
import type { BuildPorts } from '../ports/build.ts';
import { assemble, type BuildRequest, checkNotMoved } from './build.ts';

export type CheckResult = {
  app: string;
  tag: string;
  release: string;
  rebuilt: string;
  /** Equal digests: this machine builds the very same release. */
  same: boolean;
  differences: FileDifference[];
};

/**
 * Builds a known tag once more and compares it with the release in the store, which is left alone.
 * @throws LockstepError `refused` for a tag that was never built or that moved.
 */
export async function checkBuild(ports: BuildPorts, request: BuildRequest): Promise<CheckResult> {
  const { source, workshop, store } = ports;
  const commit = await source.resolve(request.tag);
  const app = workshop.parseManifest(await source.readText(commit, 'lockstep.yaml'));
  const known = (await readRecord(store, storeKeys.tag(app.name, request.tag), tagRecordSchema))?.value;
  const stored = known && (await store.get(storeKeys.releaseManifest(known.release)));
  if (known === undefined || stored === undefined) {
    throw refused(`${request.tag} of ${app.name} has not been built: there is nothing to compare with`, {
      fix: `Run \`lockstep build ${request.tag}\` first.`,
    });
  }
  checkNotMoved(known, commit);
  const before = parseReleaseManifest(new TextDecoder().decode(stored.body));
  const place = await workshop.open();
  try {
    const { manifest } = await assemble(ports, request, { app, commit, place });
    const rebuilt = releaseDigest(manifest);
    return {
      app: app.name,
      tag: request.tag,
      release: known.release,
      rebuilt,
      same: rebuilt === known.release,
      differences: differencesOf(before, manifest),
    };
  } finally {
    await place.remove();
  }
}
