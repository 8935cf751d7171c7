import { describe, expect, it } from 'vitest';
import { LockstepError } from '../../../scripts/domain/errors.ts';
import { leaseSchema } from '../../../scripts/domain/order/order.ts';
import { storeKeys } from '../../../scripts/domain/store-keys.ts';
import { readRecord, replaceRecord } from '../../../scripts/store/records.ts';
import { recordsOf } from '../../../scripts/workflows/environment/environment-records.ts';
import { deploy, errorOf } from '../../support/fakes/fake-changes.ts';
import type { FakeEnvironment } from '../../support/fakes/fake-environment.ts';
import { outs, runningStaging } from '../../support/fakes/running-staging.ts';

/** Bob takes the lease, and time passes until its loss is noticed. */
async function loseLease({ ports }: FakeEnvironment, clock: { advance(milliseconds: number): void }) {
  const key = storeKeys.lease('shop', 'staging');
  const held = await readRecord(ports.store, key, leaseSchema);
  const bobs = { owner: 'bob', run: 'run of bob', durationSeconds: 60, released: false };
  await replaceRecord(ports.store, key, bobs, held?.etag);
  clock.advance(20_000);
  for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setImmediate(resolve));
}

describe('after the lease was lost', () => {
  it('no outcome, receipt or way back is written: whoever took it decides', async () => {
    const { world, staging, v2 } = await runningStaging();
    staging.traffic.onCall = (what) => (what === 'drain' ? loseLease(staging, world.clock) : undefined);
    const error = await errorOf(deploy(staging, 'v2'));
    expect(error).toMatchObject({ kind: 'errored', message: 'the lease of staging was lost: bob took it' });
    const records = recordsOf(staging);
    expect(await records.outcome(2)).toBeUndefined();
    expect(await records.order(3)).toBeUndefined();
    expect(await records.receipt(v2, 2)).toBeUndefined();
    expect(await records.hint()).toBe(1);
    expect([...staging.traffic.in].sort()).toEqual(['staging-1', 'staging-2']);
  });

  it('during the last suites nothing is committed, however well they go', async () => {
    const { world, staging, v2 } = await runningStaging({ smoke: [{ travels: 'through-balancer' }] });
    const { probe } = staging.ports;
    const losing: typeof probe = {
      send: async (request) => {
        await loseLease(staging, world.clock);
        return probe.send(request);
      },
    };
    const error = await errorOf(deploy({ ...staging, ports: { ...staging.ports, probe: losing } }, 'v2'));
    expect(error.message).toBe('the lease of staging was lost: bob took it');
    const records = recordsOf(staging);
    expect(await records.outcome(2)).toBeUndefined();
    expect(await records.receipt(v2, 2)).toBeUndefined();
    expect(await records.hint()).toBe(1);
  });

  it('no other host is begun', async () => {
    const { world, staging, asked } = await runningStaging({ hosts: 3 });
    const listening = staging.fleet.onCall;
    staging.fleet.onCall = async (host, verb) => {
      await listening(host, verb);
      if (verb === 'activate') await loseLease(staging, world.clock);
    };
    await errorOf(deploy(staging, 'v2'));
    expect(asked.filter((each) => each.startsWith('activate'))).toEqual(['activate staging-1']);
    expect(outs(asked)).toEqual(['out staging-1']);
  });

  it('going back stops at the next host, and says that it did not work', async () => {
    const { world, staging, asked, v2 } = await runningStaging();
    staging.fleet.fail('staging-2', 'unhealthy', v2);
    const listening = staging.fleet.onCall;
    staging.fleet.onCall = async (host, verb) => {
      await listening(host, verb);
      const isGoingBack = staging.fleet.host('staging-2').order === 2;
      if (verb === 'stage' && isGoingBack && host === 'staging-1') await loseLease(staging, world.clock);
    };
    const error = await errorOf(deploy(staging, 'v2'));
    expect(error.details).toContain('going back did NOT work: the lease of staging was lost: bob took it');
    expect(asked.slice(asked.lastIndexOf('stage staging-2'))).not.toContain('activate staging-1');
    expect(await recordsOf(staging).outcome(3)).toBeUndefined();
  });

  it('going back commits nothing, also where every host is back already', async () => {
    const { world, staging, v2 } = await runningStaging();
    staging.fleet.fail('staging-2', 'unhealthy', v2);
    const listening = staging.fleet.onCall;
    staging.fleet.onCall = async (host, verb) => {
      await listening(host, verb);
      if (verb === 'probe' && staging.fleet.host('staging-2').order === 3)
        await loseLease(staging, world.clock);
    };
    await errorOf(deploy(staging, 'v2'));
    expect(staging.fleet.host('staging-2').order).toBe(3);
    expect(await recordsOf(staging).outcome(3)).toBeUndefined();
    expect(await recordsOf(staging).hint()).toBe(1);
  });

  it('a release that runs already gets no receipt', async () => {
    const { world, staging, v1 } = await runningStaging();
    const { store } = staging.ports;
    for await (const { key } of store.list('apps/shop/environments/staging/receipts/'))
      await store.delete(key);
    staging.fleet.onCall = async (_host, verb) => {
      if (verb === 'probe') await loseLease(staging, world.clock);
    };
    await errorOf(deploy(staging, 'v1'));
    expect(await recordsOf(staging).receipt(v1, 1)).toBeUndefined();
  });
});

