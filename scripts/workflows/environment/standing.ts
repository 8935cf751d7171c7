import { lastCommittedOf, type Order, type Outcome } from '../../domain/order/order.ts';
import type { EnvironmentRecords, OrderWithOutcome } from './environment-records.ts';

/** Where an environment stands by its records: what every choice begins with. */
export type Standing = {
  records: EnvironmentRecords;
  /** The newest order, whatever became of it; undefined before the first. */
  last: Order | undefined;
  /** The last order that was carried out and verified. */
  committed: Order | undefined;
  committedOutcome: Outcome | undefined;
};

/** @param entries the newest orders, the last committed one among them; read where they aren't at hand */
export async function readStanding(
  records: EnvironmentRecords,
  entries?: readonly OrderWithOutcome[],
): Promise<Standing> {
  const known = entries ?? (await records.orders());
  const committed = lastCommittedOf(known);
  return {
    records,
    last: known.at(-1)?.order,
    committed: committed?.order,
    committedOutcome: committed?.outcome,
  };
}
