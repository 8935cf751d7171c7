import { type Order, type Outcome, outcomeOf } from '../domain/order.ts';
import type { Actor, Environment } from './environment.ts';
import { EnvironmentRecords } from './environment-records.ts';
import { unfinishedSteps } from './journal.ts';

export type Standing = {
  records: EnvironmentRecords;
  /** The newest order, whatever became of it; undefined before the first. */
  last: Order | undefined;
  /** The last order that was carried out and verified. */
  committed: Order | undefined;
  committedOutcome: Outcome | undefined;
};

/**
 * What every deployer does first, under the lease: an order that a dead one left open is closed as `abandoned`, the
 * hint is moved to the last committed order. Nothing on a host is touched: the next order does that.
 */
export async function repairEnvironment(environment: Environment, actor: Actor): Promise<Standing> {
  const { clock, reporter } = environment.ports;
  const records = new EnvironmentRecords(environment.ports, environment.app, environment.name);
  const entries = await records.orders();
  for (const { order, outcome } of entries) {
    if (outcome !== undefined) continue;
    const steps = await unfinishedSteps(environment, order.number);
    const inHand = steps.map(({ intent, hosts }) => `${intent} (${hosts.join(', ')})`).join('; ');
    reporter.warn(
      `order ${order.number} by ${order.by} was left open${inHand === '' ? '' : ` while it was to ${inHand}`}; closing it as abandoned`,
    );
    const reason = `left open by a deployer that died; closed by ${actor.owner}`;
    await records.writeOutcome(outcomeOf(order, 'abandoned', { reason, now: clock.now() }));
  }
  const settled = entries.length === 0 ? entries : await records.orders();
  const committed = settled.findLast(({ outcome }) => outcome?.result === 'committed');
  if (committed !== undefined) await records.moveHint(committed.order.number);
  return {
    records,
    last: settled.at(-1)?.order,
    committed: committed?.order,
    committedOutcome: committed?.outcome,
  };
}
