import { outcomeOf } from '../../domain/order/order.ts';
import { type Chain, readChain } from '../environment/chain.ts';
import type { Actor, Environment } from '../environment/environment.ts';
import { recordsOf } from '../environment/environment-records.ts';
import { unfinishedSteps } from './journal.ts';

/**
 * What every deployer does first, under the lease: it closes an order that a dead one left open as
 * `abandoned`, and moves the hint to the last committed order. Nothing on a host is touched: the next order
 * does that.
 */
export async function repairEnvironment(environment: Environment, actor: Actor): Promise<Chain> {
  const { clock, reporter } = environment.ports;
  const records = recordsOf(environment);
  const entries = await records.orders();
  for (const { order, outcome } of entries) {
    if (outcome !== undefined) continue;
    const steps = await unfinishedSteps(environment, order.number);
    const unfinished = steps.map(({ intent, hosts }) => `${intent} (${hosts.join(', ')})`).join('; ');
    reporter.warn(
      `order ${order.number} by ${order.by} was left open${unfinished === '' ? '' : `, unfinished: ${unfinished}`}; closing it as abandoned`,
    );
    const reason = `left open by a deployer that died; closed by ${actor.owner}`;
    await records.writeOutcome(outcomeOf(order, 'abandoned', { reason, now: clock.now() }));
  }
  const chain = await readChain(records, entries.length === 0 ? entries : await records.orders());
  if (chain.committed !== undefined) await records.moveHint(chain.committed.number);
  return chain;
}
