import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { access, mkdir, readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hubNames } from '../../infra/stack/naming.ts';
import { PulumiFoundation, readFoundation } from '../../scripts/adapters/pulumi/pulumi-foundation.ts';
import type { LockstepError } from '../../scripts/domain/errors.ts';
import { bootstrap } from '../../scripts/workflows/bootstrap.ts';
import type { Reporter } from '../../scripts/workflows/ports/reporter.ts';
import { engineEnvironment } from '../support/engine/engine-command.ts';
import { whyNoEngine } from '../support/engine/engine-place.ts';
import { copyProject, serveStub } from '../support/engine/engine-project.ts';
import { seenIn } from '../support/run/seen-in.ts';
import { skippedBecause } from '../support/run/skipped-because.ts';
import { Ministack, whyNoMinistack } from '../support/servers/ministack.ts';
import { emulatedAws } from '../support/servers/ministack-bucket.ts';
import { makeStatePlace } from '../support/servers/ministack-hub.ts';

const why = whyNoEngine() ?? whyNoMinistack();
const reporter: Reporter = { step: (_, work) => work(() => {}), info: () => {}, warn: () => {} };
const signal = new AbortController().signal;

/**
 * `lockstep bootstrap` with the real engine, its state in S3 and its secrets by KMS of an emulator; a stub
 * makes the resources of the program, and what the state needs of them is made in the emulator.
 */
describe('bootstrap under the real engine [AWS is a stub and an emulator]', skippedBecause(why), () => {
  let directory: string;
  let environment: Record<string, string>;
  let endpoint: string;
  let asWritten: string;
  const undo: (() => unknown)[] = [];
  const inside = (...names: string[]) => path.join(directory, ...names);
  const settingsFile = () => inside('infra/foundation/Pulumi.hub.yaml');

  beforeAll(async () => {
    const project = await copyProject();
    undo.push(project.remove);
    directory = project.directory;
    const stub = await serveStub();
    undo.push(stub.stop);
    const emulator = await Ministack.start();
    undo.push(() => emulator.stop());
    endpoint = emulator.endpoint;
    environment = { ...engineEnvironment(inside('.engine'), stub.port), ...emulatedAws(endpoint) };
    asWritten = await readFile(settingsFile(), 'utf8');
  });
  afterAll(async () => {
    for (const step of undo.reverse()) await step();
  });

  async function run(beforeUp: () => void = () => {}) {
    const settings = await readFoundation(directory);
    const engine = new PulumiFoundation(directory, settings, { environment, signal });
    const { hub } = settings;
    const up = engine.up.bind(engine);
    engine.up = async (place) => {
      beforeUp();
      const outcome = await up(place);
      const made = { bucket: hubNames.stateBucket(hub), alias: hubNames.stateKeyAlias(), region: hub.region };
      if (place === 'local') await makeStatePlace(endpoint, made);
      return outcome;
    };
    return bootstrap(engine, reporter, signal);
  }
  const refusalOf = () =>
    run().then(
      () => undefined,
      (error: LockstepError) => error,
    );
  /** The engine that holds the lock of the state on this machine, as soon as there is one. */
  async function lockHolder(): Promise<number> {
    const locks = inside('.lockstep/foundation/.pulumi/locks/organization/lockstep-foundation/hub');
    const holder = async () => {
      const [name] = await readdir(locks).catch(() => []);
      if (name === undefined) return undefined;
      const text = await readFile(path.join(locks, name), 'utf8').catch(() => '');
      return text === '' ? undefined : (JSON.parse(text) as { pid: number }).pid;
    };
    await mkdir(inside('.lockstep/foundation'), { recursive: true });
    return seenIn(inside('.lockstep'), holder);
  }

  test('the lock of a killed run is named, with the line that frees it', async () => {
    // Not before the update: making the stack takes the lock as well.
    let killed: Promise<unknown> | undefined;
    const killHolder = () => {
      killed = lockHolder().then((pid) => process.kill(pid, 'SIGKILL'));
    };
    await expect(run(killHolder)).rejects.toThrow(/pulumi up .* failed/);
    await killed;
    const error = await refusalOf();
    expect(error).toMatchObject({ kind: 'errored', message: expect.stringContaining('holds the lock') });
    expect(error?.details.join('\n')).toMatch(/created by .*@.* \(pid \d+\)/);
    const [, line = ''] = /type: (.*)$/.exec(error?.fix ?? '') ?? [];
    expect(line).toContain('pulumi cancel');
    await promisify(execFile)('sh', ['-c', line], { cwd: '/', env: environment });
  });

  test('the state begins on this machine and moves into the bucket, its secrets to the key', async () => {
    expect(await run()).toMatchObject({
      changed: true,
      steps: ['up-local', 'create-remote', 'migrate', 'encrypt', 'up-remote', 'forget-local'],
    });
    await expect(access(inside('.lockstep/foundation'))).rejects.toThrow('ENOENT');
    expect(readFileSync(settingsFile(), 'utf8')).toMatch(
      /^secretsprovider: awskms:\/\/alias\/lockstep-state/m,
    );
  });

  test('repeated, it says that nothing changed', async () => {
    expect(await run()).toEqual({ changed: false, steps: ['up-remote'] });
  });

  test('a checkout that lacks the key of the state is refused, with the lines to commit', async () => {
    const committed = readFileSync(settingsFile(), 'utf8');
    writeFileSync(settingsFile(), asWritten);
    const error = await refusalOf();
    expect(error).toMatchObject({ kind: 'refused', message: expect.stringContaining('Pulumi.hub.yaml') });
    expect(readFileSync(settingsFile(), 'utf8')).toBe(asWritten);
    writeFileSync(settingsFile(), `${error?.details.join('\n')}\n${asWritten}`);
    expect(await run()).toEqual({ changed: false, steps: ['up-remote'] });
    expect(error?.details.every((line) => committed.includes(line))).toBe(true);
  });
});
