import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { environmentSchema, resolve } from '../../../infra/settings/config.ts';
import { engineValues } from '../../../infra/settings/engine-values.ts';
import { renderProblem } from '../../../infra/settings/problems/problems.ts';
import { findSettingsProblems, loadSettings } from '../../../scripts/adapters/settings/settings-files.ts';

const today = new Date('2026-06-01T12:00:00Z');
const base = { app: { name: 'shop', services: { web: { port: 8080, healthPath: '/health' } } } };
const identity = {
  account: '111122223333',
  region: 'eu-central-1',
  cidr: '10.20.0.0/16',
  domain: 'shop.example.com',
};

let project: string;
beforeEach(async () => {
  project = await mkdtemp(path.join(os.tmpdir(), 'lockstep-pulumi-files-'));
  await write('Pulumi.yaml', `name: lockstep\nconfig: {lockstep:base: {value: ${JSON.stringify(base)}}}\n`);
  await write('Pulumi.first.yaml', `config:\n  lockstep:identity: ${JSON.stringify(identity)}\n`);
});
afterEach(() => rm(project, { recursive: true }));

const write = (file: string, text: string) => writeFile(path.join(project, file), text);
const second = { ...identity, cidr: '10.30.0.0/16', domain: 'second.example.com' };
const writeSecond = (...lines: string[]) =>
  write(
    'Pulumi.second.yaml',
    ['config:', `  lockstep:identity: ${JSON.stringify(second)}`, ...lines, ''].join('\n'),
  );
const load = () => loadSettings(project, 'second', today);
const problems = async () => (await findSettingsProblems(project, today)).map(renderProblem);

describe('what Pulumi writes into a stack file is accepted', () => {
  test.each(['30', '"30"', "'30'", '30.0'])('minutes at the top: %s', async (minutes) => {
    await writeSecond('  lockstep:upstream: "first"', `  lockstep:soakMinutes: ${minutes}`);
    expect(await load()).toMatchObject({ upstream: 'first', soakMinutes: 30 });
  });

  test.each([
    '"2027-03-31"',
    '2027-03-31',
    '2027-03-31 00:00:00 +0000 UTC',
    '"2027-03-31 00:00:00 +0000 UTC"',
    '"2027-03-31T00:00:00Z"',
  ])('one date, written %s', async (until) => {
    const entry = `{path: fleet.hosts, value: 3, reason: a sale, until: ${until}}`;
    await writeSecond(`  lockstep:differences: [${entry}]`);
    expect((await load()).differences).toMatchObject([{ until: '2027-03-31' }]);
  });

  test.each(['2027-03-31 01:00:00 +0000 UTC', '2027-03-31 00:00:00 +0200 CEST', '2027-02-30'])(
    'but %s is no date',
    async (until) => {
      const entry = `{path: fleet.hosts, value: 3, reason: a sale, until: "${until}"}`;
      await writeSecond(`  lockstep:differences: [${entry}]`);
      await expect(load()).rejects.toThrow('one problem');
    },
  );

  test('and a number in quotes inside of the base or of a map is still text', async () => {
    await writeSecond(
      '  lockstep:differences: [{path: fleet.hosts, value: "3", reason: a sale}]',
      '  lockstep:local: {hosts: "2"}',
    );
    expect(await problems()).toEqual([
      expect.stringMatching(/lockstep:differences\[0\]\.value: wrong type\. Got "3"/),
      expect.stringMatching(/lockstep:local\.hosts: wrong type\. Got "2"/),
    ]);
  });
});

describe('what Pulumi would take from elsewhere, or as another value, is refused', () => {
  test('nothing at the top, which becomes text', async () => {
    await writeSecond('  lockstep:upstream:', '  lockstep:env: ~');
    expect(await problems()).toEqual([
      expect.stringMatching(/^Pulumi\.second\.yaml:3:3 config\.lockstep:upstream: Pulumi reads it as a text/),
      expect.stringMatching(/^Pulumi\.second\.yaml:4:3 config\.lockstep:env: Pulumi reads it as a text/),
    ]);
  });

  test('an environment of Pulumi ESC, and another directory of stack files', async () => {
    await writeSecond('environment: [shared]');
    await write(
      'Pulumi.yaml',
      `stackConfigDir: stacks\nconfig: {lockstep:base: {value: ${JSON.stringify(base)}}}\n`,
    );
    expect(await problems()).toEqual([
      expect.stringMatching(/^Pulumi\.second\.yaml:3:1 environment: Pulumi would add settings/),
      expect.stringMatching(/^Pulumi\.yaml:1:1 stackConfigDir: Pulumi would read stack files of another/),
    ]);
  });

  test('a value that both read differently, once, and not judged by one of the readings', async () => {
    await writeSecond('  lockstep:soakMinutes: 010', '  lockstep:local: {hosts: 1_0}');
    expect(await problems()).toEqual([
      expect.stringMatching(
        /^Pulumi\.second\.yaml:3:25 config\.lockstep:soakMinutes: .* the number 8\. Got 010/,
      ),
      expect.stringMatching(
        /^Pulumi\.second\.yaml:4:27 config\.lockstep:local\.hosts: .* number 10\. Got 1_0/,
      ),
    ]);
  });
});

test('the program and the pipeline make the same settings of one file, whichever Pulumi has written', async () => {
  const difference = { path: 'fleet.hosts', value: 3, reason: 'a sale', until: '2027-03-31' };
  await writeSecond(
    '  lockstep:upstream: first',
    '  lockstep:soakMinutes: 30',
    `  lockstep:differences: [${JSON.stringify(difference)}]`,
  );
  const handedOn: Record<string, string> = {
    identity: JSON.stringify(second),
    upstream: 'first',
    soakMinutes: '30',
    differences: JSON.stringify([{ ...difference, until: '2027-03-31 00:00:00 +0000 UTC' }]),
  };
  const values = engineValues(environmentSchema, (key) => handedOn[key]);
  const resolved = resolve(base, { name: 'second', values }, today);
  expect(resolved.settings).toEqual(await load());
});
