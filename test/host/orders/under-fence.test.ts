import { afterEach, beforeEach, expect, test } from 'vitest';
import { readFence } from '../../../scripts/host/orders/fence.ts';
import { underFence } from '../../../scripts/host/orders/under-fence.ts';
import { verbLock } from '../../../scripts/host/place/locks.ts';
import { HostWorld } from '../../support/fakes/host-world.ts';

let world: HostWorld;
let release = '';
beforeEach(async () => {
  world = await HostWorld.create();
  release = await world.release({ 'server.js': '' });
});
afterEach(() => world.close());

const carryOut = <T>(number: number, work: (order: { number: number }) => Promise<T>) =>
  underFence(world.host(), { verb: 'activate', number }, work);

test('an order is carried out under the lock of the host, and its number is the fence by then', async () => {
  const number = await world.order(release);
  const { state } = world.host();
  await carryOut(number, async (order) => {
    expect(order.number).toBe(number);
    expect(await readFence(state)).toBe(number);
    expect(await verbLock(state).owner()).toMatchObject({ pid: process.pid });
  });
  expect(await verbLock(state).owner()).toBeUndefined();
});

test('an order below the fence is refused before it is read, and nothing is carried out', async () => {
  await world.order(release);
  const second = await world.order(release);
  await carryOut(second, async () => undefined);
  let carried = false;
  const late = carryOut(1, async () => {
    carried = true;
  });
  await expect(late).rejects.toThrow('order 1 comes too late: this host has already seen order 2');
  expect(carried).toBe(false);
});

test('an order that is real raises the fence even where the work refuses it, one that is not never does', async () => {
  const number = await world.order(release);
  const refused = carryOut(number, () => Promise.reject(new Error('the host cannot run it')));
  await expect(refused).rejects.toThrow('the host cannot run it');
  const { state } = world.host();
  expect(await readFence(state)).toBe(number);
  await expect(carryOut(number + 1, async () => undefined)).rejects.toThrow('there is no order');
  expect(await readFence(state)).toBe(number);
});
