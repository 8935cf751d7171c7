import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { PulumiFoundation, readFoundation } from '../../../scripts/adapters/pulumi/pulumi-foundation.ts';
import { bootstrap } from '../../../scripts/workflows/bootstrap.ts';
import type { Reporter } from '../../../scripts/workflows/ports/reporter.ts';

/**
 * The order of `lockstep bootstrap`, with a recording stand-in for `pulumi` that keeps one file a backend.
 * What the real engine does with these commands is shown in
 * test/engine/real-bootstrap.test.ts.
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
    if [ -f "$RECORD/locked" ]; then
      echo 'error: the stack is currently locked by 1 lock(s). Either wait for the other process(es) to end or' >&2
      echo '  file:///x.json: created by someone@somewhere (pid 7) at 2026-11-28T00:00:00Z' >&2; exit 255
    fi
    echo '{"sequence":0,"timestamp":1,"preludeEvent":{"config":{}}}'
    if [ -f "$RECORD/wrong" ]; then
      echo '{"diagnosticEvent":{"message":"<{%reset%}>it is wrong<{%reset%}>","severity":"error"}}'; exit 255
    fi
    if [ "$(cat "$state")" = 3 ]; then same=same; else same=create; fi
    echo '{"sequence":2,"summaryEvent":{"durationSeconds":1,"resourceChanges":{"'$same'":3}}}'
    echo 3 >"$state"; touch "$RECORD/made" ;;
  'stack export')
    for file; do [ "$last" = --file ] && cp "$state" "$file"; last=$file; done
    case "$*" in
      *--file*) ;;
      *) if [ -f "$RECORD/key" ]; then cat "$RECORD/key"; else echo '{"deployment":{"secrets_providers":{"type":"passphrase","state":{"salt":"x"}}}}'; fi ;;
    esac ;;
  'stack change-secrets-provider')
    echo "secretsprovider: $3" >>Pulumi.hub.yaml; echo 'encryptedkey: a2V5' >>Pulumi.hub.yaml
    echo '{"deployment":{"secrets_providers":{"type":"cloud","state":{"url":"'"$3"'","encryptedkey":"a2V5"}}}}' >"$RECORD/key" ;;
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

test('settings that lack the key of the state are refused, with the lines to commit', async () => {
  const settings = path.join(directory, 'infra/foundation/Pulumi.hub.yaml');
  const before = await readFile(settings, 'utf8');
  await run();
  const key = ['secretsprovider: awskms://alias/lockstep-state?region=eu-central-1', 'encryptedkey: a2V5'];
  await rm(path.join(directory, 'record/local'));
  for (const lacking of [before, `${before}${key[0]}\n`, `${before}${key[0]}\nencryptedkey: b3RoZXI=\n`]) {
    await writeFile(settings, lacking);
    await expect(run()).rejects.toMatchObject({ kind: 'refused', details: key });
  }
  await writeFile(settings, `${before}${key.join('\n')}\n`);
  expect(await run()).toMatchObject({ changed: false });
});

test('a state that went back to a passphrase gets its key again', async () => {
  await run();
  for (const gone of ['local', 'key']) await rm(path.join(directory, 'record', gone));
  expect(await run()).toEqual({ changed: true, steps: ['encrypt', 'up-remote'] });
});

test('a lock that a killed run left is named, with the line that frees it', async () => {
  await mkdir(path.join(directory, 'record'), { recursive: true });
  await writeFile(path.join(directory, 'record/locked'), '');
  await expect(run()).rejects.toMatchObject({
    kind: 'errored',
    details: expect.arrayContaining([expect.stringContaining('someone@somewhere (pid 7)')]),
    fix: expect.stringContaining(
      `PULUMI_BACKEND_URL='file://${directory}/.lockstep/foundation' PULUMI_CONFIG_PASSPHRASE= ` +
        `pulumi cancel hub --yes --cwd '${directory}/infra/foundation'`,
    ),
  });
});

test('what the engine says is wrong is shown', async () => {
  await writeFile(path.join(directory, 'record/wrong'), '');
  await expect(run()).rejects.toMatchObject({ details: expect.arrayContaining(['it is wrong']) });
});

test('without pulumi on the PATH it says what to install', async () => {
  await expect(run('', '/usr/bin:/bin')).rejects.toMatchObject({
    kind: 'errored',
    fix: expect.stringContaining('https://get.pulumi.com'),
  });
});

test('a bucket that may not be read is no missing bucket', async () => {
  await expect(run('stack ls')).rejects.toThrow('failed');
});
