import { describe, expect, it } from 'vitest';
import { storeKeys } from '../../../scripts/domain/store-keys.ts';
import { replaceRecord, writeOnce } from '../../../scripts/store/records.ts';
import { recordsOf } from '../../../scripts/workflows/environment/environment-records.ts';
import { readStatus } from '../../../scripts/workflows/inspect/status.ts';
import { deploy, errorOf } from '../../support/fakes/fake-changes.ts';
import { fakeEnvironment, fakeWorld } from '../../support/fakes/fake-environment.ts';
import { runningStaging } from '../../support/fakes/running-staging.ts';
import { attestationOf } from '../../support/records/sample-order.ts';

describe('the status of an environment', () => {
  it('is in step where every host runs the committed order and is in rotation', async () => {
    const { staging, v1, asked } = await runningStaging();
    const status = await readStatus(staging);
    expect(status).toMatchObject({
      app: 'shop',
      environment: 'staging',
      upstream: null,
      committed: { number: 1, release: v1 },
      verified: true,
      pending: null,
      lease: null,
      hosts: [
        { host: 'staging-1', rotation: 'in', attestation: { order: 1 }, unknownSince: null, problems: [] },
        { host: 'staging-2', rotation: 'in', problems: [] },
      ],
      inStep: true,
    });
    expect(asked.every((each) => each.startsWith('attest'))).toBe(true);
  });

  it('counts a host that is out of rotation, or unhealthy there, however well it runs', async () => {
    const { staging } = await runningStaging();
    staging.traffic.in.delete('staging-1');
    staging.traffic.neverHealthy.add('staging-2');
    expect(await readStatus(staging)).toMatchObject({
      hosts: [
        { rotation: 'out', problems: ['out of rotation in the balancer'] },
        { rotation: 'unhealthy', problems: ['unhealthy in the balancer'] },
      ],
      inStep: false,
    });
  });

  it('is not in step with a host that differs, or whose answer is not fresh', async () => {
    const { staging } = await runningStaging();
    staging.fleet.fail('staging-2', 'damaged');
    expect(await readStatus(staging)).toMatchObject({
      hosts: [{ problems: [] }, { problems: [expect.stringContaining('files differ')] }],
      inStep: false,
    });
    staging.fleet.fail('staging-2', 'old-answer');
    expect(await readStatus(staging)).toMatchObject({
      hosts: [{ problems: [] }, { attestation: null, problems: [expect.stringContaining('not fresh')] }],
      inStep: false,
    });
  });

  it('says since when nothing is known of a host that does not answer, or that it never was', async () => {
    const { staging } = await runningStaging();
    staging.fleet.fail('staging-1', 'unreachable');
    staging.fleet.fail('staging-2', 'unreachable');
    const order = await recordsOf(staging).order(1);
    if (order === undefined) throw new Error('no order 1');
    const kept = attestationOf(order, { at: '2026-01-01T10:00:00.000Z' });
    await writeOnce(staging.ports.store, storeKeys.host('shop', 'staging', 'staging-1'), kept);
    expect(await readStatus(staging)).toMatchObject({
      hosts: [
        {
          attestation: null,
          unknownSince: '2026-01-01T10:00:00.000Z',
          problems: [
            expect.stringMatching(/^unknown since 2026-01-01T10:00:00.000Z: staging-1 does not answer/),
          ],
        },
        { unknownSince: null, problems: [expect.stringMatching(/^has never answered: /)] },
      ],
      inStep: false,
    });
  });

  it('is verified only by a receipt of the committed order that stands', async () => {
    const { staging, v1 } = await runningStaging();
    staging.fleet.fail('staging-1', 'suite-fails');
    await errorOf(deploy(staging, 'v1'));
    expect(await recordsOf(staging).receipt(v1, 1)).toBeDefined();
    expect(await readStatus(staging)).toMatchObject({ verified: false, inStep: true });
    const other = await runningStaging();
    await other.staging.ports.store.delete(storeKeys.receipt('shop', 'staging', other.v1, 1));
    expect((await readStatus(other.staging)).verified).toBe(false);
  });

  it('shows the newest order while it is not committed, with its outcome', async () => {
    const { staging, v2 } = await runningStaging();
    for (const host of ['staging-1', 'staging-2']) staging.fleet.fail(host, 'unhealthy');
    await errorOf(deploy(staging, 'v2'));
    expect(await readStatus(staging)).toMatchObject({
      committed: { number: 1 },
      pending: { order: { number: 3 }, outcome: { result: 'failed' } },
      inStep: false,
    });
    const second = await runningStaging();
    const first = await recordsOf(second.staging).order(1);
    if (first === undefined) throw new Error('no order 1');
    await recordsOf(second.staging).writeOrder({ ...first, number: 2, release: v2 });
    expect((await readStatus(second.staging)).pending).toMatchObject({ order: { number: 2 }, outcome: null });
  });

  it('shows who holds the lease, and no holder once it was released', async () => {
    const { staging } = await runningStaging();
    const key = storeKeys.lease('shop', 'staging');
    const lease = { owner: 'bob', run: 'run-b', durationSeconds: 60, released: false };
    const held = await staging.ports.store.get(key);
    await replaceRecord(staging.ports.store, key, lease, held?.etag);
    expect((await readStatus(staging)).lease).toEqual(lease);
  });

  it('where nothing was ever committed is not in step, and hosts have no order to differ from', async () => {
    const staging = fakeEnvironment(fakeWorld(), 'staging');
    expect(await readStatus(staging)).toMatchObject({
      committed: null,
      verified: false,
      pending: null,
      lease: null,
      hosts: [{ rotation: 'out', problems: [] }, { problems: [] }],
      inStep: false,
    });
  });

  it('of an environment without hosts is not in step, whatever was committed', async () => {
    const { staging } = await runningStaging();
    staging.fleet.hosts.clear();
    expect(await readStatus(staging)).toMatchObject({ committed: { number: 1 }, hosts: [], inStep: false });
  });
});
