import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { environmentSchema, resolve, type Settings } from '../../infra/settings/config.ts';
import { engineValues } from '../../infra/settings/engine-values.ts';
import { loadSettings } from '../../scripts/adapters/settings/settings-files.ts';
import { pulumiYaml } from '../../scripts/adapters/settings/settings-text.ts';
import { pinned } from '../support/cloud/example-settings.ts';
import {
  type EngineCommand,
  engineEnvironment,
  engineIn,
  succeeded,
} from '../support/engine/engine-command.ts';
import { whyNoEngine } from '../support/engine/engine-place.ts';
import { copyProject } from '../support/engine/engine-project.ts';
import { knownNastyValues, nastyValues } from '../support/engine/nasty-yaml.ts';
import { skippedBecause } from '../support/run/skipped-because.ts';

/**
 * What Pulumi's engine reads in settings, against what Lockstep reads: whatever both accept is equal, and
 * whatever they read differently Lockstep refuses. `pulumi config --json` shows what a program would be
 * handed.
 */
const missing = whyNoEngine();
const configSchema = z.record(z.string(), z.object({ value: z.string() }));
type Handed = Readonly<Record<string, string>>;

async function configOf(pulumi: EngineCommand, stack: string): Promise<Handed> {
  const { stdout } = succeeded(await pulumi('config', '--json', '--show-secrets', '--stack', stack));
  const config = configSchema.parse(JSON.parse(stdout));
  return Object.fromEntries(Object.entries(config).map(([key, { value }]) => [key, value]));
}

/** Numbers and booleans reach a program as text where they stand at the top; the rest is JSON. */
const handedOn = (value: unknown) =>
  typeof value === 'object' && value !== null ? value : String(value ?? '');
const taken = (value: unknown, text: string | undefined): unknown =>
  typeof value === 'object' && value !== null ? JSON.parse(text ?? 'null') : text;

const prefix = 'fuzz:';
const fileOf = (values: readonly string[]) =>
  `config:\n${values.map((value, index) => `  ${prefix}k${index}: ${value}\n`).join('')}`;
/** Undefined: refused. */
function ourReading(text: string): Record<string, unknown> | undefined {
  const { readable, problems, value } = pulumiYaml(text, 'Pulumi.fuzz.yaml', prefix);
  const config = readable && problems.length === 0 ? (value as { config?: unknown }).config : undefined;
  return typeof config === 'object' && config !== null ? { ...config } : undefined;
}

describe('nasty settings', skippedBecause(missing), () => {
  let directory: string;
  let pulumi: EngineCommand;
  let processes = 0;
  const write = (file: string, text: string) => writeFile(path.join(directory, file), text);
  const project = 'name: lockstep\nruntime: nodejs\n';

  beforeAll(async () => {
    directory = await mkdtemp(path.join(tmpdir(), 'lockstep-readings-'));
    const engine = engineIn(directory, engineEnvironment(path.join(directory, '.engine')));
    pulumi = (...words) => {
      processes += 1;
      return engine(...words);
    };
    await write('Pulumi.yaml', project);
    succeeded(await pulumi('stack', 'init', 'fuzz', '--secrets-provider', 'passphrase'));
  });
  afterAll(async () => {
    await rm(directory, { recursive: true, force: true });
    expect(processes).toBeLessThanOrEqual(10);
  });

  const seed = Number(process.env.LOCKSTEP_PROPERTY_SEED ?? Math.floor(Math.random() * 2 ** 31));
  const drawn = [...knownNastyValues, ...fc.sample(nastyValues, { seed, numRuns: 2_000 })];
  const accepted = [...new Set(drawn)].filter((value) => ourReading(fileOf([value])) !== undefined);
  const parts = [0, 1, 2, 3].map((part) => accepted.filter((_, index) => index % 4 === part));

  test('are enough: some two hundred are accepted, and the others are not all refused for one reason', () => {
    expect(accepted.length).toBeGreaterThan(200);
    expect(new Set(drawn).size - accepted.length).toBeGreaterThan(200);
  });

  test.each(parts.map((values, part) => ({ part, values })))(
    `what Lockstep accepts the engine reads the same, part $part (LOCKSTEP_PROPERTY_SEED=${seed})`,
    async ({ values }) => {
      const text = fileOf(values);
      await write('Pulumi.fuzz.yaml', text);
      const handed = await configOf(pulumi, 'fuzz');
      const ours = ourReading(text) ?? {};
      expect(Object.keys(ours)).toHaveLength(values.length);
      for (const [key, value] of Object.entries(ours)) {
        const written = values[Number(key.slice(`${prefix}k`.length))];
        expect({ written, value: taken(value, handed[key]) }).toEqual({ written, value: handedOn(value) });
      }
    },
  );

  test('in Pulumi.yaml too, under value, after a byte order mark and with Windows line ends', async () => {
    // A value of nothing there is no value to the engine: the key stands nowhere then.
    const values = (parts[0] ?? []).filter(
      (value) => Object.values(ourReading(fileOf([value])) ?? {})[0] != null,
    );
    const text = values
      .map((value, index) => `  ${prefix}k${index}:\n    value: ${value.replaceAll('\n', '\n    ')}\n`)
      .join('');
    const whole = `\ufeff${project}config:\n${text}`.replaceAll('\n', '\r\n');
    await write('Pulumi.yaml', whole);
    await write('Pulumi.fuzz.yaml', 'config: {}\n');
    const handed = await configOf(pulumi, 'fuzz');
    await write('Pulumi.yaml', project);
    for (const [key, entry] of Object.entries(ourReading(whole) ?? {})) {
      const { value } = entry as { value: unknown };
      expect({ key, value: taken(value, handed[key]) }).toEqual({ key, value: handedOn(value) });
    }
    expect(values.length).toBeGreaterThan(30);
  });

  test('what a refusal says of the engine is what the engine does', async () => {
    const numbers = ['010', '-010', '08', '1_000', '0o17', '0x1F', '0b11', '1e3', '+5', '.1_5', '1_0.5'];
    const times = ['2027-03-31', '2027-3-1', '2027-03-31 01:02:03', '2027-03-31T01:02:03Z'];
    const values = [...numbers, ...times];
    await write('Pulumi.fuzz.yaml', fileOf(values));
    const handed = await configOf(pulumi, 'fuzz');
    for (const [index, value] of values.entries()) {
      const said = pulumiYaml(fileOf([value]), 'f', prefix).problems.map(({ message }) => message);
      const read = handed[`${prefix}k${index}`] ?? '';
      expect(said).toEqual([
        `Pulumi reads it as ${numbers.includes(value) ? `the number ${read}` : 'a time'}`,
      ]);
      if (times.includes(value)) expect(read).toMatch(/^2027-03-\d\d \d\d:\d\d:\d\d \+0000 UTC$/);
    }
  });
});

