import { canonicalJson } from '../../domain/canonical.ts';
import { type PackIndex, packIndexSchema, planPack } from '../../domain/release/pack.ts';
import { packListSchema, type ReleaseManifest, tagRecordSchema } from '../../domain/release/release.ts';
import { storeKeys } from '../../domain/store-keys.ts';
import type { ObjectStore } from '../../store/object-store.ts';
import { readRecord } from '../../store/records.ts';
import type { BuildPorts, Workspace } from '../ports/build.ts';

/** A release whose files lie in more packs than this gets one whole pack. */
const maximumPacks = 8;
/** How many earlier releases of the app are searched for files that need not be stored again. */
const releasesSearched = 5;

/**
 * Stores the contents that the store lacks. `packs`: all that hold the release's files; `bytes`: what was
 * added.
 */
export async function storePacks(
  { store, workshop }: BuildPorts,
  manifest: ReleaseManifest,
  place: Workspace,
  signal: AbortSignal,
): Promise<{ packs: string[]; bytes: number }> {
  const wanted = new Set(manifest.files.flatMap((file) => (file.type === 'file' ? [file.sha256] : [])));
  const stored = new Set<string>();
  const packs: string[] = [];
  for await (const { pack, index } of earlierPacks(store, manifest.app.name)) {
    const used = index.files.filter(({ sha256 }) => wanted.has(sha256) && !stored.has(sha256));
    if (used.length === 0) continue;
    packs.push(pack);
    for (const { sha256 } of used) stored.add(sha256);
  }
  const sources = planPack(manifest.files, stored);
  if (sources.length === 0 && packs.length <= maximumPacks) return { packs, bytes: 0 };
  const whole = packs.length + 1 > maximumPacks;
  const chosen = whole ? planPack(manifest.files, new Set()) : sources;
  const { sha256, index, bytes } = await workshop.pack(place.tree, chosen, store, place, signal);
  await store.putIfAbsent(storeKeys.packIndex(sha256), new TextEncoder().encode(canonicalJson(index)));
  return { packs: whole ? [sha256] : [...packs, sha256], bytes };
}

/** The packs of the app's latest releases, newest release first, each once. */
async function* earlierPacks(
  store: ObjectStore,
  app: string,
): AsyncGenerator<{ pack: string; index: PackIndex }> {
  const tags: { release: string; commitTime: number }[] = [];
  for await (const { key } of store.list(storeKeys.tags(app))) {
    const tag = await readRecord(store, key, tagRecordSchema);
    if (tag !== undefined) tags.push(tag.value);
  }
  tags.sort((left, right) => right.commitTime - left.commitTime);
  const seen = new Set<string>();
  for (const release of [...new Set(tags.map((tag) => tag.release))].slice(0, releasesSearched)) {
    const list = await readRecord(store, storeKeys.releasePacks(release), packListSchema);
    for (const pack of list?.value.packs ?? []) {
      if (seen.has(pack)) continue;
      seen.add(pack);
      const index = await readRecord(store, storeKeys.packIndex(pack), packIndexSchema);
      if (index !== undefined) yield { pack, index: index.value };
    }
  }
}
