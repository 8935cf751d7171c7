import { describe, expect, it } from 'vitest';
import { recordsOf } from '../../../scripts/workflows/environment/environment-records.ts';
import { deploy, errorOf } from '../../support/fakes/fake-changes.ts';
import { fakeEnvironment, fakeWorld } from '../../support/fakes/fake-environment.ts';
import { outs, runningStaging } from '../../support/fakes/running-staging.ts';

describe('all hosts of a roll', () => {
  it('follow the first, which goes alone whatever the batch size', async () => {
    const { staging, asked } = await runningStaging({ hosts: 4, batchSize: 3 });
    await deploy(staging, 'v2');
    const canaryIsIn = asked.indexOf('healthy? staging-1');
    expect(outs(asked.slice(0, canaryIsIn))).toEqual(['out staging-1']);
    expect(outs(asked)).toHaveLength(4);
  });

  it('begin with one that serves nothing', async () => {
    const { staging, asked } = await runningStaging({ hosts: 3 });
    staging.traffic.in.delete('staging-3');
    await deploy(staging, 'v2');
    expect(outs(asked)).toEqual(['out staging-3', 'out staging-1', 'out staging-2']);
  });

  it('of one batch are all finished before a failure among them is reported', async () => {
    const { staging, v2 } = await runningStaging({ hosts: 3, batchSize: 2 });
    staging.fleet.fail('staging-2', 'unhealthy', v2);
    const error = await errorOf(deploy(staging, 'v2'));
    expect(error.message).toContain('staging-2: web: answers 500');
    expect(error.details.slice(0, 2)).toEqual(['last log lines:', 'boom']);
    const entries = await recordsOf(staging).orders(true);
    expect(entries.map(({ outcome }) => outcome?.result)).toEqual(['committed', 'failed', 'committed']);
  });

  it('are none where there are no hosts: nothing is committed then', async () => {
    const world = fakeWorld();
    await world.build('v1');
    const empty = fakeEnvironment(world, 'staging', { hosts: 0 });
    expect((await errorOf(deploy(empty, 'v1'))).message).toContain('staging has no hosts');
    expect(await recordsOf(empty).outcome(1)).toMatchObject({ result: 'failed' });
  });

  it('that were there from the beginning did not appear meanwhile', async () => {
    const { staging } = await runningStaging();
    await deploy(staging, 'v2');
    expect(staging.said.join('\n')).not.toContain('meanwhile');
    expect(staging.said.join('\n')).not.toContain('across hosts');
  });

  it('are staged anew when they appear during the roll, and need no capacity of their own', async () => {
    const { staging, asked } = await runningStaging({ hosts: 2 });
    const listening = staging.fleet.onCall;
    staging.fleet.onCall = async (host, verb) => {
      await listening(host, verb);
      if (verb === 'activate' && !staging.fleet.hosts.has('staging-9')) {
        staging.fleet.add('staging-9');
        staging.traffic.in.add('staging-9');
      }
    };
    await deploy(staging, 'v2');
    expect(asked).toContain('stage staging-9');
    expect(staging.fleet.host('staging-9').order).toBe(2);
    expect(staging.said).toContain('hosts that appeared meanwhile: staging-9');
  });
});

describe('suites of a roll', () => {
  const elsewhere = [{ travels: 'crossing' }, { travels: 'through-balancer' }];

  it('that fail leave the release without a receipt and the order failed', async () => {
    const { staging, v2 } = await runningStaging();
    staging.fleet.fail('staging-1', 'suite-fails', v2);
    const error = await errorOf(deploy(staging, 'v2'));
    expect(error.message).toContain('smoke suites failed in staging-1: suite-1');
    expect(error.details.length).toBeGreaterThan(2);
    expect(await recordsOf(staging).outcome(2)).toMatchObject({ result: 'failed' });
    expect(await recordsOf(staging).receipt(v2, 2)).toBeUndefined();
  });

  it('across hosts and through the balancer run when all are switched, and are part of the receipt', async () => {
    const { staging, v2, asked } = await runningStaging({ smoke: elsewhere });
    const sent: string[] = [];
    const balancer = staging.ports.probe;
    const listened = {
      ...staging,
      ports: {
        ...staging.ports,
        probe: {
          send: async (request: Parameters<typeof balancer.send>[0]) => {
            sent.push(`after ${asked.filter((each) => each.startsWith('healthy?')).length} hosts`);
            return balancer.send(request);
          },
        },
      },
    };
    await deploy(listened, 'v2');
    expect(sent).toEqual(['after 2 hosts', 'after 2 hosts']);
    const names = (await recordsOf(staging).receipt(v2, 2))?.suites.map(({ suite }) => suite);
    expect(names).toEqual(['suite-1', 'suite-2']);
    expect(asked.filter((each) => each.startsWith('probe'))).not.toHaveLength(0);
  });

  it('through the balancer that fail undo the whole roll', async () => {
    const { staging, v1, v2 } = await runningStaging({ smoke: elsewhere });
    const failing = {
      ...staging,
      ports: {
        ...staging.ports,
        probe: {
          send: async () => ({ status: 500, headers: {}, setCookies: [], body: '', truncated: false }),
        },
      },
    };
    const error = await errorOf(deploy(failing, 'v2'));
    expect(error.message).toContain('smoke suites failed in staging: suite-2');
    expect(await recordsOf(staging).receipt(v2, 2)).toBeUndefined();
    expect(await recordsOf(staging).order(3)).toMatchObject({ release: v1 });
  });
});
