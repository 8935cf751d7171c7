import { describe, expect, it } from 'vitest';
import { LockstepError } from '../../../scripts/domain/errors.ts';
import { recordsOf } from '../../../scripts/workflows/environment/environment-records.ts';
import { change, deploy, errorOf, promote, rollback } from '../../support/fakes/fake-changes.ts';
import { type FakeWorld, fakeEnvironment, fakeWorld } from '../../support/fakes/fake-environment.ts';
import { runningStaging } from '../../support/fakes/running-staging.ts';

/** Staging on which v1 to v3 were committed one after the other. */
async function threeReleases() {
  const world = fakeWorld();
  const staging = fakeEnvironment(world, 'staging');
  for (const tag of ['v1', 'v2', 'v3']) {
    await world.build(tag, { migration: tag });
    await deploy(staging, tag);
  }
  return { world, staging };
}

describe('what a request is about', () => {
  it('a promotion: what upstream committed last, not what it tries now', async () => {
    const { world, staging, v1, v2 } = await runningStaging();
    staging.fleet.fail('staging-1', 'suite-fails', v2);
    await errorOf(deploy(staging, 'v2'));
    const production = fakeEnvironment(world, 'production');
    expect(await promote(production)).toMatchObject({ order: { release: v1, tag: 'v1' } });
  });

  it('a promotion where upstream has committed nothing: nothing', async () => {
    const production = fakeEnvironment(fakeWorld(), 'production');
    expect((await errorOf(promote(production))).message).toContain('staging has no committed release');
  });

  it('a rollback: the committed content before the present one, through failures', async () => {
    const { world, staging } = await threeReleases();
    const v4 = await world.build('v4', { migration: 'v4' });
    staging.fleet.fail('staging-1', 'unhealthy', v4);
    await errorOf(deploy(staging, 'v4'));
    expect(await rollback(staging)).toMatchObject({ order: { tag: 'v2', basis: { order: 2 } } });
  });

  it('a rollback: never to what was only begun, whatever lies before it', async () => {
    const { world, staging } = await runningStaging();
    const stop = new AbortController();
    staging.traffic.onCall = () => stop.abort(new LockstepError('interrupted', 'Ctrl-C'));
    await errorOf(deploy(staging, 'v2', stop.signal));
    expect((await recordsOf(staging).outcome(2))?.result).toBe('abandoned');
    await world.build('v3', { migration: '3' });
    await deploy(staging, 'v3');
    expect(await rollback(staging)).toMatchObject({ order: { tag: 'v1', basis: { order: 1 } } });
  });

  it('a rollback: past a way back to what that brought back', async () => {
    const { world, staging, v2 } = await runningStaging();
    staging.fleet.fail('staging-1', 'unhealthy', v2);
    await errorOf(deploy(staging, 'v2'));
    expect(await recordsOf(staging).order(3)).toMatchObject({ basis: { kind: 'return', order: 1 } });
    await world.build('v3', { migration: '3' });
    await deploy(staging, 'v3');
    expect(await rollback(staging)).toMatchObject({ order: { tag: 'v1', basis: { order: 1 } } });
  });

  it('a deploy: what stands in the own file has to be declared perEnvironment', async () => {
    const { staging } = await runningStaging();
    const wrong = { ...staging, values: { COLOUR: 'red' }, ownValues: { COLOUR: 'red' } };
    expect(await errorOf(deploy(wrong, 'v2'))).toMatchObject({ kind: 'usage' });
    expect(await deploy({ ...wrong, ownValues: {} }, 'v2')).toMatchObject({ kind: 'changed' });
  });

  it('a rollback after other env values alone: the values before', async () => {
    const world = fakeWorld();
    await world.build('v1');
    const staging = fakeEnvironment(world, 'staging', { values: { COLOUR: 'red' } });
    await deploy(staging, 'v1');
    await deploy({ ...staging, values: { COLOUR: 'blue' } }, null);
    const back = await rollback(staging);
    expect(back).toMatchObject({ order: { basis: { kind: 'rollback', order: 1 } } });
    expect((await recordsOf(staging).config(back.order.config)).values).toEqual({ COLOUR: 'red' });
  });

  it('a rollback where only secrets were changed: nothing, secrets do not count', async () => {
    const { world, staging } = await secretive();
    world.secrets.set('staging', [{ name: 'KEY', version: 2 }]);
    await deploy(staging, null);
    expect((await errorOf(rollback(staging))).message).toContain('no earlier release');
  });

  it('a rollback where nothing was committed, and after the first release: nothing', async () => {
    const world = fakeWorld();
    await world.build('v1');
    const staging = fakeEnvironment(world, 'staging');
    expect((await errorOf(rollback(staging))).message).toContain('no earlier release');
    await deploy(staging, 'v1');
    expect((await errorOf(rollback(staging))).message).toContain('no earlier release');
  });
});

