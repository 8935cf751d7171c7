import path from 'node:path';
import { failed } from '../../domain/errors.ts';
import { jsonIn } from '../../domain/json-text.ts';
import { packIndexSchema } from '../../domain/release/pack.ts';
import type { FileEntry, ReleaseManifest } from '../../domain/release/release.ts';
import { storeKeys } from '../../domain/store-keys.ts';
import { freeBuffer } from '../../machine/free-buffer.ts';
import type { ObjectStore } from '../../store/object-store.ts';
import { type Contents, damaged, type PackFetch, planPackFetch } from './pack-reader.ts';

export type RegularFile = Extract<FileEntry, { type: 'file' }>;

/** `bytesFetched`: compressed bytes from the store. */
export type Transfer = { filesReused: number; filesFetched: number; bytesFetched: number };

/** Releases on this disk, best first. An async generator keeps one manifest in memory at a time. */
export type HeldReleases =
  | Iterable<{ directory: string; manifest: ReleaseManifest }>
  | AsyncIterable<{ directory: string; manifest: ReleaseManifest }>;

/** Where contents of `manifest` already lie: SHA-256 -> path. Not read yet, so nothing is known of damage. */
export async function heldPaths(
  manifest: ReleaseManifest,
  held: HeldReleases,
): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  let wanted: Set<string> | undefined;
  for await (const release of held) {
    wanted ??= contents(manifest);
    for (const file of release.manifest.files) {
      if (file.type === 'file' && wanted.delete(file.sha256)) {
        found.set(file.sha256, path.join(release.directory, file.path));
      }
    }
    if (wanted.size === 0) break;
  }
  return found;
}

/** Which files {@link materialise} would copy and which fetch; reads indexes only. */
export async function planFetch(options: {
  store: ObjectStore;
  manifest: ReleaseManifest;
  packs: readonly string[];
  held: HeldReleases;
}): Promise<Transfer> {
  const { store, manifest, packs, held } = options;
  const sources = await heldPaths(manifest, held);
  const missing = contents(manifest);
  for (const sha256 of sources.keys()) missing.delete(sha256);
  const transfer: Transfer = { filesReused: 0, filesFetched: 0, bytesFetched: 0 };
  for (const file of manifest.files) {
    if (file.type !== 'file' || file.size === 0) continue;
    if (missing.has(file.sha256)) transfer.filesFetched += 1;
    else transfer.filesReused += 1;
  }
  for await (const { files, runs } of planFetches(store, packs, missing)) {
    transfer.bytesFetched += runs.reduce((sum, { length }) => sum + length, 0);
    for (const { sha256 } of files) missing.delete(sha256);
  }
  return transfer;
}

/**
 * What to fetch from which pack, one pack at a time.
 * @param missing SHA-256 of the contents; the caller takes out what it has got before it asks for the next
 *   pack.
 * @throws LockstepError `failed` when an index is missing or unsound, or contents are in none of the packs.
 */
export async function* planFetches(
  store: ObjectStore,
  packs: readonly string[],
  missing: Contents,
): AsyncGenerator<PackFetch> {
  for (const pack of packs) {
    if (missing.size === 0) return;
    const object = await store.get(storeKeys.packIndex(pack));
    if (object === undefined) throw damaged(pack, 'its index is not in the store');
    const index = packIndexSchema.safeParse(parsed(object.body));
    if (!index.success) throw damaged(pack, 'its index is not valid');
    const fetch = planPackFetch(pack, index.data, missing);
    if (fetch.files.length > 0) yield fetch;
  }
  const [first] = missing.keys();
  if (first === undefined) return;
  throw failed(
    `${missing.size} contents of the release are in none of its packs, e.g. ${first.slice(0, 12)}`,
    {
      fix: 'Restore packs.json and the packs from a backup of the store, or build the release under a new tag.',
    },
  );
}

function contents(manifest: ReleaseManifest): Set<string> {
  const wanted = new Set<string>();
  for (const file of manifest.files) if (file.type === 'file' && file.size > 0) wanted.add(file.sha256);
  return wanted;
}

function parsed(body: Uint8Array): unknown {
  const text = new TextDecoder().decode(body);
  freeBuffer(body);
  return jsonIn(text);
}
