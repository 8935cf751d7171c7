import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { Command } from 'commander';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { AwsService } from '../../../scripts/adapters/aws/aws-service.ts';
import { secret } from '../../../scripts/commands/secret/secret.ts';
import { status } from '../../../scripts/commands/status.ts';
import type { Context, Result } from '../../../scripts/console/command.ts';
import { createProgram, globalOptions } from '../../../scripts/console/program.ts';
import { hostCredentials } from '../../../scripts/store/s3/aws-credentials.ts';
import { skippedBecause } from '../../support/run/skipped-because.ts';
import { Ministack, whyNoMinistack } from '../../support/servers/ministack.ts';
import { emulatedAws } from '../../support/servers/ministack-bucket.ts';

const root = path.join(import.meta.dirname, '../../..');
const why = whyNoMinistack();

let project: string;
let variables: Record<string, string> = {};
beforeAll(async () => {
  project = await mkdtemp(path.join(os.tmpdir(), 'lockstep-secret-aws-'));
  const shared = await readFile(path.join(root, 'Pulumi.yaml'), 'utf8');
  const declared = shared.replace('secrets: [SESSION_KEY]', 'secrets: [SESSION_KEY, REDIS_PASSWORD]');
  await writeFile(path.join(project, 'Pulumi.yaml'), declared);
  await copyFile(path.join(root, 'Pulumi.staging.yaml'), path.join(project, 'Pulumi.staging.yaml'));
});
afterAll(() => rm(project, { recursive: true }));
beforeEach(() => {
  for (const name of Object.keys(process.env)) if (name.startsWith('AWS_')) vi.stubEnv(name, undefined);
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
});
afterEach(() => void vi.unstubAllEnvs());

/** A verb inside this process, by the options that the command line would give it. */
async function answerOf(...args: readonly string[]): Promise<Result | undefined> {
  let result: Result | undefined;
  const context: Omit<Context, 'options'> = {
    signal: new AbortController().signal,
    reporter: { step: (_, work) => work(() => {}), info: () => {}, warn: () => {} },
    environment: variables,
    colour: false,
  };
  const program = createProgram([secret, status], (work) => async (...rest) => {
    const command: unknown = rest.at(-1);
    if (!(command instanceof Command)) throw new TypeError('commander gives the command last');
    result = await work({ ...context, options: globalOptions(command) }, ...rest);
  });
  await program.parseAsync([...args, '--project', project], { from: 'user' });
  return result;
}

describe('the target aws', () => {
  test('is refused by verbs that would act on this machine instead, with the verbs that support it', async () => {
    await expect(answerOf('status', 'staging', '--target', 'aws')).rejects.toMatchObject({
      kind: 'usage',
      message: expect.stringContaining('--target aws is not supported yet'),
      details: ['verbs that support it: secret set, secret list, secret rotate-redis'],
    });
  });

  test('alone has a Redis with a password', async () => {
    await expect(answerOf('secret', 'rotate-redis', 'staging')).rejects.toMatchObject({
      kind: 'usage',
      fix: expect.stringContaining('--target aws'),
    });
  });

  test('has the environments of this project alone', async () => {
    await expect(answerOf('secret', 'list', 'stagin', '--target', 'aws')).rejects.toMatchObject({
      fix: 'Write staging.',
    });
  });
});

/** IAM, KMS and a Redis are not behind the emulator. */
describe('lockstep secret --target aws, against an emulator', skippedBecause(why), () => {
  let emulator: Ministack;
  beforeAll(async () => {
    emulator = await Ministack.start();
    variables = emulatedAws(emulator.endpoint);
  });
  afterAll(() => emulator.stop());

  test('takes a value from standard input and lists names and versions, never values', async () => {
    const args = ['secret', 'set', 'staging', 'SESSION_KEY', '--target', 'aws', '--project', project];
    const child = spawn(process.execPath, [path.join(root, 'scripts', 'cli.ts'), ...args]);
    child.stdin.end('hunter2\n');
    const [out, err, [code]] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, 'exit'),
    ]);
    expect([code, out]).toEqual([
      0,
      'staging: SESSION_KEY is now version 1. Hosts get it with the next order.\n',
    ]);
    expect(err).toContain('The cloud program had not made /lockstep/intake/staging/secrets/SESSION_KEY yet');
    expect(err).not.toContain('hunter2');
    expect(await answerOf('secret', 'list', 'staging', '--target', 'aws')).toEqual({
      json: { environment: 'staging', secrets: [{ name: 'SESSION_KEY', version: 1 }] },
      text: 'name         version\nSESSION_KEY  1',
    });
    expect((await answerOf('secret', 'list', 'staging'))?.text).toBe('staging has no secrets.');
  });

  test('rotates the password of Redis twice, and shows it never', async () => {
    const world = { environment: variables, credentials: hostCredentials({ environment: variables }) };
    const service = new AwsService('elasticache', 'eu-central-1', world);
    const make = (action: string, input: Record<string, string>) =>
      service.query({ action, version: '2015-02-02', doing: action }, input);
    const rotate = () => answerOf('secret', 'rotate-redis', 'staging', '--target', 'aws');
    await expect(rotate()).rejects.toMatchObject({
      kind: 'refused',
      fix: expect.stringContaining('pulumi up'),
    });

    const UserId = 'intake-staging-app';
    await make('CreateUser', { UserId, UserName: UserId, Engine: 'redis', AccessString: 'off ~* -@all' });
    await make('CreateUserGroup', { UserGroupId: 'intake-staging-users', 'UserIds.member.1': UserId });
    const json = { environment: 'staging', name: 'REDIS_PASSWORD', user: UserId };
    expect((await rotate())?.json).toEqual({ ...json, version: 1 });
    const second = await rotate();
    expect(second?.json).toEqual({ ...json, version: 2 });
    expect(second?.text).toBe(
      'staging: REDIS_PASSWORD of the Redis user intake-staging-app is now version 2. ' +
        'The previous one stays valid until the next rotation. Hosts get it with the next order.',
    );
  });

  test('refuses a Redis that Lockstep has no user in', async () => {
    const file = path.join(project, 'Pulumi.yaml');
    const before = await readFile(file, 'utf8');
    await writeFile(
      file,
      before.replace(/^ {6}redis:\n( {8}.*\n)+/m, '      redis:\n        source: none\n'),
    );
    const differences = path.join(project, 'Pulumi.staging.yaml');
    const own = await readFile(differences, 'utf8');
    await writeFile(differences, own.replace(/^ {4}- path: redis\.nodes\n( {6}.*\n)+/m, ''));
    await expect(answerOf('secret', 'rotate-redis', 'staging', '--target', 'aws')).rejects.toMatchObject({
      kind: 'refused',
      message: 'redis.source is none: Lockstep does not manage a user in that Redis',
    });
  });
});
