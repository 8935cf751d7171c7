import { describe, expect, it } from 'vitest';
import { storeKeys } from '../../../scripts/domain/store-keys.ts';
import { recordsOf } from '../../../scripts/workflows/environment/environment-records.ts';
import { deploy, errorOf } from '../../support/fakes/fake-changes.ts';
import { runningStaging } from '../../support/fakes/running-staging.ts';

describe('what runs already', () => {
  it('is verified again without a new order, and a missing receipt is completed', async () => {
    const { staging, v1, asked } = await runningStaging();
    await staging.ports.store.delete(storeKeys.receipt('shop', 'staging', v1, 1));
    const confirmed = await deploy(staging, 'v1');
    expect(confirmed).toMatchObject({
      kind: 'confirmed',
      order: { number: 1 },
      suites: [{ suite: 'front', passed: true }],
    });
    expect(await recordsOf(staging).receipt(v1, 1)).toMatchObject({
      order: 1,
      suites: [{ suite: 'front' }],
    });
    expect(asked.filter((each) => /^(stage|activate|out|in)/.test(each))).toEqual([]);
    expect(await recordsOf(staging).order(2)).toBeUndefined();
  });

  it('is put into rotation where a host of it is out, and waited for until healthy', async () => {
    const { staging, asked } = await runningStaging();
    staging.traffic.in.delete('staging-2');
    expect(await deploy(staging, 'v1')).toMatchObject({ kind: 'confirmed' });
    expect(asked.filter((each) => /^(in|healthy)/.test(each))).toEqual([
      'in staging-2',
      'healthy? staging-2',
    ]);
    staging.traffic.neverHealthy.add('staging-2');
    expect((await errorOf(deploy(staging, 'v1'))).message).toContain('did not find staging-2 healthy');
  });

  it('loses its receipt when its suites fail now: the revocation says which', async () => {
    const { staging, v1 } = await runningStaging();
    staging.fleet.fail('staging-2', 'suite-fails');
    const error = await errorOf(deploy(staging, 'v1'));
    expect(error).toMatchObject({
      kind: 'failed',
      message:
        'staging runs order 1 unchanged, but these smoke suites fail now: front; its receipt is revoked',
    });
    expect(error.details.length).toBeGreaterThan(0);
    expect(await recordsOf(staging).revocation(v1, 1)).toEqual({
      app: 'shop',
      environment: 'staging',
      order: 1,
      release: v1,
      reason: 'smoke failed: front',
      at: staging.ports.clock.now().toISOString(),
    });
  });

  it('has nothing revoked that it never had', async () => {
    const { staging, v1 } = await runningStaging();
    await staging.ports.store.delete(storeKeys.receipt('shop', 'staging', v1, 1));
    staging.fleet.fail('staging-2', 'suite-fails');
    await errorOf(deploy(staging, 'v1'));
    expect(await recordsOf(staging).revocation(v1, 1)).toBeUndefined();
    expect(await recordsOf(staging).receipt(v1, 1)).toBeUndefined();
  });

  it('needs a new order once its receipt was revoked, although nothing differs', async () => {
    const { staging, v1 } = await runningStaging();
    staging.fleet.fail('staging-2', 'suite-fails');
    await errorOf(deploy(staging, 'v1'));
    staging.fleet.fail('staging-2', undefined);
    expect(await deploy(staging, 'v1')).toMatchObject({ kind: 'changed', order: { number: 2 } });
    expect(await recordsOf(staging).receipt(v1, 2)).toBeDefined();
  });

  it('is not confirmed while a host differs or is silent: which one, and how, is said', async () => {
    const { staging } = await runningStaging();
    staging.fleet.fail('staging-2', 'unreachable');
    staging.said.length = 0;
    await errorOf(deploy(staging, 'v1'));
    expect(staging.said).toContain(
      'staging-2 differs from order 1: staging-2 does not answer: it is switched off',
    );
  });

  it('is not confirmed by an attestation that answers another question', async () => {
    const { staging } = await runningStaging();
    staging.fleet.fail('staging-2', 'old-answer');
    expect((await errorOf(deploy(staging, 'v1'))).message).toContain('not fresh or not its own');
    expect(await recordsOf(staging).order(2)).toBeUndefined();
  });
});
