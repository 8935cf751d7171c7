import { beforeEach, expect, test } from 'vitest';
import { appManifestSchema } from '../../scripts/domain/app/app-manifest.ts';
import { digestOf } from '../../scripts/domain/canonical.ts';
import { storeKeys } from '../../scripts/domain/store-keys.ts';
import { writeOnce, writeSigned } from '../../scripts/store/records.ts';
import { readRelease } from '../../scripts/store/releases.ts';
import { MemorySigner } from '../support/fakes/memory-signer.ts';
import { MemoryStore } from '../support/fakes/memory-store.ts';

const platform = { os: 'linux', architecture: 'x64', libc: 'glibc 2.34', runtimes: {} };
const app = appManifestSchema.parse({
  name: 'sample',
  services: { web: { command: ['node', 'server.js'] } },
});
const manifest = { schema: 1, platform, app, files: [{ type: 'directory', path: 'a' }] };
const build = { app: 'sample', tag: 'v1', commit: 'c', commitTime: 1, builtBy: 'ann', tools: {} };
const digest = digestOf(manifest);
const seal = { release: digest, build: digestOf(build), app: 'sample' };

let store: MemoryStore;
let signer: MemorySigner;
beforeEach(() => {
  [store, signer] = [new MemoryStore(), new MemorySigner()];
});

/** Stores the release as its builder does, but for what a test does to it. */
async function stored(change: { manifest?: unknown; build?: unknown; seal?: object; without?: string } = {}) {
  const put = async (key: string, value: unknown) => {
    if (!key.endsWith(change.without ?? 'nothing')) await writeOnce(store, key, value);
  };
  await put(storeKeys.releaseManifest(digest), change.manifest ?? manifest);
  await put(storeKeys.releaseBuild(digest), change.build ?? build);
  await put(storeKeys.releasePacks(digest), { packs: [] });
  if (change.without === 'signature.json') return;
  const payload = { ...seal, ...change.seal };
  await writeSigned(store, storeKeys.releaseSignature(digest), 'release', payload, (kind, hash) =>
    signer.sign({ role: 'build' }, kind, hash),
  );
}
const read = () => readRelease({ store, signer }, 'sample', digest);

test('reads what the builder sealed', async () => {
  await stored();
  expect(await read()).toEqual({ digest, manifest, build });
});

test.each(['manifest.json', 'build.json', 'packs.json', 'signature.json'])(
  'refuses a release without its %s',
  async (without) => {
    await stored({ without });
    await expect(read()).rejects.toMatchObject({
      kind: 'refused',
      message: `release ${digest.slice(0, 12)} is missing from the store or incomplete`,
      fix: expect.stringContaining('lockstep build TAG'),
    });
  },
);

test.each([
  ['a manifest that was changed', { manifest: { ...manifest, files: [] } }, 'was altered'],
  ['a build record that was changed', { build: { ...build, tag: 'v2' } }, 'another build'],
  ['a seal for another release', { seal: { release: '1'.repeat(64) } }, 'another release'],
  ['a seal for another app', { seal: { app: 'other' } }, 'another app'],
])('refuses %s', async (_, change, words) => {
  await stored(change);
  await expect(read()).rejects.toMatchObject({ kind: 'refused', message: expect.stringContaining(words) });
});

/** Another manifest, under its own digest and sealed: whoever builds may be wrong, or of another version. */
async function sealed(other: unknown): Promise<string> {
  const release = digestOf(other);
  await writeOnce(store, storeKeys.releaseManifest(release), other);
  await writeOnce(store, storeKeys.releaseBuild(release), build);
  await writeOnce(store, storeKeys.releasePacks(release), { packs: [] });
  const key = storeKeys.releaseSignature(release);
  await writeSigned(store, key, 'release', { ...seal, release }, (kind, hash) =>
    signer.sign({ role: 'build' }, kind, hash),
  );
  return release;
}

test('refuses a tree that could not be written to a disk, whoever sealed it', async () => {
  const release = await sealed({ ...manifest, files: [{ type: 'directory', path: 'a/b' }] });
  await expect(readRelease({ store, signer }, 'sample', release)).rejects.toThrow('no parent directory');
});

test('knows a release by its bytes: one from before a default of the app manifest keeps its digest', async () => {
  const { smoke: _, ...older } = app;
  const release = await sealed({ ...manifest, app: older });
  const found = await readRelease({ store, signer }, 'sample', release);
  expect(found.digest).toBe(release);
  expect(found.manifest.app.smoke).toEqual([]);
});
