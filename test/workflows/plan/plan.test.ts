import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { resolve, type Settings } from '../../../infra/settings/config.ts';
import type { Pins } from '../../../infra/settings/schema/pins.ts';
import type { Subject } from '../../../infra/stack/stack.ts';
import { decodeGraph } from '../../../scripts/adapters/pulumi/encoded-text.ts';
import { recordGraph } from '../../../scripts/adapters/pulumi/graph-recorder.ts';
import { type Plan, planStacks } from '../../../scripts/workflows/plan/plan.ts';
import { type Mutant, type Place, smallCloud } from '../../support/cloud/small-cloud.ts';

const pins: Pins = {
  example: true,
  regions: {
    'eu-central-1': {
      zones: ['eu-central-1a', 'eu-central-1b', 'eu-central-1c'],
      images: { 'host-x86_64': 'ami-00000001', 'host-arm64': 'ami-00000002', 'gpu-x86_64': 'ami-00000003' },
    },
  },
  hosts: {
    agentSha256: '1'.repeat(64),
    node: { version: '24.9.0', sha256: { x86_64: '2'.repeat(64), arm64: '3'.repeat(64) } },
  },
  containers: {},
  models: {},
};

const base = { app: { name: 'intake', services: { web: { port: 8080, healthPath: '/health' } } } };

function settingsOf(name: string, values: object = {}): Settings {
  const staging = name === 'staging';
  const identity = {
    account: staging ? '111122223333' : '444455556666',
    region: 'eu-central-1',
    cidr: staging ? '10.20.0.0/16' : '10.30.0.0/16',
    domain: staging ? 'staging.intake.example.com' : 'intake.example.com',
    alarmAddress: 'alarms@example.com',
  };
  const raw = {
    identity,
    env: { PUBLIC_NAME: `Intake ${name}` },
    upstream: staging ? null : 'staging',
    ...values,
  };
  const resolved = resolve(base, { name, values: raw }, new Date('2026-01-01'));
  if (!resolved.ok) throw new TypeError(JSON.stringify(resolved.findings));
  return resolved.settings;
}

const fewer = { path: 'redis.nodes', value: 1, reason: 'one node is enough for tests' };
const gzip = (text: string) => gzipSync(text).toString('base64');
const faithful: Mutant = (_, value) => value;

function plan(mutate: Mutant, all: readonly Settings[], pinned = pins): Promise<Plan> {
  const record = async (subject: Subject) =>
    decodeGraph(await recordGraph(() => smallCloud(subject, mutate, gzip)));
  return planStacks(all, { record, pins: pinned });
}

const both = () => [settingsOf('staging', { differences: [fewer] }), settingsOf('production')];

test('proves that two environments are one program, and gives each listed difference what it changes', async () => {
  const { stacks, refusals } = await plan(faithful, both());
  expect(refusals).toEqual([]);
  expect(stacks[0]?.listed).toEqual([
    expect.objectContaining({
      path: 'redis.nodes',
      base: 2,
      reason: fewer.reason,
      changes: [
        {
          resource: 'small-redis (aws:elasticache/replicationGroup:ReplicationGroup)',
          at: 'inputs.numCacheClusters',
          left: 2,
          right: 1,
        },
      ],
    }),
  ]);
  expect(stacks[1]?.listed).toEqual([]);
});

/**
 * An environment-dependent branch in each place where one could hide. What this can't see is in the docstring
 * of `planStacks`; the tests after this one show it.
 */
const changes: Record<Place, (value: unknown) => unknown> = {
  input: () => 'cache.r7g.large',
  'nested input': () => 'optional',
  tag: () => 'other',
  'option protect': () => false,
  'option ignoreChanges': () => [],
  'option dependsOn': () => [],
  'logical name': (value) => `${value}-2`,
  'physical name': () => 'other',
  count: (value) => Number(value) - 1,
  resource: () => true,
  'env value': () => 'debug',
  'user data': () => 'exec agent boot --verbose',
  'user data in gzip': () => 'exec agent boot --verbose',
  'policy text': () => ['sqs:*'],
  output: () => 'http://plain.example',
  address: (value) => String(value).replace('/24', '/25'),
  zone: (value) => String(value).replace(/.$/, 'd'),
  alias: () => [],
  limit: () => 16,
  'end of a name': (value) => String(value).replace(/[^-]+$/, 'abc123'),
};
const ways: readonly [string, (subject: Subject) => boolean][] = [
  ['its name', ({ identity }) => identity.environment === 'staging'],
  ['its account', ({ identity }) => identity.account.startsWith('4444')],
  ['its range', ({ identity }) => identity.cidr.startsWith('10.30.')],
  ['its domain', ({ identity }) => identity.domain.startsWith('staging.')],
  ['its values of env', ({ identity }) => identity.env.PUBLIC_NAME === 'Intake production'],
  ['having no upstream', ({ identity }) => identity.upstream === null],
];

