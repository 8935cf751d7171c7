import type { AppManifest } from '../../domain/app/app-manifest.ts';
import type { Order } from '../../domain/order/order.ts';
import type { Standing } from '../environment/standing.ts';

/** An order under way, as it is carried out and, where that fails, undone. */
export type Carrying = {
  standing: Standing;
  order: Order;
  manifest: AppManifest;
  /** Ctrl-C or a lost lease. */
  halt: AbortSignal;
  /** A lost lease alone. */
  lost: AbortSignal;
  /** Hosts that were taken out or switched so far. */
  touched: Set<string>;
};
