import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readFence } from '../../../scripts/host/orders/fence.ts';
import { underFence } from '../../../scripts/host/orders/under-fence.ts';
import { verbLock } from '../../../scripts/host/place/locks.ts';
import { HostWorld } from '../../support/fakes/host-world.ts';

describe('a verb under the fence', () => {
  let world: HostWorld;
  beforeAll(async () => {
    world = await HostWorld.create();
    const release = await world.release({ 'server.js': '' });
    await world.order(release);
    await world.order(release);
  });
  afterAll(() => world.close());

  const carryOut = (number: number, work: () => Promise<unknown> = async () => 'done') =>
    underFence(world.host(), { verb: 'activate', number }, work);

  it('does not raise the fence for an order that does not exist', async () => {
    await expect(carryOut(3)).rejects.toThrow('there is no order 3');
    expect(await readFence(world.host().state)).toBe(0);
  });

  it('raises the fence before its work, which may refuse the order', async () => {
    const refuse = async () => {
      expect(await readFence(world.host().state)).toBe(1);
      throw new Error('refused');
    };
    await expect(carryOut(1, refuse)).rejects.toThrow('refused');
    expect(await readFence(world.host().state)).toBe(1);
  });

  it('works with the order that it was asked for, as the only verb of this host', async () => {
    const found = await underFence(world.host(), { verb: 'activate', number: 2 }, async (order) => {
      expect(await verbLock(world.host().state).tryAcquire('stage')).toBeUndefined();
      return order.number;
    });
    expect(found).toBe(2);
    expect(await verbLock(world.host().state).owner()).toBeUndefined();
  });

  it('refuses an order lower than one it has seen, before any work', async () => {
    let worked = false;
    const work = async () => {
      worked = true;
    };
    await expect(carryOut(1, work)).rejects.toThrow('already seen order 2');
    expect(worked).toBe(false);
  });
});
