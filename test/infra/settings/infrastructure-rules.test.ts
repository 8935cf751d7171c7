import path from 'node:path';
import { describe, expect, test } from 'vitest';
import examplePins from '../../../infra/pins.json' with { type: 'json' };
import { findCloudFaults } from '../../../infra/settings/infrastructure-rules.ts';
import { identitySchema } from '../../../infra/settings/schema/identity-schema.ts';
import { pinsSchema } from '../../../infra/settings/schema/pins.ts';
import { baseSchema } from '../../../infra/settings/schema/settings-schema.ts';
import { findSettingsProblems, loadSettings } from '../../../scripts/adapters/settings/settings-files.ts';
import { exampleBase, exampleStack } from '../../support/cloud/example-stack.ts';

const root = path.join(import.meta.dirname, '../../..');
const mistakes = path.join(import.meta.dirname, '../../fixtures/cloud-settings-with-mistakes');
const today = new Date('2026-06-01T12:00:00Z');
const cloud = { pins: pinsSchema.parse(examplePins) };

describe('settings that the cloud would choke on', () => {
  test('yield all their problems at once, at the key or at the difference that makes them', async () => {
    const problems = await findSettingsProblems(mistakes, today, { cloud });
    expect(problems.map(({ file, line, key }) => [file, line, key])).toEqual([
      ['Pulumi.staging.yaml', 2, 'config.lockstep:identity.hostedZone'],
      ['Pulumi.staging.yaml', 2, 'config.lockstep:identity.webAcl'],
      ['Pulumi.staging.yaml', 2, 'config.lockstep:identity.alarmAddress'],
      ['Pulumi.staging.yaml', 5, 'config.lockstep:identity.cidr'],
      ['Pulumi.staging.yaml', 10, 'config.lockstep:differences[0].value'],
      ['Pulumi.yaml', 6, 'config.lockstep:base.value.hub'],
      ['Pulumi.yaml', 12, 'config.lockstep:base.value.balancer.stickiness.cookieName'],
      ['Pulumi.yaml', 14, 'config.lockstep:base.value.balancer.healthTimeoutSeconds'],
      ['Pulumi.yaml', 15, 'config.lockstep:base.value.balancer.idleTimeoutSeconds'],
      ['Pulumi.yaml', 20, 'config.lockstep:base.value.fleet.maxHosts'],
      ['Pulumi.yaml', 22, 'config.lockstep:base.value.redis.maintenanceWindow'],
      ['Pulumi.yaml', 26, 'config.lockstep:base.value.llm.maxModelLength'],
    ]);
    expect(problems.filter(({ allowed, fix, message }) => !allowed || !fix || !message)).toEqual([]);
  });

  test('are fine for the local twin', async () => {
    expect(await findSettingsProblems(mistakes, today)).toEqual([]);
    expect((await loadSettings(mistakes, 'staging', today)).network.nat).toBe('none');
  });
});

test("the repository's own settings are ready for the cloud, but for their example accounts and pins", async () => {
  expect(await findSettingsProblems(root, today, { cloud })).toEqual([]);
});

describe('what would be accepted and could not work', () => {
  const of = (base: object, identity: object = {}) => {
    const settings = baseSchema.parse({ ...exampleBase(), ...base });
    const { environment, env, upstream, ...own } = exampleStack().identity;
    const who = identitySchema.parse({ ...own, ...identity });
    return findCloudFaults(settings, who, cloud.pins).map((fault) => [fault.path.join('.'), fault.message]);
  };

  test('an app whose balancers AWS would not let be named after it', () => {
    const { app } = exampleBase();
    const internal = (name: string) => of({ app: { ...app, name } }).filter(([key]) => key === 'app.name');
    expect(internal('internal')).toHaveLength(1);
    expect(internal('internal-tools')).toHaveLength(1);
    expect(internal('internals')).toEqual([]);
  });

  test('hosts without NAT whose hub stands in another region, or whose model is anywhere else', () => {
    const nat = (base: object) =>
      of({ network: { nat: 'none' }, ...base }).filter(([key]) => key === 'network.nat');
    expect(nat({ hub: { account: '9'.repeat(12), region: 'us-east-1' } })).toEqual([
      ['network.nat', 'hosts could not reach the hub in us-east-1 from eu-central-1'],
    ]);
    const llm = { mode: 'external', baseUrl: 'https://llm.example.com/v1', model: 'm' };
    expect(nat({ llm })).toEqual([
      ['network.nat', 'hosts could not reach the model at https://llm.example.com/v1'],
    ]);
    expect(nat({ llm: { mode: 'host', model: 'meta-llama/Llama-3.1-8B-Instruct' } })).toEqual([
      ['network.nat', 'the model host fetches its container image from a public registry'],
    ]);
    expect(nat({})).toEqual([]);
  });

  test('a port of a service that runs on one host alone, where the balancer does not lead to it', () => {
    const { app } = exampleBase();
    const bot = { port: 9000, healthPath: '/health', longestRequestSeconds: 60, replicas: 'exactly-one' };
    const port = (services: object, more: object = {}) =>
      of({ app: { ...app, services: { ...app.services, ...services }, ...more } }).filter(([key = '']) =>
        key.endsWith('.port'),
      );
    expect(port({ bot }, { public: 'web' })).toEqual([
      ['app.services.bot.port', 'the service has a host of its own, which the other hosts cannot reach'],
    ]);
    expect(port({ bot: { ...bot, port: null } })).toEqual([]);
    expect(port({ bot }, { public: 'bot' })).toEqual([]);
    expect(port({ bot: { ...bot, replicas: 'many' } }, { public: 'web' })).toEqual([]);
  });
});