function mutant(place: Place, when: (subject: Subject) => boolean): Mutant {
  return (here, value, subject) =>
    here === place && when(subject) ? (changes[place](value) as typeof value) : value;
}

const places = Object.keys(changes) as Place[];
const cases = places.map(
  (place, index) => [place, ...(ways[index % (ways.length - 1)] ?? ['', () => false])] as const,
);

test.each(cases)('catches a branch in %s on %s', async (place, _, when) => {
  const { refusals } = await plan(mutant(place, when as (subject: Subject) => boolean), both());
  expect(refusals.length).toBeGreaterThan(0);
  expect(refusals[0]?.message).toMatch(/branches on \w+'s identity|would not be the same program/);
});

test('catches a branch on the region that no environment of the project is in', async () => {
  const { refusals } = await plan(
    mutant('count', ({ identity }) => !identity.region.startsWith('eu-')),
    both(),
  );
  expect(refusals.map(({ message }) => message)).toContainEqual(
    expect.stringMatching(/branches on staging's identity/),
  );
});

test('catches a logical name that holds the environment', async () => {
  const { refusals } = await plan(
    (place, value, { identity }) =>
      place === 'logical name' ? (`${value}-${identity.environment}` as typeof value) : value,
    both(),
  );
  expect(refusals[0]?.message).toMatch(/would not be the same program/);
});

test('a value that one environment gives and another leaves out is refused where it matters, by its name', async () => {
  const without = settingsOf('production');
  const all = [both()[0] as Settings, { ...without, identity: { ...without.identity, alarmAddress: null } }];
  const lookup = mutant('resource', ({ identity }) => identity.alarmAddress !== null);
  expect((await plan(faithful, all)).refusals).toEqual([]);
  const [refusal] = (await plan(lookup, all)).refusals;
  expect(refusal?.message).toMatch(/identity\.alarmAddress is absent/);
});

test('what follows from having no upstream is shown, and no refusal', async () => {
  const { stacks, refusals } = await plan(mutant('env value', ways[5]?.[1] ?? (() => false)), both());
  expect(refusals).toEqual([]);
  expect(stacks[0]?.byIdentity.map(({ at }) => at)).toContainEqual(expect.stringMatching(/userData line/));
});

test('a listed difference that changes nothing is refused; one of the pipeline is not', async () => {
  const idle = { path: 'fleet.cpuPercent', value: 70, reason: 'no reason at all' };
  const roll = { path: 'rollout.batchSize', value: 2, reason: 'faster' };
  const settings = settingsOf('staging', { differences: [idle, roll] });
  const { refusals, stacks } = await plan(faithful, [settings]);
  expect(refusals).toEqual([
    expect.objectContaining({ message: expect.stringMatching(/fleet\.cpuPercent changes nothing/) }),
  ]);
  expect(stacks[0]?.listed.map(({ path, pipeline }) => [path, pipeline])).toEqual([
    ['fleet.cpuPercent', false],
    ['rollout.batchSize', true],
  ]);
});

test('a difference that is not valid alone gets what disappears without it', async () => {
  const larger = { path: 'redis.nodeType', value: 'cache.t4g.micro', reason: 'small' };
  const settings = settingsOf('staging', { differences: [fewer, larger] });
  const demanding: Mutant = (place, value, { settings: { redis } }) => {
    if (place === 'input' && redis.nodes === 1 && redis.nodeType !== 'cache.t4g.micro')
      throw new TypeError('not alone');
    return value;
  };
  const { stacks, refusals } = await plan(demanding, [settings]);
  expect(refusals).toEqual([]);
  expect(stacks[0]?.listed.map(({ changes: found }) => found.map(({ at }) => at))).toEqual([
    ['inputs.numCacheClusters'],
    ['inputs.nodeType'],
  ]);
});

test('ranges of different sizes, and names that one environment has to cut, are not refused', async () => {
  const long = settingsOf('production');
  const renamed = { ...long, environment: 'production-of-the-customer' };
  expect((await plan(faithful, [settingsOf('staging'), renamed])).refusals).toEqual([]);
});

test('can not see what is the same in every recording: the clock, the process, and a name that no environment has', async () => {
  const unseen: readonly ((subject: Subject) => boolean)[] = [
    () => new Date().getFullYear() > 2000,
    () => process.env.PATH !== undefined,
    ({ identity }) => identity.environment === 'demo',
  ];
  for (const when of unseen) expect((await plan(mutant('input', when), both())).refusals).toEqual([]);
});
