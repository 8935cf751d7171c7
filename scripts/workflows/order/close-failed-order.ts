import { failed, LockstepError, messageOf } from '../../domain/errors.ts';
import { mismatches, short } from '../../domain/order/content.ts';
import { type Order, outcomeOf } from '../../domain/order/order.ts';
import { attest } from '../environment/attest.ts';
import type { Environment } from '../environment/environment.ts';
import { HostUnreachable } from '../ports/hosts.ts';
import { goBack } from './go-back.ts';
import type { OrderInProgress } from './order-in-progress.ts';

/**
 * Closes an order that could not be carried out, and returns the error for whoever gave it. A failure is
 * closed as `failed` and undone; an interruption is closed as `abandoned` and left as it is, named host by
 * host; after the lease is lost nothing is written: whoever took it over decides.
 */
export async function closeFailedOrder(progress: OrderInProgress, error: unknown): Promise<LockstepError> {
  const { environment, actor, records, order, halt, lost } = progress;
  const now = () => environment.ports.clock.now();
  if (lost.aborted) return asFailure(lost.reason, environment);
  if (halt.aborted) {
    await records.writeOutcome(
      outcomeOf(order, 'abandoned', { reason: `interrupted by ${actor.owner}`, now: now() }),
    );
    return interruption(environment, order, halt.reason);
  }
  const failure = asFailure(error, environment);
  await records.writeOutcome(outcomeOf(order, 'failed', { reason: failure.message, now: now() }));
  const wayBack = await goBack(progress);
  return new LockstepError(
    failure.kind,
    `order ${order.number} of ${environment.name} failed: ${failure.message}`,
    {
      cause: error,
      fix: failure.fix,
      details: [...failure.details, ...wayBack],
    },
  );
}

function asFailure(error: unknown, environment: Environment): LockstepError {
  if (error instanceof LockstepError) return error;
  if (error instanceof HostUnreachable) {
    return failed(error.message, {
      cause: error,
      fix: `Start ${error.host} or take it out of ${environment.name}, then run the command again.`,
    });
  }
  return new LockstepError('errored', messageOf(error), { cause: error });
}

/** Names what runs where, from fresh attestations, and what to do next. */
async function interruption(environment: Environment, order: Order, reason: unknown): Promise<LockstepError> {
  const { fleet } = environment.ports;
  const lines = [];
  for (const { name } of await fleet.inventory()) {
    try {
      const attestation = await attest(environment, name);
      const state =
        mismatches(order, attestation).length === 0 ? 'runs the new content' : 'does not run the new content';
      lines.push(
        `${name}: order ${attestation.order ?? 'none'}, release ${short(attestation.release)}: ${state}`,
      );
    } catch (error) {
      lines.push(`${name}: ${messageOf(error)}`);
    }
  }
  return new LockstepError(
    'interrupted',
    `${messageOf(reason)}; order ${order.number} is closed as abandoned`,
    {
      details: lines,
      fix:
        `Run the same command again to continue, or \`lockstep rollback ${environment.name}\` to go back; ` +
        'either brings every host to one order.',
    },
  );
}
