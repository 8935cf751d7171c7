import { randomBytes } from 'node:crypto';
import type { AppManifest } from '../../domain/app/app-manifest.ts';
import { failed, LockstepError } from '../../domain/errors.ts';
import type { Attestation } from '../../domain/order/attestation.ts';
import { mismatches } from '../../domain/order/content.ts';
import type { Order, SuiteResult } from '../../domain/order/order.ts';
import { type HostState, planBatches } from '../../domain/order/rollout.ts';
import type { Environment } from '../environment/environment.ts';
import { verifyHosts } from '../smoke/verify-hosts.ts';
import type { Journal } from './journal.ts';

export type Roll = {
  environment: Environment;
  order: Order;
  manifest: AppManifest;
  journal: Journal;
  /** Aborted by Ctrl-C or a lost lease: the host in hand is finished or left out, no other is begun. */
  signal: AbortSignal;
  /** Run the `each-host` suites on a switched host before it is admitted; going back checks content and health alone. */
  verifyHosts: boolean;
  /** Filled by the roll: hosts that were taken out or switched. While it is empty nothing needs to be undone. */
  touched: Set<string>;
};

/**
 * Brings every host of the environment to the order (rules 4 and 5): all hosts stage it, which raises their fence;
 * then batch after batch is switched; then hosts that appeared meanwhile, until there are none.
 *
 * @returns results of every suite that ran.
 * @throws LockstepError failed (a host or a suite), refused (capacity), interrupted; HostUnreachable.
 */
export async function rollEnvironment(roll: Roll): Promise<SuiteResult[]> {
  const { fleet, reporter } = roll.environment.ports;
  const results: SuiteResult[] = [];
  const done = new Set<string>();
  for (;;) {
    const waiting = (await fleet.inventory()).map(({ name }) => name).filter((name) => !done.has(name));
    if (waiting.length === 0) break;
    if (done.size > 0) reporter.info(`hosts that appeared meanwhile: ${waiting.join(', ')}`);
    await stageAll(roll, waiting);
    const batches = await planRoll(roll.environment, waiting, done.size > 0);
    for (const batch of batches) {
      roll.signal.throwIfAborted();
      const outcomes = await Promise.allSettled(batch.map((host) => switchHost(roll, host)));
      for (const outcome of outcomes) {
        if (outcome.status === 'rejected') throw outcome.reason;
        results.push(...outcome.value);
      }
      for (const host of batch) done.add(host);
    }
  }
  if (done.size === 0) throw failed(`${roll.environment.name} has no hosts`);
  roll.signal.throwIfAborted();
  results.push(...(await verifyEnvironment(roll, [...done].sort())));
  return results;
}

/** The batches as they would be switched now. `othersServe`: hosts outside `hosts` are in rotation already. */
export async function planRoll(
  environment: Environment,
  hosts: readonly string[],
  othersServe = false,
): Promise<readonly (readonly string[])[]> {
  const states = await environment.ports.traffic.states(hosts);
  const known: HostState[] = hosts.map((name) => ({ name, serving: states.get(name) === 'in' }));
  const { batchSize, allowDowntime } = environment.rollout;
  const batches = planBatches(known, { batchSize, allowDowntime: allowDowntime || othersServe });
  if (batches instanceof LockstepError) throw batches;
  return batches;
}

export async function stageAll(roll: Roll, hosts: readonly string[]): Promise<void> {
  const { fleet, reporter } = roll.environment.ports;
  await reporter.step(`stage on ${hosts.length} hosts`, async (note) => {
    await roll.journal.during('stage', 'fetch and verify on every host', hosts, async () => {
      // All of them, so that the message of a failure names every host that failed.
      const staged = await Promise.allSettled(
        hosts.map(async (host) => {
          const answer = await fleet.call(host, 'stage', { order: roll.order.number }, roll.signal);
          note(
            `${host}: ${answer.filesFetched} files fetched (${answer.bytesFetched} bytes), ${answer.filesReused} reused`,
          );
        }),
      );
      for (const outcome of staged) if (outcome.status === 'rejected') throw outcome.reason;
    });
  });
}

