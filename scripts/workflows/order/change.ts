import { sharedConfigDigest } from '../../domain/app/app-config.ts';
import type { AppManifest } from '../../domain/app/app-manifest.ts';
import { digestOf } from '../../domain/canonical.ts';
import { sameContent } from '../../domain/order/content.ts';
import { type Basis, type Order, outcomeOf, receiptOf } from '../../domain/order/order.ts';
import type { SecretReference } from '../../domain/secrets/secret-reference.ts';
import type { Actor, Environment } from '../environment/environment.ts';
import type { Standing } from '../environment/standing.ts';
import { carryOutFailed } from './close-failed-order.ts';
import { type Confirmed, confirmInStep } from './confirm-running.ts';
import { Journal } from './journal.ts';
import { withLease } from './lease.ts';
import type { Carrying } from './order-in-progress.ts';
import { repairEnvironment } from './repair.ts';
import { rollEnvironment } from './roll.ts';

/** What a verb wants an environment to run, and by what right. */
export type Proposal = {
  release: string;
  tag: string | null;
  manifest: AppManifest;
  values: Readonly<Record<string, string>>;
  secrets: readonly SecretReference[];
  basis: Basis;
};

/** Decided under the lease, after the repair: the verbs differ in this alone. */
export type Choose = (standing: Standing) => Promise<Proposal>;

export type Change = {
  environment: Environment;
  actor: Actor;
  /** Aborted by Ctrl-C or SIGTERM. */
  signal: AbortSignal;
  choose: Choose;
};

export type ChangeResult = { kind: 'changed'; order: Order } | Confirmed;

/**
 * The one way an environment changes (deploy, promote, rollback, new config or secrets, redeploy): hold the lease,
 * close what a dead deployer left open, decide, order, roll, commit. Whatever fails on the way is undone by an order
 * of its own (see carry-out-failed.ts).
 */
export function changeEnvironment({ environment, actor, signal, choose }: Change): Promise<ChangeResult> {
  return withLease(environment, actor, signal, async (lost) => {
    const standing = await repairEnvironment(environment, actor);
    const proposal = await choose(standing);
    const content = { ...proposal, config: digestOf(configOf(environment, proposal)) };
    if (standing.committed !== undefined && sameContent(standing.committed, content)) {
      const confirmed = await confirmInStep(environment, standing, standing.committed, proposal.manifest);
      if (confirmed !== undefined) return confirmed;
    }
    const halt = AbortSignal.any([signal, lost]);
    halt.throwIfAborted();
    const order = await writeOrder(environment, actor, standing, proposal);
    await carryOut(environment, actor, {
      standing,
      order,
      manifest: proposal.manifest,
      halt,
      lost,
      touched: new Set(),
    });
    return { kind: 'changed', order };
  });
}

async function writeOrder(
  environment: Environment,
  actor: Actor,
  { records, last }: Standing,
  proposal: Proposal,
): Promise<Order> {
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

async function carryOut(environment: Environment, actor: Actor, carrying: Carrying): Promise<void> {
  const { standing, order, manifest, halt, touched } = carrying;
  const { records } = standing;
  const { clock } = environment.ports;
  try {
    const journal = new Journal(environment, order.number, actor.run);
    const suites = await rollEnvironment({
      environment,
      order,
      manifest,
      journal,
      signal: halt,
      verifyHosts: true,
      touched,
    });
    await records.writeOutcome(outcomeOf(order, 'committed', { suites, now: clock.now() }));
    await records.moveHint(order.number);
    await records.writeReceipt(receiptOf(order, suites, clock.now()));
  } catch (error) {
    throw await carryOutFailed(environment, actor, carrying, error);
  }
}

function configOf(environment: Environment, { values }: Proposal) {
  return { app: environment.app, environment: environment.name, values: { ...values } };
}
