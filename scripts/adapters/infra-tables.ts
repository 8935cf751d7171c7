import pins from '../../infra/pins.json' with { type: 'json' };
import { type Pins, pinsSchema } from '../../infra/pins.ts';
import prices from '../../infra/prices.json' with { type: 'json' };
import { type Prices, pricesSchema } from '../domain/cost.ts';

/** The committed tables that a plan is drawn by; both are part of the program, not of a project. */
export function readTables(): { pins: Pins; prices: Prices } {
  return { pins: pinsSchema.parse(pins), prices: pricesSchema.parse(prices) };
}
