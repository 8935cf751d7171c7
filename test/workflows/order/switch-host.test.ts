import { describe, expect, it } from 'vitest';
import { LockstepError } from '../../../scripts/domain/errors.ts';
import { journalEntrySchema } from '../../../scripts/domain/order/order.ts';
import { storeKeys } from '../../../scripts/domain/store-keys.ts';
import { readRecord } from '../../../scripts/store/records.ts';
import { recordsOf } from '../../../scripts/workflows/environment/environment-records.ts';
import { deploy, errorOf } from '../../support/fakes/fake-changes.ts';
import { outs, runningStaging } from '../../support/fakes/running-staging.ts';

describe('one host of a roll', () => {
  it('goes out, drains, is switched, passes its suites, is hashed again, is put in, and is found healthy', async () => {
    const { staging, asked } = await runningStaging();
    await deploy(staging, 'v2');
    const first = asked.filter((each) => each.endsWith(' staging-1'));
    expect(first).toEqual([
      'stage staging-1',
      'attest staging-1',
      'out staging-1',
      'drain staging-1',
      'activate staging-1',
      'probe staging-1',
      'probe staging-1',
      'attest staging-1',
      'in staging-1',
      'healthy? staging-1',
    ]);
    expect(staging.said).toContain('activated, healthy');
    expect(asked.indexOf('out staging-2')).toBeGreaterThan(asked.indexOf('healthy? staging-1'));
  });

  it('that never drains is switched all the same when the time has run out, and it is said', async () => {
    const { staging } = await runningStaging();
    staging.traffic.neverDrain.add('staging-1');
    await deploy(staging, 'v2');
    expect(staging.fleet.host('staging-1').order).toBe(2);
    expect(staging.said.filter((text) => text.includes('in flight'))).toHaveLength(1);
    expect(staging.said).toContain('drained');
  });

  it('that the balancer does not see healthy ends the roll before the next host is begun', async () => {
    const { staging, asked } = await runningStaging();
    staging.traffic.onCall = (what, host) => {
      asked.push(`${what} ${host}`);
      if (what === 'in') staging.traffic.neverHealthy.add(host);
    };
    const error = await errorOf(deploy(staging, 'v2'));
    expect(error.message).toContain('the balancer did not find staging-1 healthy within 1 s');
    expect(outs(asked).slice(0, 2)).toEqual(['out staging-1', 'out staging-1']);
    expect((await recordsOf(staging).lastCommitted())?.number).toBe(1);
  });

  it('whose drain is interrupted is put back as it was', async () => {
    const { staging, asked } = await runningStaging();
    const stop = new AbortController();
    staging.traffic.onCall = (what, host) => {
      asked.push(`${what} ${host}`);
      if (what === 'drain') stop.abort(new LockstepError('interrupted', 'Ctrl-C'));
    };
    const error = await errorOf(deploy(staging, 'v2', stop.signal));
    expect(error.kind).toBe('interrupted');
    expect([...staging.traffic.in].sort()).toEqual(['staging-1', 'staging-2']);
    expect(asked.filter((each) => each.startsWith('activate'))).toEqual([]);
  });

  it('whose drain was just over at Ctrl-C is put back, and not switched any more', async () => {
    const { staging, asked } = await runningStaging();
    const stop = new AbortController();
    staging.traffic.waitDrained = async () => {
      stop.abort(new LockstepError('interrupted', 'Ctrl-C'));
      return true;
    };
    expect((await errorOf(deploy(staging, 'v2', stop.signal))).kind).toBe('interrupted');
    expect([...staging.traffic.in].sort()).toEqual(['staging-1', 'staging-2']);
    expect(asked.filter((each) => each.startsWith('activate'))).toEqual([]);
  });

  it('whose drain fails is put back as it was, and the error is reported', async () => {
    const { staging } = await runningStaging();
    let failing = true;
    staging.traffic.onCall = (what) => {
      if (what !== 'drain' || !failing) return;
      failing = false;
      throw new LockstepError('errored', 'the balancer does not answer');
    };
    const error = await errorOf(deploy(staging, 'v2'));
    expect(error).toMatchObject({ kind: 'errored', message: expect.stringContaining('does not answer') });
    expect(staging.traffic.history.slice(-6)).toContain('in staging-1');
    expect([...staging.traffic.in].sort()).toEqual(['staging-1', 'staging-2']);
    expect(staging.fleet.host('staging-1').restarts).toBe(1);
  });

  it('whose files are not those ordered ends the roll, however healthy it is', async () => {
    const { staging, v2 } = await runningStaging();
    staging.fleet.fail('staging-1', 'damaged', v2);
    const error = await errorOf(deploy(staging, 'v2'));
    expect(error.message).toContain('staging-1 does not run what was ordered: files differ');
    expect(await recordsOf(staging).outcome(2)).toMatchObject({ result: 'failed' });
  });

  it('is not believed when it answers an old question, or in the name of another', async () => {
    for (const fault of ['old-answer', 'other-host'] as const) {
      const { staging, asked } = await runningStaging();
      staging.fleet.fail('staging-1', fault);
      const error = await errorOf(deploy(staging, 'v2'));
      expect(error.message).toContain(
        'staging-1 answered with an attestation that is not fresh or not its own',
      );
      expect(outs(asked)).toEqual([]);
    }
  });

  it('whose answer is lost after the switch is brought back with the others', async () => {
    const { staging, v1, v2 } = await runningStaging();
    staging.fleet.fail('staging-1', 'answer-lost', v2);
    const error = await errorOf(deploy(staging, 'v2'));
    expect(error).toMatchObject({
      kind: 'failed',
      fix: expect.stringContaining('Start staging-1 or take it out'),
    });
    const back = await recordsOf(staging).entry(3);
    expect(back).toMatchObject({ order: { release: v1 }, outcome: { result: 'committed' } });
    expect(staging.fleet.host('staging-1').order).toBe(3);
  });

  it('that runs the content already only records the number, and keeps serving', async () => {
    const { staging, v1, asked } = await runningStaging();
    staging.fleet.fail('staging-2', 'damaged', v1);
    const healed = staging.fleet.host('staging-2');
    staging.traffic.onCall = (what, host) => {
      asked.push(`${what} ${host}`);
      if (what === 'drain') healed.fault = () => undefined;
    };
    await deploy(staging, 'v1');
    expect(outs(asked)).toEqual(['out staging-2']);
    expect(asked).not.toContain('in staging-1');
    expect(staging.fleet.host('staging-1')).toMatchObject({ order: 2, restarts: 1 });
    const intentOf = async (step: string) => {
      const key = storeKeys.journalEntry('shop', 'staging', 2, step);
      return (await readRecord(staging.ports.store, key, journalEntrySchema))?.value.intent;
    };
    expect(await intentOf('0002-switch-staging-1')).toBe('record the order');
    expect(await intentOf('0003-switch-staging-2')).toContain('activate');
    expect(staging.said).toEqual(
      expect.arrayContaining(['staging-1: already runs this content', 'recorded']),
    );
  });

  it('that runs the content already and is out of rotation is put in', async () => {
    const { staging, v1 } = await runningStaging();
    staging.traffic.in.delete('staging-1');
    staging.fleet.fail('staging-2', 'damaged', v1);
    const healed = staging.fleet.host('staging-2');
    staging.traffic.onCall = (what) => {
      if (what === 'drain') healed.fault = () => undefined;
    };
    await deploy(staging, 'v1');
    expect([...staging.traffic.in].sort()).toEqual(['staging-1', 'staging-2']);
  });
});