describe.each(['staging', 'production'])(
  'the stack file of %s, after Pulumi has written it anew',
  skippedBecause(missing),
  (stack) => {
    let project: Awaited<ReturnType<typeof copyProject>>;
    let pulumi: EngineCommand;
    const today = new Date('2026-06-01T12:00:00Z');
    const cloud = { pins: pinned };
    const ours = () => loadSettings(project.directory, stack, today, { cloud });
    /** As infra/index.ts reads. */
    const theirs = async (): Promise<Settings | null> => {
      const handed = await configOf(pulumi, stack);
      const values = engineValues(environmentSchema, (key) => handed[`lockstep:${key}`]);
      const base: unknown = JSON.parse(handed['lockstep:base'] ?? '');
      return resolve(base, { name: stack, values }, today, { cloud }).settings;
    };

    beforeAll(async () => {
      project = await copyProject();
      pulumi = engineIn(project.directory, engineEnvironment(project.inside('.engine')));
      const entry =
        'path: fleet.volumeSizeGiB\n      value: 120\n      reason: a test\n      until: 2027-03-31';
      const text = await readFile(project.inside(`Pulumi.${stack}.yaml`), 'utf8');
      const listed = /^ {2}lockstep:differences:.*$/m;
      const line = `  lockstep:differences: # listed\n    - ${entry}`;
      await writeFile(
        project.inside(`Pulumi.${stack}.yaml`),
        listed.test(text) ? text.replace(listed, line) : `${text}${line}\n`,
      );
    });
    afterAll(() => project.remove());

    test('means what it meant before, to the pipeline and to the program', async () => {
      const before = await ours();
      const text = await readFile(project.inside(`Pulumi.${stack}.yaml`), 'utf8');
      succeeded(await pulumi('stack', 'init', stack, '--secrets-provider', 'passphrase'));
      const rewritten = await readFile(project.inside(`Pulumi.${stack}.yaml`), 'utf8');
      expect(text).toMatch(/until: 2027-03-31$/m);
      expect(rewritten).toMatch(/until: 2027-03-31 00:00:00 \+0000 UTC$/m);
      if (stack === 'production') expect(rewritten).toMatch(/soakMinutes: "30"$/m);
      expect(await ours()).toEqual(before);
      expect(await theirs()).toEqual(before);
    });

    test('and so does what is set by `pulumi config set`', async () => {
      succeeded(await pulumi('config', 'set', 'lockstep:soakMinutes', '45', '--stack', stack));
      const path = ['config', 'set', '--path', 'lockstep:local.hosts', '4', '--stack', stack];
      succeeded(await pulumi(...path));
      const settings = await ours();
      expect(settings).toMatchObject({ soakMinutes: 45, local: { hosts: 4 } });
      expect(await theirs()).toEqual(settings);
    });
  },
);
