import type { AppManifest } from '../../domain/app/app-manifest.ts';
import type { Order } from '../../domain/order/order.ts';
import type { Actor, Environment } from '../environment/environment.ts';
import type { EnvironmentRecords } from '../environment/environment-records.ts';
import type { Journal } from './journal.ts';

/** An order while it is carried out and, where that fails, undone. */
export type OrderInProgress = {
  environment: Environment;
  actor: Actor;
  records: EnvironmentRecords;
  order: Order;
  manifest: AppManifest;
  journal: Journal;
  /** The last committed order, where a failure goes back to; undefined before the first. */
  committed: Order | undefined;
  /** Ctrl-C or a lost lease: the current host is finished or left as it was, and no other is begun. */
  halt: AbortSignal;
  /** A lost lease alone. */
  lost: AbortSignal;
  /** Hosts that were taken out or switched so far. While it is empty nothing needs to be undone. */
  touched: Set<string>;
  /** Whether `each-host` suites decide on a switched host; going back checks content and health alone. */
  hostSuites: boolean;
};
