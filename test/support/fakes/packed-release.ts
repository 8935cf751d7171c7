import { zstdCompressSync } from 'node:zlib';
import { type AppManifest, appManifestSchema } from '../../../scripts/domain/app/app-manifest.ts';
import { canonicalJson, sha256 } from '../../../scripts/domain/canonical.ts';
import { type Frame, frameSize, type PackIndex, planPack } from '../../../scripts/domain/release/pack.ts';
import { byPath, type FileEntry, type ReleaseManifest } from '../../../scripts/domain/release/release.ts';
import { withWritableLinks } from '../../../scripts/domain/release/release-tree.ts';
import { storeKeys } from '../../../scripts/domain/store-keys.ts';
import type { ObjectStore } from '../../../scripts/store/object-store.ts';

/** Content of a file, or where a link leads. */
export type Files = Readonly<Record<string, string | Buffer | { link: string } | { program: string }>>;

export function manifestOf(
  files: Files,
  directories: { shared?: string[]; scratch?: string[] } = {},
): ReleaseManifest {
  const app = appManifestSchema.parse({ name: 'sample', services: { web: { command: ['x'] } }, directories });
  return {
    schema: 1,
    platform: { os: 'linux', architecture: 'x64', libc: 'glibc 2.34', runtimes: {} },
    app,
    files: entriesOf(files, app.directories),
  };
}

/** The tree of these files as a release's manifest lists it. */
export function entriesOf(files: Files, directories: AppManifest['directories']): FileEntry[] {
  const entries = new Map<string, FileEntry>();
  for (const [path, content] of Object.entries(files)) {
    const segments = path.split('/');
    for (let depth = 1; depth < segments.length; depth++) {
      const parent = segments.slice(0, depth).join('/');
      entries.set(parent, { type: 'directory', path: parent });
    }
    if (typeof content === 'object' && 'link' in content) {
      entries.set(path, { type: 'link', path, target: content.link });
    } else {
      const bytes = bytesOf(content);
      const mode = typeof content === 'object' && 'program' in content ? '0555' : '0444';
      entries.set(path, { type: 'file', path, mode, size: bytes.length, sha256: sha256(bytes) });
    }
  }
  return withWritableLinks([...entries.values()].sort(byPath), directories);
}

/** Packs what `stored` lacks and puts it into the store; answers the pack's hash. */
export async function storePack(
  store: ObjectStore,
  manifest: ReleaseManifest,
  files: Files,
  stored: ReadonlySet<string> = new Set(),
): Promise<string> {
  const sources = planPack(manifest.files, stored);
  const stream = Buffer.concat(sources.map(({ path }) => bytesOf(files[path] ?? '')));
  const frames: Frame[] = [];
  const compressed: Buffer[] = [];
  let offset = 0;
  for (let start = 0; start < stream.length; start += frameSize) {
    const frame = stream.subarray(start, start + frameSize);
    const bytes = zstdCompressSync(frame);
    frames.push({ offset, length: bytes.length, size: frame.length });
    compressed.push(bytes);
    offset += bytes.length;
  }
  const pack = Buffer.concat(compressed);
  const index: PackIndex = {
    frames,
    files: sources.map(({ sha256, offset, size }) => ({ sha256, offset, size })),
  };
  await store.putIfAbsent(storeKeys.pack(sha256(pack)), pack);
  await store.putIfAbsent(storeKeys.packIndex(sha256(pack)), Buffer.from(canonicalJson(index)));
  return sha256(pack);
}

function bytesOf(content: Files[string]): Buffer {
  if (Buffer.isBuffer(content)) return content;
  if (typeof content === 'string') return Buffer.from(content);
  return Buffer.from('program' in content ? content.program : '');
}
