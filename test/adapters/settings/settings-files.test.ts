import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { renderProblem } from '../../../infra/settings/problems/problems.ts';
import {
  findSettingsProblems,
  listEnvironments,
  loadSettings,
} from '../../../scripts/adapters/settings/settings-files.ts';
import { LockstepError } from '../../../scripts/domain/errors.ts';

const root = path.join(import.meta.dirname, '../../..');
const mistakes = path.join(import.meta.dirname, '../../fixtures/settings-with-mistakes');
const today = new Date('2026-06-01T12:00:00Z');

async function errorOf(work: Promise<unknown>): Promise<LockstepError> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof LockstepError)) throw new Error('expected a LockstepError', { cause: error });
  return error;
}

describe('twelve mistakes in the settings of one environment', () => {
  test('yield twelve problems at once, each with its file, line, key and the value got', async () => {
    const problems = await findSettingsProblems(mistakes, today);
    expect(problems.map(({ file, line, key, got }) => [file, line, key, got])).toEqual([
      ['Pulumi.staging.yaml', 5, 'config.lockstep:identity.account', '011122223333'],
      ['Pulumi.staging.yaml', 9, 'config.lockstep:upstream', '"prodution"'],
      ['Pulumi.staging.yaml', 10, 'config.lockstep:soakMinuts', 'lockstep:soakMinuts'],
      ['Pulumi.staging.yaml', 12, 'config.lockstep:env.API_TOKEN', 'secure: (hidden)'],
      ['Pulumi.staging.yaml', 16, 'config.lockstep:differences[0].value', '5'],
      ['Pulumi.staging.yaml', 18, 'config.lockstep:differences[1].path', '"fleet.hots"'],
      ['Pulumi.staging.yaml', 21, 'config.lockstep:differences[2].path', '"app.env.LLM_TEMPERATURE"'],
      ['Pulumi.staging.yaml', 25, 'config.lockstep:differences[3].value', '0'],
      ['Pulumi.staging.yaml', 29, 'config.lockstep:differences[4].reason', '""'],
      ['Pulumi.staging.yaml', 33, 'config.lockstep:differences[5].until', '"2026-01-31"'],
      ['Pulumi.yaml', 13, 'config.lockstep:base.value.app.env.LLM_TEMPERATURE', '0.20'],
      ['Pulumi.yaml', 15, 'config.lockstep:base.value.fleet.host', 'host'],
    ]);
  });

  test('say what is allowed and what to write instead', async () => {
    const problems = await findSettingsProblems(mistakes, today);
    expect(problems.filter(({ allowed, fix, message }) => !allowed || !fix || !message)).toEqual([]);
    const fixes = Object.fromEntries(problems.map(({ line, fix }) => [line, fix]));
    expect(fixes).toMatchObject({
      5: 'put it in quotes',
      9: 'write production, or add Pulumi.prodution.yaml, or name one that exists',
      10: 'write lockstep:soakMinutes, or remove it',
      13: 'put it in quotes',
      15: 'write hosts, or remove it',
      18: 'write fleet.hosts, or name a path that the base has',
      25: 'write a whole number from 1 to 100',
    });
  });

  test('end a command as one usage error with a line each, and without the encrypted value', async () => {
    const error = await errorOf(loadSettings(mistakes, 'staging', today));
    expect(error.kind).toBe('usage');
    expect(error.message).toBe('the settings of staging have 12 problems');
    expect(error.details).toEqual((await findSettingsProblems(mistakes, today)).map(renderProblem));
    expect(error.details[2]).toBe(
      'Pulumi.staging.yaml:10:3 config.lockstep:soakMinuts: unknown key. Got lockstep:soakMinuts; allowed: ' +
        'lockstep:identity, lockstep:upstream, lockstep:soakMinutes, lockstep:env, lockstep:differences, ' +
        'lockstep:local. Fix: write lockstep:soakMinutes, or remove it.',
    );
    expect(error.details.join('\n')).not.toContain('AAABAMlockedvalue');
  });
});

