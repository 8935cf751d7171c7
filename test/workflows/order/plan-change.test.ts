import { expect, it } from 'vitest';
import { recordsOf } from '../../../scripts/workflows/environment/environment-records.ts';
import { planChange } from '../../../scripts/workflows/order/plan-change.ts';
import { deploy } from '../../support/fakes/fake-changes.ts';
import { fakeEnvironment, fakeWorld } from '../../support/fakes/fake-environment.ts';

const asks = (tag: string | null) => ({ kind: 'deploy', tag, overrideReason: null }) as const;

it('says what a change would do, by names, and does nothing', async () => {
  const world = fakeWorld();
  const secrets = { KEY: { perEnvironment: true }, OLD: { perEnvironment: true } };
  await world.build('v1', { secrets });
  const v2 = await world.build('v2', {
    secrets: { KEY: { perEnvironment: true }, NEW: { perEnvironment: true } },
  });
  const keep = { name: 'KEY', version: 1 };
  world.secrets.set('staging', [keep, { name: 'OLD', version: 1 }]);
  const staging = fakeEnvironment(world, 'staging', { hosts: 3, values: { COLOUR: 'red' } });
  await deploy(staging, 'v1');
  world.secrets.set('staging', [
    { name: 'KEY', version: 2 },
    { name: 'NEW', version: 1 },
  ]);
  staging.fleet.calls.length = 0;
  staging.fleet.fail('staging-2', 'unreachable');

  const changed = { ...staging, values: { PUBLIC_NAME: 'shop' } };
  expect(await planChange(changed, asks('v2'))).toEqual({
    environment: 'staging',
    release: v2,
    tag: 'v2',
    basis: { kind: 'first-in-chain' },
    sameContent: false,
    batches: [['staging-1'], ['staging-2'], ['staging-3']],
    hosts: [
      { host: 'staging-1', bytesToSend: 10, filesToSend: 1, problem: null },
      {
        host: 'staging-2',
        bytesToSend: null,
        filesToSend: null,
        problem: 'staging-2 does not answer: it is switched off',
      },
      { host: 'staging-3', bytesToSend: 10, filesToSend: 1, problem: null },
    ],
    config: [
      { name: 'COLOUR', change: 'removed' },
      { name: 'PUBLIC_NAME', change: 'added' },
    ],
    secrets: [
      { name: 'KEY', change: 'changed' },
      { name: 'NEW', change: 'added' },
      { name: 'OLD', change: 'removed' },
    ],
    sharedConfig: expect.stringMatching(/^[0-9a-f]{64}$/),
  });
  expect(await recordsOf(staging).order(2)).toBeUndefined();
  expect(staging.fleet.host('staging-1')).toMatchObject({ fence: 1, order: 1 });
});

it('is refused for what the change itself would be refused for: a roll that leaves no capacity', async () => {
  const world = fakeWorld();
  await world.build('v1');
  const single = fakeEnvironment(world, 'staging', { hosts: 1 });
  await deploy(single, 'v1');
  await expect(planChange(single, asks('v1'))).rejects.toMatchObject({
    kind: 'refused',
    message: expect.stringContaining('no host in rotation'),
  });
});

it('says that a change would only verify where the content is the same, and what it would be first', async () => {
  const world = fakeWorld();
  await world.build('v1');
  const staging = fakeEnvironment(world, 'staging', { values: { COLOUR: 'red' } });
  expect(await planChange(staging, asks('v1'))).toMatchObject({
    sameContent: false,
    config: [{ name: 'COLOUR', change: 'added' }],
  });
  await deploy(staging, 'v1');
  expect(await planChange(staging, asks(null))).toMatchObject({ sameContent: true, config: [], secrets: [] });
  const blue = { ...staging, values: { COLOUR: 'blue' } };
  expect(await planChange(blue, asks(null))).toMatchObject({
    sameContent: false,
    config: [{ name: 'COLOUR', change: 'changed' }],
  });
});
