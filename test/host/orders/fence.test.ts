import { describe, expect, it } from 'vitest';
import { checkFence, raiseFence, readFence } from '../../../scripts/host/orders/fence.ts';
import type { ObjectStore } from '../../../scripts/store/object-store.ts';
import { MemoryStore } from '../../support/fakes/memory-store.ts';

describe("a host's fence", () => {
  it('refuses every order below the highest that it has seen, and no other', async () => {
    const state = new MemoryStore();
    expect(await readFence(state)).toBe(0);
    await checkFence(state, 1);
    await raiseFence(state, 5);
    expect(await readFence(state)).toBe(5);
    await expect(checkFence(state, 4)).rejects.toMatchObject({
      kind: 'refused',
      message: 'order 4 comes too late: this host has already seen order 5',
    });
    await checkFence(state, 5);
    await checkFence(state, 6);
  });

  it('only rises', async () => {
    const state = new MemoryStore();
    await raiseFence(state, 5);
    const before = await state.get('fence.json');
    await raiseFence(state, 3);
    await raiseFence(state, 5);
    expect(await state.get('fence.json')).toEqual(before);
    await raiseFence(state, 6);
    expect(await readFence(state)).toBe(6);
  });

  it.each([9, 3])('ends at the highest of two that are raised at once, here 5 and %i', async (other) => {
    const state = new MemoryStore();
    await raiseFence(state, 1);
    let overtaken = false;
    const slow: ObjectStore = {
      get: (...all) => state.get(...all),
      putIfAbsent: (...all) => state.putIfAbsent(...all),
      putIfMatch: async (...all) => {
        if (!overtaken) {
          overtaken = true;
          await raiseFence(state, other);
        }
        return state.putIfMatch(...all);
      },
      list: (...all) => state.list(...all),
      delete: (...all) => state.delete(...all),
    };
    await raiseFence(slow, 5);
    expect(await readFence(state)).toBe(Math.max(5, other));
  });
});
