import path from 'node:path';
import { describe, expect, test } from 'vitest';
import examplePins from '../../infra/pins.json' with { type: 'json' };
import { pinsSchema } from '../../infra/pins.ts';
import { findSettingsProblems, loadSettings } from '../../scripts/adapters/settings-files.ts';

const root = path.join(import.meta.dirname, '..', '..');
const mistakes = path.join(import.meta.dirname, '..', 'fixtures', 'cloud-settings-with-mistakes');
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