describe('an interrupted order', () => {
  it('is not committed where Ctrl-C came during the last host, before the suites across hosts', async () => {
    const { staging, v2 } = await runningStaging({ smoke: [{ travels: 'through-balancer' }] });
    const stop = new AbortController();
    const sent: string[] = [];
    const { probe } = staging.ports;
    const counting: typeof probe = {
      send: async (request) => {
        sent.push(request.path);
        return probe.send(request);
      },
    };
    staging.traffic.onCall = (what, host) => {
      if (what === 'healthy?' && host === 'staging-2') stop.abort(new LockstepError('interrupted', 'Ctrl-C'));
    };
    const environment = { ...staging, ports: { ...staging.ports, probe: counting } };
    expect((await errorOf(deploy(environment, 'v2', stop.signal))).kind).toBe('interrupted');
    expect(await recordsOf(staging).outcome(2)).toMatchObject({ result: 'abandoned' });
    expect(await recordsOf(staging).receipt(v2, 2)).toBeUndefined();
    expect(sent).toEqual([]);
  });

  it('is not even written where Ctrl-C came before it', async () => {
    const { staging } = await runningStaging();
    const stop = new AbortController();
    const { secrets } = staging.ports;
    const stopping: typeof secrets = {
      current: async (environment) => {
        stop.abort(new LockstepError('interrupted', 'Ctrl-C'));
        return secrets.current(environment);
      },
      has: (environment, reference) => secrets.has(environment, reference),
    };
    const environment = { ...staging, ports: { ...staging.ports, secrets: stopping } };
    expect((await errorOf(deploy(environment, 'v2', stop.signal))).kind).toBe('interrupted');
    expect(await recordsOf(staging).order(2)).toBeUndefined();
  });

  it('is abandoned, by whom, and what runs where is reported truthfully, also of a host that does not answer', async () => {
    const { staging, v1, v2 } = await runningStaging({ hosts: 3 });
    const stop = new AbortController();
    staging.fleet.onCall = (host, verb) => {
      if (verb !== 'activate') return;
      stop.abort(new LockstepError('interrupted', 'Ctrl-C'));
      if (host === 'staging-1') staging.fleet.fail('staging-3', 'unreachable');
    };
    const error = await errorOf(deploy(staging, 'v2', stop.signal));
    expect(error).toMatchObject({
      kind: 'interrupted',
      message: 'Ctrl-C; order 2 is closed as abandoned',
      details: [
        `staging-1: order 2, release ${v2.slice(0, 12)}: runs the new content`,
        `staging-2: order 1, release ${v1.slice(0, 12)}: does not run the new content`,
        'staging-3: staging-3 does not answer: it is switched off',
      ],
    });
    expect(await recordsOf(staging).outcome(2)).toMatchObject({
      result: 'abandoned',
      reason: 'interrupted by ann',
    });
    expect(await recordsOf(staging).order(3)).toBeUndefined();
  });
});

describe('a failed order', () => {
  it('is reported with the kind of what broke, and with what broke as the cause', async () => {
    const { staging } = await runningStaging();
    const broken = new TypeError('the machinery broke');
    staging.traffic.onCall = (what) => {
      if (what === 'healthy?') throw broken;
    };
    const error = await errorOf(deploy(staging, 'v2'));
    expect(error).toMatchObject({
      kind: 'errored',
      message: 'order 2 of staging failed: the machinery broke',
      cause: broken,
    });
    expect(await recordsOf(staging).outcome(2)).toMatchObject({
      result: 'failed',
      reason: 'the machinery broke',
    });
  });
});
