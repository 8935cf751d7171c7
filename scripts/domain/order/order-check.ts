import { digestOf } from '../canonical.ts';
import { type LockstepError, refused } from '../errors.ts';
import type { ReleaseSeal } from '../release/release.ts';
import type { Order, Outcome, Receipt } from './order.ts';

/** What whoever judges an order knows by provisioning, never from the order. */
export type Provisioned = { app: string; environment: string; upstream: string | null };

/**
 * The records that an order's basis points at. Their signatures have been checked by whoever read them:
 * orders and outcomes by the environment's order key, the receipt by its upstream's receipt key.
 */
export type BasisEvidence = {
  receipt?: Receipt | undefined;
  order?: Order | undefined;
  outcome?: Outcome | undefined;
};

/** The order is the one asked for, of this app and environment, and continues the chain (rules 2 and 3). */
export function checkOrderIdentity(
  order: Order,
  expected: Provisioned & { number: number },
  previous: Order | undefined,
): void {
  const { app, environment, number } = expected;
  if (order.app !== app || order.environment !== environment) {
    throw refuseOrder(
      order,
      `it is for ${order.app} in ${order.environment}, this host serves ${app} in ${environment}`,
    );
  }
  if (order.number !== number) throw refuseOrder(order, `it was stored as order ${number}`);
  if (number === 1 ? order.previous !== null : previous === undefined) {
    throw refuseOrder(
      order,
      number === 1 ? 'order 1 can have no previous order' : `order ${number - 1} is missing`,
    );
  }
  if (previous !== undefined && order.previous !== digestOf(previous))
    throw refuseOrder(order, `it doesn't continue order ${number - 1}: the chain is broken`);
}

/** Checks that this environment may take this release (rule 2). The deployer judges soak and revocation. */
export function checkBasis(order: Order, provisioned: Provisioned, evidence: BasisEvidence): void {
  const { basis } = order;
  switch (basis.kind) {
    case 'first-in-chain':
      if (provisioned.upstream !== null) {
        throw refuseOrder(
          order,
          `${order.environment} takes only what ${provisioned.upstream} has verified`,
          {
            fix: `Deploy the release to ${provisioned.upstream} first, then promote it.`,
          },
        );
      }
      return;
    case 'receipt':
      checkReceipt(order, basis, provisioned.upstream, evidence.receipt);
      return;
    case 'rollback':
    case 'return':
      checkEarlier(order, basis, evidence);
      return;
    case 'override':
      if (basis.reason.trim() === '') throw refuseOrder(order, 'an override needs a reason');
  }
}

function checkReceipt(
  order: Order,
  basis: { environment: string; order: number },
  upstream: string | null,
  receipt: Receipt | undefined,
): void {
  if (upstream === null || basis.environment !== upstream) {
    throw refuseOrder(
      order,
      `its receipt is from ${basis.environment}, this host's upstream is ${upstream ?? 'none'}`,
    );
  }
  const fix = `Verify the release in ${upstream} with the shared values that ${order.environment} has, then promote again.`;
  if (receipt === undefined)
    throw refuseOrder(order, `there is no receipt for order ${basis.order} of ${upstream}`, { fix });
  if (receipt.app !== order.app || receipt.environment !== upstream || receipt.order !== basis.order)
    throw refuseOrder(
      order,
      `its receipt is for ${receipt.app}, ${receipt.environment}, order ${receipt.order}`,
      {
        fix,
      },
    );
  if (receipt.release !== order.release)
    throw refuseOrder(order, 'its receipt is for another release', { fix });
  if (receipt.sharedConfig !== order.sharedConfig)
    throw refuseOrder(order, `its shared values are not those that ${upstream} verified`, { fix });
}

function checkEarlier(
  order: Order,
  basis: { kind: 'rollback' | 'return'; order: number },
  { order: earlier, outcome }: BasisEvidence,
): void {
  const what = `order ${basis.order}`;
  if (basis.order >= order.number || earlier === undefined || earlier.number !== basis.order)
    throw refuseOrder(
      order,
      `it goes back to ${what}, which is not an earlier order of ${order.environment}`,
    );
  if (earlier.app !== order.app || earlier.environment !== order.environment)
    throw refuseOrder(order, `${what} belongs to ${earlier.app} in ${earlier.environment}`);
  const isCommitted =
    outcome?.result === 'committed' &&
    outcome.app === order.app &&
    outcome.environment === order.environment &&
    outcome.order === basis.order &&
    outcome.orderDigest === digestOf(earlier);
  if (!isCommitted) throw refuseOrder(order, `it goes back to ${what}, which was never committed`);
  if (earlier.release !== order.release) throw refuseOrder(order, `${what} had another release`);
  if (basis.kind === 'return' && earlier.config !== order.config)
    throw refuseOrder(order, `${what} had other env values`);
}

/** The seal names the release, its build record and this app. `sealed`: digests of what was read. */
export function checkSeal(seal: ReleaseSeal, sealed: { app: string; release: string; build: string }): void {
  const wrong = (['app', 'release', 'build'] as const).filter((part) => seal[part] !== sealed[part]);
  if (wrong.length === 0) return;
  throw refused(
    `release ${sealed.release.slice(0, 12)}: the builder's seal is for another ${wrong.join(', ')}`,
    {
      fix: 'Somebody changed the release in the store. Build the tag again with --check to see what differs.',
    },
  );
}

function refuseOrder(order: Order, reason: string, options: { fix?: string } = {}): LockstepError {
  return refused(`this host refuses order ${order.number} of ${order.environment}: ${reason}`, options);
}
