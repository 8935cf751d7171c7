import prices from '../../../infra/prices.json' with { type: 'json' };
import type { Subject } from '../../../infra/stack/stack.ts';
import { type Prices, pricesSchema } from '../../domain/plan/cost.ts';
import { readPins } from '../pins/pins-file.ts';

/** The committed tables that a plan is drawn by; both are part of the program, not of a project. */
export async function readTables(): Promise<{ pins: Subject['pins']; prices: Prices }> {
  return { pins: await readPins(), prices: pricesSchema.parse(prices) };
}
