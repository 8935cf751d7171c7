import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { checkFence, raiseFence, readFence } from '../../scripts/host/orders/fence.ts';
import { identityOf } from '../../scripts/machine/process-identity.ts';
import { ProcessLock } from '../../scripts/store/process-lock.ts';
import { writeOnce } from '../../scripts/store/records.ts';
import { MemoryStore } from '../support/fakes/memory-store.ts';

test('lets one owner in, and the next when it is done, even after a failure', async () => {
  const lock = new ProcessLock(new MemoryStore(), 'lock.json', 'the host');
  const order: string[] = [];
  const first = lock.during('first', async () => {
    expect(await lock.tryAcquire('second')).toBeUndefined();
    order.push('first');
    throw new Error('failed');
  });
  await expect(first).rejects.toThrow('failed');
  await lock.during('second', async () => void order.push('second'));
  expect(order).toEqual(['first', 'second']);
});

test('gives up waiting for a living owner, naming it', async () => {
  const lock = new ProcessLock(new MemoryStore(), 'lock.json', 'the host');
  await lock.during('activate', async () => {
    const waiting = lock.during('stage', async () => undefined, { patienceSeconds: 0.1 });
    await expect(waiting).rejects.toThrow(
      `the host is busy: \`activate\` (process ${process.pid}) has held its lock for more than 0.1 s`,
    );
    const interrupted = lock.during('stage', async () => undefined, {
      signal: AbortSignal.abort(new Error('enough')),
    });
    await expect(interrupted).rejects.toThrow('enough');
  });
});

test('lets one call of a process in after the other, however many ask at once', async () => {
  const lock = new ProcessLock(new MemoryStore(), 'lock.json', 'the host');
  let [inside, most] = [0, 0];
  const work = async () => {
    most = Math.max(most, ++inside);
    await setImmediate();
    inside--;
  };
  await Promise.all(['a', 'b', 'c'].map((verb) => lock.during(verb, work)));
  expect(most).toBe(1);
});

test('takes over at once from an owner that was killed', async () => {
  const store = new MemoryStore();
  const child = spawn('sleep', ['60']);
  await once(child, 'spawn');
  await writeOnce(store, 'lock.json', {
    owner: await identityOf(child.pid ?? 0),
    verb: 'stage',
    released: false,
  });
  const lock = new ProcessLock(store, 'lock.json', 'the host');
  expect(await lock.tryAcquire('stage')).toBeUndefined();
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(await lock.tryAcquire('stage')).toBeDefined();
});

test('does not take a later process of the same number for the owner', async () => {
  const store = new MemoryStore();
  const owner = { pid: process.pid, birth: 'another boot/1' };
  await writeOnce(store, 'lock.json', { owner, verb: 'stage', released: false });
  expect(await new ProcessLock(store, 'lock.json', 'the host').owner()).toBeUndefined();
  expect(await new ProcessLock(store, 'lock.json', 'the host').tryAcquire('stage')).toBeDefined();
});

test('only ever raises the fence', async () => {
  const store = new MemoryStore();
  expect(await readFence(store)).toBe(0);
  await Promise.all([raiseFence(store, 5), raiseFence(store, 3), raiseFence(store, 7)]);
  expect(await readFence(store)).toBe(7);
  await checkFence(store, 7);
  await expect(checkFence(store, 6)).rejects.toThrow('already seen order 7');
});
