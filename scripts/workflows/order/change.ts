import { sharedConfigDigest } from '../../domain/app/app-config.ts';
import { digestOf } from '../../domain/canonical.ts';
import type { ChangeRequest } from '../../domain/order/change-request.ts';
import { sameContent } from '../../domain/order/content.ts';
import type { Proposal } from '../../domain/order/decide.ts';
import { type Order, outcomeOf, receiptOf } from '../../domain/order/order.ts';
import type { Chain } from '../environment/chain.ts';
import type { Actor, Environment } from '../environment/environment.ts';
import { recordsOf } from '../environment/environment-records.ts';
import { closeFailedOrder } from './close-failed-order.ts';
import { type Confirmed, confirmRunning } from './confirm-running.ts';
import { Journal } from './journal.ts';
import { withLease } from './lease.ts';
import type { OrderInProgress } from './order-in-progress.ts';
import { propose } from './propose.ts';
import { repairEnvironment } from './repair.ts';
import { rollEnvironment } from './roll.ts';

export type Change = {
  environment: Environment;
  actor: Actor;
  /** Aborted by Ctrl-C or SIGTERM. */
  signal: AbortSignal;
  request: ChangeRequest;
};

export type ChangeResult = { kind: 'changed'; order: Order } | Confirmed;

/**
 * The one way an environment changes (deploy, promote, rollback, new config or secrets, redeploy): hold the
 * lease, close what a dead deployer left open, decide, order, roll, commit. Whatever fails on the way is
 * undone by an order of its own (see close-failed-order.ts).
 */
export function changeEnvironment({ environment, actor, signal, request }: Change): Promise<ChangeResult> {
  return withLease(environment, actor, signal, async (lost) => {
    const chain = await repairEnvironment(environment, actor);
    const { committed } = chain;
    const proposal = await propose(environment, chain, request);
    const content = { ...proposal, config: digestOf(configOf(environment, proposal)) };
    if (committed !== undefined && sameContent(committed, content)) {
      const confirmed = await confirmRunning(environment, committed, proposal.manifest, lost);
      if (confirmed !== undefined) return confirmed;
    }
    const halt = AbortSignal.any([signal, lost]);
    halt.throwIfAborted();
    const order = await writeOrder(environment, actor, chain, proposal);
    await carryOut({
      environment,
      actor,
      records: recordsOf(environment),
      order,
      manifest: proposal.manifest,
      journal: new Journal(environment, order.number, actor.run),
      committed,
      halt,
      lost,
      touched: new Set(),
      hostSuites: true,
    });
    return { kind: 'changed', order };
  });
}

async function writeOrder(
  environment: Environment,
  actor: Actor,
  { last }: Chain,
  proposal: Proposal,
): Promise<Order> {
  const records = recordsOf(environment);
  const order: Order = {
    app: environment.app,
    environment: environment.name,
    number: (last?.number ?? 0) + 1,
    previous: last === undefined ? null : digestOf(last),
    release: proposal.release,
    tag: proposal.tag,
    config: await records.writeConfig(configOf(environment, proposal)),
    sharedConfig: sharedConfigDigest(proposal.manifest, proposal.values),
    secrets: [...proposal.secrets],
    basis: proposal.basis,
    by: actor.owner,
    at: environment.ports.clock.now().toISOString(),
  };
  await records.writeOrder(order);
  return order;
}

async function carryOut(progress: OrderInProgress): Promise<void> {
  const { environment, records, order, lost } = progress;
  const { clock } = environment.ports;
  try {
    const suites = await rollEnvironment(progress);
    // Whoever took the lease meanwhile decides on the outcome of this order.
    lost.throwIfAborted();
    await records.writeOutcome(outcomeOf(order, 'committed', { suites, now: clock.now() }));
    await records.moveHint(order.number);
    await records.writeReceipt(receiptOf(order, suites, clock.now()));
  } catch (error) {
    throw await closeFailedOrder(progress, error);
  }
}

function configOf(environment: Environment, { values }: Proposal) {
  return { app: environment.app, environment: environment.name, values: { ...values } };
}