/** One host, out of rotation and back (rule 4). A host that already runs the content only records the number. */
export async function switchHost(roll: Roll, host: string): Promise<SuiteResult[]> {
  const { environment, order } = roll;
  const { fleet, traffic, reporter } = environment.ports;
  const before = await attest(environment, host);
  const states = await traffic.states([host]);
  const sameButNumber = mismatches({ ...order, number: before.order ?? order.number }, before).length === 0;
  const intent = sameButNumber ? 'record the order' : 'take out, drain, activate, verify, put in';
  return reporter.step(`${host}: ${sameButNumber ? 'already runs it' : 'switch'}`, (note) =>
    roll.journal.during(`switch-${host}`, intent, [host], async () => {
      roll.touched.add(host);
      if (!sameButNumber) {
        await traffic.takeOut(host);
        await drain(roll, host, note);
      }
      const answer = await fleet.call(host, 'activate', { order: order.number });
      if (!answer.healthy) throw unhealthy(host, answer.failure);
      note(answer.changed ? 'activated, healthy' : 'recorded');
      const results = roll.verifyHosts ? await verifyHost(roll, host) : [];
      await requireMatch(environment, host, order);
      if (!sameButNumber || states.get(host) !== 'in') await admit(environment, host);
      return results;
    }),
  );
}

async function drain(roll: Roll, host: string, note: (text: string) => void): Promise<void> {
  const { traffic } = roll.environment.ports;
  try {
    const drained = await traffic.waitDrained(
      host,
      roll.environment.rollout.drainTimeoutSeconds,
      roll.signal,
    );
    note(drained ? 'drained' : 'still had requests in flight when the drain time ran out');
    roll.signal.throwIfAborted();
  } catch (error) {
    // Nothing was changed on it yet: it goes on serving what it served.
    await traffic.putIn(host);
    throw error;
  }
}

async function verifyHost(
  roll: Omit<Roll, 'journal' | 'signal' | 'order'>,
  host: string,
): Promise<SuiteResult[]> {
  return requirePassed(await verifyHosts(roll.environment, roll.manifest, [host], ['each-host']), host);
}

async function verifyEnvironment(roll: Roll, hosts: readonly string[]): Promise<SuiteResult[]> {
  const { environment, manifest } = roll;
  const suites = manifest.smoke.filter(({ travels }) => travels !== 'each-host').length;
  if (suites === 0) return [];
  return environment.ports.reporter.step('verify across hosts and through the balancer', async () =>
    requirePassed(
      await verifyHosts(environment, manifest, hosts, ['crossing', 'through-balancer']),
      environment.name,
    ),
  );
}

function requirePassed(results: SuiteResult[], where: string): SuiteResult[] {
  const bad = results.filter(({ passed }) => !passed);
  if (bad.length === 0) return results;
  throw failed(`smoke failed in ${where}: ${bad.map(({ suite }) => suite).join(', ')}`, {
    details: bad.flatMap(({ failure }) => failure?.split('\n') ?? []),
  });
}

/** The re-hash: what the host runs is what was ordered. */
async function requireMatch(environment: Environment, host: string, order: Order): Promise<void> {
  const found = mismatches(order, await attest(environment, host));
  if (found.length > 0) throw failed(`${host} does not run what was ordered: ${found.join('; ')}`);
}

/** Into rotation, and healthy in the balancer's own eyes. */
export async function admit(environment: Environment, host: string): Promise<void> {
  const { traffic } = environment.ports;
  await traffic.putIn(host);
  if (!(await traffic.waitHealthy(host, environment.rollout.healthyTimeoutSeconds))) {
    throw failed(
      `the balancer did not see ${host} healthy within ${environment.rollout.healthyTimeoutSeconds} s`,
    );
  }
}

/** A fresh attestation, answering a nonce of our own. */
export async function attest(
  environment: Environment,
  host: string,
  nonce = newNonce(),
): Promise<Attestation> {
  const attestation = await environment.ports.fleet.call(host, 'attest', { nonce });
  if (attestation.nonce !== nonce || attestation.host !== host) {
    throw failed(`${host} answered with an attestation that is not fresh or not its own`);
  }
  return attestation;
}

export function newNonce(): string {
  return randomBytes(16).toString('hex');
}

function unhealthy(
  host: string,
  failure: { service: string; reason: string; log: string[] } | null,
): LockstepError {
  return failed(`${host}: ${failure === null ? 'not healthy' : `${failure.service}: ${failure.reason}`}`, {
    details: failure === null ? [] : ['last log lines:', ...failure.log.slice(-30)],
  });
}
