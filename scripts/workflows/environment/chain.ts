import { lastCommittedOf, type Order } from '../../domain/order/order.ts';
import type { EnvironmentRecords, OrderWithOutcome } from './environment-records.ts';

/** The end of an environment's chain of orders: what every decision begins with. */
export type Chain = {
  /** The newest order, whatever its outcome; undefined before the first. */
  last: Order | undefined;
  /** The last order that was carried out and verified. */
  committed: Order | undefined;
};

/**
 * @param entries the newest orders, the last committed one among them; read from the store where they are not
 * given
 */
export async function readChain(
  records: EnvironmentRecords,
  entries?: readonly OrderWithOutcome[],
): Promise<Chain> {
  const known = entries ?? (await records.orders());
  return { last: known.at(-1)?.order, committed: lastCommittedOf(known)?.order };
}
