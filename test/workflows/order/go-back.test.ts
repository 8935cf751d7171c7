import { describe, expect, it } from 'vitest';
import { digestOf } from '../../../scripts/domain/canonical.ts';
import { storeKeys } from '../../../scripts/domain/store-keys.ts';
import { recordsOf } from '../../../scripts/workflows/environment/environment-records.ts';
import { HostUnreachable } from '../../../scripts/workflows/ports/hosts.ts';
import { deploy, errorOf } from '../../support/fakes/fake-changes.ts';
import { fakeEnvironment, fakeWorld } from '../../support/fakes/fake-environment.ts';
import { runningStaging } from '../../support/fakes/running-staging.ts';

describe('going back after a failed order', () => {
  it('is an order of its own that copies the last committed one and says so', async () => {
    const { staging, v1, v2 } = await runningStaging();
    staging.fleet.fail('staging-2', 'unhealthy', v2);
    await errorOf(deploy(staging, 'v2'));
    const records = recordsOf(staging);
    const [first, failed, back] = (await records.orders(true)).map(({ order }) => order);
    if (first === undefined || failed === undefined) throw new Error('two orders were given');
    expect(back).toEqual({
      ...first,
      number: 3,
      previous: digestOf(failed),
      basis: { kind: 'return', order: 1 },
      by: 'ann',
      at: staging.ports.clock.now().toISOString(),
    });
    expect(await records.outcome(2)).toMatchObject({
      result: 'failed',
      reason: expect.stringContaining('staging-2: web: answers 500'),
    });
    expect(await records.outcome(3)).toMatchObject({
      result: 'committed',
      suites: [{ suite: 'front', passed: true }],
    });
    expect(await records.hint()).toBe(3);
    expect(await records.receipt(v1, 3)).toMatchObject({ order: 3 });
    expect([...staging.traffic.in].sort()).toEqual(['staging-1', 'staging-2']);
  });

  it('stages on every host before it switches the first', async () => {
    const { staging, asked, v2 } = await runningStaging();
    staging.fleet.fail('staging-1', 'unhealthy', v2);
    await errorOf(deploy(staging, 'v2'));
    const back = asked.slice(asked.lastIndexOf('stage staging-1'));
    expect(back.indexOf('stage staging-2')).toBeLessThan(back.indexOf('activate staging-1'));
  });

  it('is committed even where suites fail on it now, and earns no receipt then', async () => {
    const { staging, v1, v2 } = await runningStaging();
    const fault = (release: string) => (release === v2 ? 'unhealthy' : 'suite-fails');
    for (const host of staging.fleet.hosts.values()) host.fault = fault;
    const error = await errorOf(deploy(staging, 'v2'));
    expect(error.details.at(-1)).toBe('but these suites fail there now: front');
    expect(await recordsOf(staging).outcome(3)).toMatchObject({ result: 'committed' });
    expect(await recordsOf(staging).receipt(v1, 3)).toBeUndefined();
  });

  it('continues with the other hosts where one can not be brought back, and is not committed then', async () => {
    const { staging, v1, v2 } = await runningStaging({ hosts: 3 });
    staging.fleet.fail('staging-3', 'unhealthy', v2);
    staging.fleet.onCall = (host, verb) => {
      if (verb === 'activate' && staging.fleet.host('staging-3').order === 2 && host === 'staging-1')
        throw new HostUnreachable(host, 'switched off');
    };
    const error = await errorOf(deploy(staging, 'v2'));
    expect(error.details).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^going back to v1 \([0-9a-f]{12}\) did NOT work on 1 of 3 hosts:$/),
        'staging-1: staging-1 does not answer: switched off',
        expect.stringContaining('the next deploy or rollback brings every host to one order'),
      ]),
    );
    expect(staging.fleet.host('staging-2').order).toBe(3);
    expect(staging.fleet.host('staging-3').order).toBe(3);
    const records = recordsOf(staging);
    expect(await records.outcome(3)).toMatchObject({
      result: 'failed',
      reason: 'going back failed on staging-1',
    });
    expect(await records.receipt(v1, 3)).toBeUndefined();
    expect((await records.lastCommitted())?.number).toBe(1);
  });

  it('does not switch a host that could not stage the way back', async () => {
    const { staging, asked, v2 } = await runningStaging();
    staging.fleet.fail('staging-2', 'unhealthy', v2);
    const listening = staging.fleet.onCall;
    staging.fleet.onCall = async (host, verb) => {
      await listening(host, verb);
      if (verb === 'stage' && staging.fleet.host('staging-2').order === 2 && host === 'staging-1')
        throw new HostUnreachable(host, 'switched off');
    };
    await errorOf(deploy(staging, 'v2'));
    expect(asked.slice(asked.lastIndexOf('stage staging-2'))).not.toContain('activate staging-1');
  });

  it('says that it did not work where the release to go back to is damaged in the store', async () => {
    const { staging, v1, v2 } = await runningStaging();
    staging.fleet.fail('staging-1', 'unhealthy', v2);
    await staging.ports.store.delete(storeKeys.releaseManifest(v1));
    const error = await errorOf(deploy(staging, 'v2'));
    expect(error.details).toEqual(
      expect.arrayContaining([
        expect.stringContaining(
          `going back did NOT work: release ${v1.slice(0, 12)} is missing from the store`,
        ),
      ]),
    );
    expect(error.kind).toBe('failed');
  });

  it('is not begun where no host was touched', async () => {
    const { staging } = await runningStaging();
    staging.fleet.fail('staging-2', 'unreachable');
    const error = await errorOf(deploy(staging, 'v2'));
    expect(error.details).toEqual(['no host was switched: each still runs what it ran before']);
    expect(await recordsOf(staging).order(3)).toBeUndefined();
  });
});

describe('where nothing was ever committed', () => {
  it('hosts are taken out before their services stop, and one that could not be stopped is named', async () => {
    const world = fakeWorld();
    await world.build('v1');
    const staging = fakeEnvironment(world, 'staging');
    const asked: string[] = [];
    staging.traffic.onCall = (what, host) => void asked.push(`${what} ${host}`);
    staging.fleet.onCall = (host, verb) => {
      asked.push(`${verb} ${host}`);
      if (verb === 'deactivate' && host === 'staging-2') throw new HostUnreachable(host, 'switched off');
    };
    staging.fleet.fail('staging-2', 'unhealthy');
    const error = await errorOf(deploy(staging, 'v1'));
    expect(error.details.slice(-2)).toEqual([
      'nothing was ever committed in staging, so its services are stopped',
      'staging-2: NOT stopped: staging-2 does not answer: switched off',
    ]);
    expect(asked.slice(-4)).toEqual([
      'out staging-1',
      'deactivate staging-1',
      'out staging-2',
      'deactivate staging-2',
    ]);
    expect(staging.fleet.host('staging-1').order).toBeNull();
    expect(await recordsOf(staging).order(2)).toBeUndefined();
  });
});
