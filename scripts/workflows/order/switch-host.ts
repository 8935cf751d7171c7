import { failed, type LockstepError } from '../../domain/errors.ts';
import { mismatches } from '../../domain/order/content.ts';
import type { Order, SuiteResult } from '../../domain/order/order.ts';
import { attest } from '../environment/attest.ts';
import type { Environment } from '../environment/environment.ts';
import { requirePassed, runSuites } from '../smoke/smoke.ts';
import type { OrderInProgress } from './order-in-progress.ts';

/**
 * One host, out of rotation and back (rule 4): drain, switch, health, suites, re-hash, into rotation. A host
 * that already runs the content only records the number.
 *
 * @returns results of the suites that ran on it.
 */
export async function switchHost(progress: OrderInProgress, host: string): Promise<SuiteResult[]> {
  const { environment, order, journal, touched } = progress;
  const { fleet, traffic, reporter } = environment.ports;
  const before = await attest(environment, host);
  const states = await traffic.states([host]);
  const sameButNumber = mismatches({ ...order, number: before.order ?? order.number }, before).length === 0;
  const intent = sameButNumber ? 'record the order' : 'take out, drain, activate, verify, put in';
  return reporter.step(`${host}: ${sameButNumber ? 'already runs this content' : 'switch'}`, (note) =>
    journal.during(`switch-${host}`, intent, [host], async () => {
      touched.add(host);
      if (!sameButNumber) {
        await traffic.takeOut(host);
        await drain(progress, host, note);
      }
      const answer = await fleet.call(host, 'activate', { order: order.number });
      if (!answer.healthy) throw unhealthy(host, answer.failure);
      note(answer.changed ? 'activated, healthy' : 'recorded');
      const results = await verifyHost(progress, host);
      await requireMatch(environment, host, order);
      if (!sameButNumber || states.get(host) !== 'in') await admit(environment, host);
      return results;
    }),
  );
}

async function drain(
  { environment, halt }: OrderInProgress,
  host: string,
  note: (text: string) => void,
): Promise<void> {
  const { traffic } = environment.ports;
  try {
    const drained = await traffic.waitDrained(host, environment.rollout.drainTimeoutSeconds, halt);
    note(drained ? 'drained' : 'still had requests in flight when the drain time ran out');
    halt.throwIfAborted();
  } catch (error) {
    // Nothing was changed on the host yet: it keeps serving what it served.
    await traffic.putIn(host);
    throw error;
  }
}

async function verifyHost(
  { environment, manifest, hostSuites }: OrderInProgress,
  host: string,
): Promise<SuiteResult[]> {
  if (!hostSuites) return [];
  return requirePassed(await runSuites({ environment, manifest, hosts: [host], which: ['each-host'] }), host);
}

/** The re-hash: checks that the host runs what was ordered. */
async function requireMatch(environment: Environment, host: string, order: Order): Promise<void> {
  const found = mismatches(order, await attest(environment, host));
  if (found.length > 0) throw failed(`${host} does not run what was ordered: ${found.join('; ')}`);
}

/** Puts a host into rotation and waits until the balancer's own health check passes. */
export async function admit(environment: Environment, host: string): Promise<void> {
  const { traffic } = environment.ports;
  await traffic.putIn(host);
  if (!(await traffic.waitHealthy(host, environment.rollout.healthyTimeoutSeconds))) {
    throw failed(
      `the balancer did not find ${host} healthy within ${environment.rollout.healthyTimeoutSeconds} s`,
    );
  }
}

function unhealthy(
  host: string,
  failure: { service: string; reason: string; log: string[] } | null,
): LockstepError {
  return failed(`${host}: ${failure === null ? 'not healthy' : `${failure.service}: ${failure.reason}`}`, {
    details: failure === null ? [] : ['last log lines:', ...failure.log.slice(-30)],
  });
}