describe("the repository's own settings", () => {
  test('resolve for both environments', async () => {
    expect(await listEnvironments(root)).toEqual(['production', 'staging']);
    expect(await findSettingsProblems(root, today)).toEqual([]);
    const staging = await loadSettings(root, 'staging', today);
    expect(staging).toMatchObject({ upstream: null, fleet: { hosts: 2 } });
    expect(staging.differences[0]).toMatchObject({ path: 'fleet.hosts', value: 2, base: 3, until: null });
    const production = await loadSettings(root, 'production', today);
    expect(production).toMatchObject({ upstream: 'staging', soakMinutes: 30, fleet: { hosts: 3 } });
  });

  test('are not found under a name that has no file, nor under one that is a path', async () => {
    const error = await errorOf(loadSettings(root, 'stagin', today));
    expect([error.kind, error.fix]).toEqual(['usage', 'Write staging.']);
    const outside = await errorOf(loadSettings(root, '../main/Pulumi.staging', today));
    expect(outside.kind).toBe('usage');
  });
});

describe('a project of its own', () => {
  let project: string;
  beforeEach(async () => {
    project = await mkdtemp(path.join(os.tmpdir(), 'lockstep-settings-'));
  });
  afterEach(() => rm(project, { recursive: true }));

  const base = `
config:
  lockstep:base:
    value:
      app: {name: shop, services: {web: {port: 8080, healthPath: /health}}}
`;
  const identity = (name: string, second: number) => `
  lockstep:identity:
    {account: "111122223333", region: eu-central-1, cidr: 10.${second}.0.0/16, domain: ${name}.example.com}
`;
  const write = (file: string, text: string) => writeFile(path.join(project, file), text);

  test('a past difference warns a rollback and refuses a deployment', async () => {
    await write('Pulumi.yaml', base);
    const difference = '{path: fleet.hosts, value: 3, reason: a sale, until: 2026-05-31}';
    await write(
      'Pulumi.staging.yaml',
      `config:${identity('staging', 20)}  lockstep:differences: [${difference}]`,
    );
    const error = await errorOf(loadSettings(project, 'staging', today));
    expect(error.details[0]).toContain('this difference has ended');
    const settings = await loadSettings(project, 'staging', today, { lenient: true });
    expect(settings.fleet.hosts).toBe(3);
    expect(settings.warnings).toEqual(['the difference fleet.hosts was to end on 2026-05-31']);
    await loadSettings(project, 'staging', new Date('2026-05-31T23:59:59Z'));
  });

  test("a mistake in another environment's file keeps nobody from being rolled back", async () => {
    await write('Pulumi.yaml', base);
    await write('Pulumi.staging.yaml', `config:${identity('staging', 20)}`);
    await write('Pulumi.production.yaml', `config:${identity('production', 30)}  lockstep:soak: 3`);
    expect((await loadSettings(project, 'staging', today)).identity.domain).toBe('staging.example.com');
    expect((await findSettingsProblems(project, today)).map(({ key }) => key)).toEqual([
      'config.lockstep:soak',
    ]);
  });

  test('refuses the base in a stack file, an environment key in the shared file, and keys without a namespace', async () => {
    await write('Pulumi.yaml', `${base}  lockstep:upstream: {value: production}\n`);
    await write(
      'Pulumi.staging.yaml',
      `config:${identity('staging', 20)}  lockstep:base: {}\n  upstream: x\n`,
    );
    const problems = await findSettingsProblems(project, today);
    expect(problems.map(({ message, fix }) => [message, fix])).toEqual([
      ['stands once, in Pulumi.yaml', 'list what differs under lockstep:differences'],
      ['a key without a namespace', 'write lockstep:upstream, or remove it'],
      ['belongs to one environment', 'move it to Pulumi.<environment>.yaml'],
    ]);
  });

  test('says in which line a text stops being YAML, without quoting it', async () => {
    await write('Pulumi.yaml', base);
    await write('Pulumi.staging.yaml', 'config:\n  lockstep:env:\n\tTOKEN: hunter2\n');
    const error = await errorOf(loadSettings(project, 'staging', today));
    expect(error.details[0]).toMatch(/^Pulumi\.staging\.yaml:3:1 not readable as YAML/);
    expect(error.details.join()).not.toContain('hunter2');
  });

  test('refuses a settings file that is a link', async () => {
    await write('Pulumi.yaml', base);
    await symlink('/etc/hostname', path.join(project, 'Pulumi.staging.yaml'));
    expect((await errorOf(loadSettings(project, 'staging', today))).message).toContain('is a link');
  });
});
