import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { GitSource } from '../scripts/adapters/build/git-source.ts';
import { LocalWorkshop } from '../scripts/adapters/build/local-workshop.ts';
import { FileSigner } from '../scripts/adapters/local/key-files.ts';
import { packListSchema } from '../scripts/domain/release/release.ts';
import { parseReleaseManifest } from '../scripts/domain/release/release-tree.ts';
import { storeKeys } from '../scripts/domain/store-keys.ts';
import { materialise } from '../scripts/host/disk/materialise.ts';
import { rehash } from '../scripts/host/disk/rehash.ts';
import { removeTree } from '../scripts/machine/directory.ts';
import { DirectoryStore } from '../scripts/store/directory-store.ts';
import { build } from '../scripts/workflows/build/build.ts';
import { commit, createRepository, shell } from './repository.ts';

/**
 * Ratios in one run on generated inputs: figures of different machines, or of different moments, don't
 * compare.
 */
const { values } = parseArgs({
  options: { files: { type: 'string', default: '10000' }, megabytes: { type: 'string', default: '500' } },
});
const files = Number(values.files);
const fileSize = Math.floor((Number(values.megabytes) * 1_000_000) / files);
const cores = os.availableParallelism();
const root = mkdtempSync(path.join(os.tmpdir(), 'lockstep-bench-'));
const [app, state, host] = ['app', 'state', 'host'].map((name) => path.join(root, name)) as [
  string,
  string,
  string,
];

async function timed<T>(work: () => T | Promise<T>): Promise<{ seconds: number; value: T }> {
  const start = performance.now();
  const value = await work();
  return { seconds: (performance.now() - start) / 1000, value };
}

function line(what: string, ours: number, theirs: number, baseline: string): void {
  const ratio = (ours / theirs).toFixed(2);
  console.log(`${what}: ${ours.toFixed(2)} s; ${baseline}: ${theirs.toFixed(2)} s; ratio ${ratio}`);
}

async function main(): Promise<void> {
  createRepository(app, files, fileSize);
  const store = new DirectoryStore(path.join(state, 'store'));
  const ports = {
    store,
    signer: new FileSigner(path.join(state, 'keys')),
    source: new GitSource(app, process.env),
    workshop: new LocalWorkshop(path.join(state, 'work'), process.env),
    reporter: {
      step: <T>(_: string, work: (note: (text: string) => void) => Promise<T>) => work(() => {}),
      info: () => {},
      warn: () => {},
    },
  };
  const signal = new AbortController().signal;
  const built = (tag: string) => build(ports, { tag, builtBy: 'bench', factsProblems: () => [], signal });
  const archived = (tag: string) =>
    shell(`git archive ${tag} | zstd -q -T0 -3 -f -o ${root}/archive.zst`, app);

  const what = `${files} files, ${values.megabytes} MB`;
  const baseline = 'git archive | zstd -T0 -3';
  const archive = await timed(() => archived('v1'));
  const first = await timed(() => built('v1'));
  line(`build of ${what}`, first.seconds, archive.seconds, baseline);

  writeFileSync(path.join(app, 'd0', 'f0.bin'), randomBytes(fileSize));
  commit(app, 'v2');
  const secondArchive = await timed(() => archived('v2'));
  const second = await timed(() => built('v2'));
  line('build with one file changed', second.seconds, secondArchive.seconds, baseline);

  const { release } = second.value;
  const text = async (key: string) => new TextDecoder().decode((await store.get(key))?.body);
  const manifest = parseReleaseManifest(await text(storeKeys.releaseManifest(release)));
  const { packs } = packListSchema.parse(JSON.parse(await text(storeKeys.releasePacks(release))));
  await materialise({ store, manifest, packs, target: host, held: [], mtimeSeconds: 0, signal });
  // Once each without a clock, so that both read from memory.
  const sums = () => shell(`find . -type f -print0 | xargs -0 -P ${cores} -n 200 sha256sum > ../sums`, host);
  sums();
  const sha256sum = await timed(sums);
  const ours = await timed(() => rehash(host, manifest, signal));
  if (ours.value.count > 0) throw new Error(`the tree is not what was built: ${JSON.stringify(ours.value)}`);
  line('re-hash of a host', ours.seconds, sha256sum.seconds, `sha256sum, ${cores} processes`);
  console.log(`peak memory of all of it: ${Math.round(process.resourceUsage().maxRSS / 1024)} MiB`);
}

try {
  await main();
} finally {
  await removeTree(host);
  rmSync(root, { recursive: true, force: true });
}
