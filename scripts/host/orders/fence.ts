import { z } from 'zod';
import { refused } from '../../domain/errors.ts';
import type { ObjectStore } from '../../store/object-store.ts';
import { readRecord, replaceRecord } from '../../store/records.ts';

const fenceSchema = z.strictObject({ order: z.int().nonnegative() });
const key = 'fence.json';

/** The highest order that this host has seen; 0 before the first. */
export async function readFence(state: ObjectStore): Promise<number> {
  return (await readRecord(state, key, fenceSchema))?.value.order ?? 0;
}

/** Refuses a lower order: it comes from a deployer that has been overtaken (rule 3). */
export async function checkFence(state: ObjectStore, order: number): Promise<void> {
  const seen = await readFence(state);
  if (order >= seen) return;
  throw refused(`order ${order} comes too late: this host has already seen order ${seen}`, {
    fix: 'Another deployment has gone on from here. Look at `lockstep status` before ordering again.',
  });
}

/** Raises the fence to `order`; never lowers it. */
export async function raiseFence(state: ObjectStore, order: number): Promise<void> {
  for (;;) {
    const found = await readRecord(state, key, fenceSchema);
    if (found !== undefined && found.value.order >= order) return;
    if ((await replaceRecord(state, key, { order }, found?.etag)) === 'written') return;
  }
}
