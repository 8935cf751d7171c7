import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { PulumiFoundation, readFoundation } from '../../../scripts/adapters/pulumi/pulumi-foundation.ts';
import { bootstrap } from '../../../scripts/workflows/bootstrap.ts';
import type { Reporter } from '../../../scripts/workflows/ports/reporter.ts';

/**
 * The order of `lockstep bootstrap`, with a recording stand-in for `pulumi` that keeps one file a backend.
 * What the real engine does with these commands is not proved here.
 */
const standIn = `#!/bin/sh
case "$PULUMI_BACKEND_URL" in file://*) place=local ;; *) place=remote ;; esac
echo "$place $*" >>"$RECORD/calls"
state="$RECORD/$place"
if [ "$1 $2" = "$BROKEN" ]; then echo 'it broke' >&2; exit 1; fi
case "$1 $2" in
  'version --non-interactive') echo v3 ;;
  'stack ls')
    if [ $place = remote ] && [ ! -f "$RECORD/made" ]; then echo 'error: code=NotFound: NoSuchBucket' >&2; exit 255; fi
    if [ -f "$state" ]; then echo "[{\\"name\\":\\"hub\\",\\"resourceCount\\":$(cat "$state")}]"; else echo '[]'; fi ;;
  'stack init') echo 0 >"$state" ;;
  'up --stack')
    if [ "$(cat "$state")" = 3 ]; then echo '{"changeSummary":{"same":3}}'; else echo '{"changeSummary":{"create":3}}'; fi
    echo 3 >"$state"; touch "$RECORD/made" ;;
  'stack export') for file; do [ "$last" = --file ] && cp "$state" "$file"; last=$file; done ;;
  'stack import') for file; do [ "$last" = --file ] && cp "$file" "$state"; last=$file; done ;;
esac
`;

let directory: string;
const reporter: Reporter = { step: (_, work) => work(() => {}), info: () => {}, warn: () => {} };
const calls = async () =>
  (await readFile(path.join(directory, 'record/calls'), 'utf8'))
    .split('\n')
    .slice(0, -1)
    .map((line) => line.replace(` --non-interactive`, '').replace(`${directory}/`, ''));

beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'lockstep-bootstrap-'));
  for (const name of ['bin', 'record', 'infra/foundation'])
    await mkdir(path.join(directory, name), { recursive: true });
  await writeFile(path.join(directory, 'bin/pulumi'), standIn);
  await chmod(path.join(directory, 'bin/pulumi'), 0o755);
  const real = path.join(import.meta.dirname, '../../../infra/foundation/Pulumi.hub.yaml');
  await writeFile(path.join(directory, 'infra/foundation/Pulumi.hub.yaml'), await readFile(real));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

async function run(broken = '', searchPath = `${directory}/bin:/usr/bin:/bin`) {
  const signal = new AbortController().signal;
  const environment = { PATH: searchPath, RECORD: path.join(directory, 'record'), BROKEN: broken };
  const engine = new PulumiFoundation(directory, await readFoundation(directory), { environment, signal });
  return bootstrap(engine, reporter, signal);
}

test('begins on this machine and moves into the bucket; repeated, it changes nothing', async () => {
  expect(await run()).toMatchObject({ changed: true });
  expect(await calls()).toEqual([
    'local version',
    'local stack ls --json',
    'remote stack ls --json',
    'local stack init hub --secrets-provider passphrase',
    'local up --stack hub --yes --skip-preview --json',
    'remote stack init hub --secrets-provider passphrase',
    'local stack export --stack hub --file .lockstep/foundation/export.json',
    'remote stack import --stack hub --file .lockstep/foundation/export.json',
    'remote stack change-secrets-provider awskms://alias/lockstep-state?region=eu-central-1 --stack hub',
    'remote up --stack hub --yes --skip-preview --json',
  ]);
  await rm(path.join(directory, 'record/local'));
  await rm(path.join(directory, 'record/calls'));
  expect(await run()).toEqual({ changed: false, steps: ['up-remote'] });
  expect(await readdir(path.join(directory, '.lockstep'))).toEqual([]);
});

test.each(['stack import', 'stack change-secrets-provider', 'stack export'])(
  'interrupted at `pulumi %s`, the next run goes on from there',
  async (broken) => {
    await expect(run(broken)).rejects.toThrow('failed');
    expect(await run()).toMatchObject({ changed: true });
    expect(await readFile(path.join(directory, 'record/remote'), 'utf8')).toBe('3\n');
    const inits = (await calls()).filter((call) => call.includes('stack init'));
    expect(inits).toHaveLength(2);
  },
);

test('without pulumi on the PATH it says what to install', async () => {
  await expect(run('', '/usr/bin:/bin')).rejects.toMatchObject({
    kind: 'errored',
    fix: expect.stringContaining('https://get.pulumi.com'),
  });
});

test('a bucket that may not be read is no missing bucket', async () => {
  await expect(run('stack ls')).rejects.toThrow('failed');
});
