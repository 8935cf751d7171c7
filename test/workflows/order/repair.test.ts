import { describe, expect, it } from 'vitest';
import { digestOf } from '../../../scripts/domain/canonical.ts';
import { recordsOf } from '../../../scripts/workflows/environment/environment-records.ts';
import { Journal } from '../../../scripts/workflows/order/journal.ts';
import { repairEnvironment } from '../../../scripts/workflows/order/repair.ts';
import { deploy } from '../../support/fakes/fake-changes.ts';
import { fakeEnvironment, fakeWorld } from '../../support/fakes/fake-environment.ts';

const actor = { owner: 'bob', run: 'run-b' };

/** Staging whose order 1 is committed, and order 2 was left open by cid. */
async function leftOpen() {
  const world = fakeWorld();
  await world.build('v1');
  const staging = fakeEnvironment(world, 'staging');
  await deploy(staging, 'v1');
  const records = recordsOf(staging);
  const first = await records.order(1);
  if (first === undefined) throw new Error('no order 1');
  const second = { ...first, number: 2, previous: digestOf(first), by: 'cid' };
  await records.writeOrder(second);
  staging.said.length = 0;
  return { staging, records, first, second };
}

describe('what every deployer does first', () => {
  it('closes an order that a dead one left open, and says what it left unfinished', async () => {
    const { staging, records, first, second } = await leftOpen();
    const journal = new Journal(staging, 2, 'run-c');
    void journal.during('switch-staging-2', 'switch it', ['staging-2'], () => new Promise(() => undefined));
    await new Promise((resolve) => setImmediate(resolve));
    expect(await repairEnvironment(staging, actor)).toEqual({ last: second, committed: first });
    expect(await records.outcome(2)).toMatchObject({
      result: 'abandoned',
      orderDigest: digestOf(second),
      reason: 'left open by a deployer that died; closed by bob',
    });
    expect(staging.said).toEqual([
      'order 2 by cid was left open, unfinished: switch it (staging-2); closing it as abandoned',
    ]);
  });

  it('says no more than it knows where the journal is empty, and leaves closed orders alone', async () => {
    const { staging, records } = await leftOpen();
    const before = await records.outcome(1);
    await repairEnvironment(staging, actor);
    expect(staging.said).toEqual(['order 2 by cid was left open; closing it as abandoned']);
    expect(await records.outcome(1)).toEqual(before);
    staging.said.length = 0;
    await repairEnvironment(staging, actor);
    expect(staging.said).toEqual([]);
  });

  it('moves the hint to the last committed order, and touches no host', async () => {
    const { staging, records } = await leftOpen();
    await staging.ports.store.delete('apps/shop/environments/staging/committed.json');
    staging.fleet.calls.length = 0;
    await repairEnvironment(staging, actor);
    expect(await records.hint()).toBe(1);
    expect(staging.fleet.calls).toEqual([]);
  });

  it('has nothing to do where nothing was ever ordered', async () => {
    const staging = fakeEnvironment(fakeWorld(), 'staging');
    expect(await repairEnvironment(staging, actor)).toEqual({ last: undefined, committed: undefined });
    expect(await recordsOf(staging).hint()).toBeUndefined();
  });
});
