import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { engineCache, enginePath, findEngine, whyNoEngine } from '../support/engine/engine-place.ts';
import { prepareEngine } from '../support/engine/prepare-engine.ts';

/** In the place of Go: says each build, and fails while there is a file that tells it to. */
const go = `#!/bin/sh
echo "$*" >>"$RECORD/builds"
for each; do [ "$last" = -o ] && out=$each; last=$each; done
echo built >"$out"
[ ! -f "$RECORD/broken" ] || { echo 'the registry does not answer' >&2; exit 1; }
`;

let directory: string;
let environment: Record<string, string>;
const inside = (...names: string[]) => path.join(directory, ...names);
const builds = async () => (await readFile(inside('builds'), 'utf8')).trim().split('\n');
const prepare = () => prepareEngine({ environment, say: () => {} });

async function program(name: string, text: string): Promise<string> {
  await mkdir(inside('bin'), { recursive: true });
  await writeFile(inside('bin', name), text);
  await chmod(inside('bin', name), 0o755);
  return inside('bin', name);
}

beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'lockstep-prepare-engine-'));
  environment = { PATH: inside('bin'), HOME: directory, RECORD: directory };
});
afterEach(() => rm(directory, { recursive: true, force: true }));

test('two runs at once build it once, checked by go.sum and with its version, and then it is there', async () => {
  await program('go', go);
  expect(whyNoEngine(environment)).toMatch(/npm run test:engine/);
  const engines = await Promise.all([prepare(), prepare()]);
  const built = path.join(directory, '.cache/lockstep', path.basename(engineCache(environment)), 'pulumi');
  expect(engines).toEqual([
    { program: built, from: 'the cache' },
    { program: built, from: 'the cache' },
  ]);
  const [line = '', ...more] = await builds();
  expect(more).toEqual([]);
  expect(line).toMatch(/^build -mod=readonly .*version\.Version=v3\.\d+\.\d+ .*pkg\/v3\/cmd\/pulumi$/);
  expect(whyNoEngine(environment)).toBeNull();
  await prepare();
  expect(await builds()).toHaveLength(1);
});

test('a build that fails says what Go said, and leaves nothing that is used', async () => {
  await program('go', go);
  await writeFile(inside('broken'), '');
  await expect(prepare()).rejects.toThrow('the registry does not answer');
  expect(findEngine(environment)).toBeUndefined();
  // As one that was ended in the middle leaves it.
  await mkdir(engineCache(environment), { recursive: true });
  await writeFile(path.join(engineCache(environment), 'pulumi'), 'a part');
  expect(findEngine(environment)).toBeUndefined();
  await rm(inside('broken'));
  await prepare();
  expect(await readdir(engineCache(environment))).toEqual(expect.arrayContaining(['pulumi', 'ready']));
  expect(await builds()).toHaveLength(2);
});

test('a pulumi on the PATH is used as it is, with the language host beside it or ours after all others', async () => {
  const own = await program('pulumi', '#!/bin/sh\n');
  expect(await prepare()).toEqual({ program: own, from: 'the PATH' });
  const engine = { program: own, from: 'the PATH' } as const;
  expect(enginePath(engine, environment)).toMatch(/test\/support\/engine\/bin$/);
  await program('pulumi-language-nodejs', '#!/bin/sh\n');
  expect(enginePath(engine, environment)).not.toContain('test/support/engine/bin');
});

test('without Go and pulumi it says what to install, and the tests what to type', async () => {
  await expect(prepare()).rejects.toThrow(/neither `pulumi` nor Go/);
  expect(whyNoEngine(environment)).toMatch(/npm run test:engine .*needs Go/);
});

test('the one check leaves the engine out by name, or demands it', () => {
  expect(whyNoEngine({ ...environment, LOCKSTEP_ENGINE: 'left out: too slow' })).toBe('too slow');
  expect(whyNoEngine({ ...environment, LOCKSTEP_ENGINE: 'required' })).toBeNull();
});
