import { failed } from '../../domain/errors.ts';
import type { ReleaseManifest } from '../../domain/release/release.ts';
import { freeBuffer } from '../../machine/free-buffer.ts';
import type { SealedRelease } from '../../store/releases.ts';
import type { Host } from '../place/host.ts';
import { Activations } from './activations.ts';
import { materialise, type Transfer } from './materialise.ts';
import { rehash } from './rehash.ts';
import { ReleasesOnDisk } from './releases-on-disk.ts';

/**
 * Brings a verified release to disk, unless a whole copy of it lies there whose files are all as the manifest
 * says. A damaged copy is left for what runs from it, and replaced by a fresh one. Needs the host's lock.
 */
export async function bringToDisk(host: Host, release: SealedRelease): Promise<Transfer> {
  const disk = new ReleasesOnDisk(host.root);
  await disk.sweepPartials();
  await disk.keepManifest(release.digest, release.manifestBytes);
  freeBuffer(release.manifestBytes);
  if ((await cleanCopy(host, release.digest, release.manifest)) !== undefined) {
    const filesReused = release.manifest.files.filter(({ type }) => type === 'file').length;
    return { filesReused, filesFetched: 0, bytesFetched: 0 };
  }
  const partial = await disk.newPartial(release.digest);
  const transfer = await materialise({
    store: host.store,
    manifest: release.manifest,
    packs: release.packs.packs,
    target: partial,
    held: heldReleases(host),
    mtimeSeconds: release.build.commitTime,
    signal: host.signal,
  });
  await disk.publish(partial, release.digest);
  await disk.prune(await new Activations(host.root).releasesInUse(), host.provisioning.keepReleases);
  return transfer;
}

/** The name of a copy whose files are all as the manifest says; undefined where there is none. */
async function cleanCopy(host: Host, digest: string, manifest: ReleaseManifest): Promise<string | undefined> {
  const disk = new ReleasesOnDisk(host.root);
  for (const copy of await disk.copies()) {
    if (copy.digest !== digest) continue;
    if ((await rehash(disk.directoryOf(copy.name), manifest, host.signal)).count === 0) return copy.name;
  }
  return undefined;
}

/** As {@link cleanCopy}, for what must have been staged before. */
export async function stagedCopy(host: Host, release: SealedRelease): Promise<string> {
  const name = await cleanCopy(host, release.digest, release.manifest);
  if (name !== undefined) return name;
  throw failed(`release ${release.digest.slice(0, 12)} is not on this host, or its files were changed`, {
    fix: 'Stage the order first; staging replaces a damaged copy by a fresh one.',
    retry: true,
  });
}

/**
 * Copies whose files may be used again, newest first, one of each release; one manifest in memory at a time.
 */
export async function* heldReleases(
  host: Host,
): AsyncGenerator<{ directory: string; manifest: ReleaseManifest }> {
  const disk = new ReleasesOnDisk(host.root);
  const seen = new Set<string>();
  for (const { name, digest } of await disk.copies()) {
    if (seen.has(digest)) continue;
    seen.add(digest);
    const manifest = await disk.manifest(digest);
    if (manifest !== undefined) yield { directory: disk.directoryOf(name), manifest };
  }
}