async function secretive(): Promise<{ world: FakeWorld; staging: ReturnType<typeof fakeEnvironment> }> {
  const world = fakeWorld();
  await world.build('v1', { secrets: { KEY: { perEnvironment: true } } });
  world.secrets.set('staging', [{ name: 'KEY', version: 1 }]);
  const staging = fakeEnvironment(world, 'staging');
  await deploy(staging, 'v1');
  return { world, staging };
}

describe('secrets of then', () => {
  const later = async () => {
    const { world, staging } = await secretive();
    await world.build('v2', { migration: '2', secrets: { KEY: { perEnvironment: true } } });
    world.secrets.set('staging', [{ name: 'KEY', version: 2 }]);
    await deploy(staging, 'v2');
    return { world, staging };
  };

  it('come back when asked for and still to be had, and stay as they are else', async () => {
    const { staging } = await later();
    expect(await rollback(staging, true)).toMatchObject({ order: { secrets: [{ version: 1 }] } });
    const other = await later();
    expect(await rollback(other.staging)).toMatchObject({ order: { secrets: [{ version: 2 }] } });
  });

  it('never come back once they are retired', async () => {
    const { world, staging } = await later();
    world.retired.add('KEY@1');
    expect(await errorOf(rollback(staging, true))).toMatchObject({
      kind: 'refused',
      message: expect.stringContaining('version 1 of KEY is retired'),
    });
  });
});

describe('upstream', () => {
  it('is not read where the request does not depend on it: its records may be damaged', async () => {
    const { world, staging } = await runningStaging();
    const production = fakeEnvironment(world, 'production');
    await promote(production);
    const { store } = staging.ports;
    const damage = async (prefix: string) => {
      for await (const { key } of store.list(`apps/shop/environments/staging/${prefix}/`)) {
        await store.putIfMatch(key, Buffer.from('damaged'), (await store.get(key))?.etag ?? '');
      }
    };
    await damage('orders');
    await damage('receipts');
    const override = { kind: 'deploy', tag: 'v2', overrideReason: 'the shop is down' } as const;
    expect(await change(production, override)).toMatchObject({ order: { basis: { kind: 'override' } } });
    expect(await rollback(production)).toMatchObject({
      order: { tag: 'v1', basis: { kind: 'rollback', order: 1 } },
    });
    expect((await errorOf(promote(production))).message).toContain("can't be read");
  });

  it('that is damaged hides no other refusal', async () => {
    const { world, staging } = await runningStaging();
    const production = fakeEnvironment(world, 'production');
    const { store } = staging.ports;
    for await (const { key } of store.list('apps/shop/environments/staging/receipts/')) {
      await store.putIfMatch(key, Buffer.from('damaged'), (await store.get(key))?.etag ?? '');
    }
    const wrong = { ...production, values: { UNKNOWN: 'value' } };
    const deployOf = (tag: string) => ({ kind: 'deploy', tag, overrideReason: null }) as const;
    expect((await errorOf(change(wrong, deployOf('v1')))).message).toContain('the env values of production');
    expect((await errorOf(change(production, deployOf('v1')))).message).toContain("can't be read");
  });
});
