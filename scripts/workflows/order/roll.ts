import { failed, LockstepError } from '../../domain/errors.ts';
import type { SuiteResult } from '../../domain/order/order.ts';
import { type HostState, planBatches } from '../../domain/order/rollout.ts';
import type { Environment } from '../environment/environment.ts';
import { requirePassed, runSuites } from '../smoke/smoke.ts';
import type { OrderInProgress } from './order-in-progress.ts';
import { switchHost } from './switch-host.ts';

/**
 * Brings every host of the environment to the order (rules 4 and 5): all hosts stage it, which raises their
 * fence; then batch after batch is switched; then hosts that appeared meanwhile, until there are none.
 *
 * @returns results of every suite that ran.
 * @throws LockstepError failed (a host or a suite), refused (capacity), interrupted; HostUnreachable.
 */
export async function rollEnvironment(progress: OrderInProgress): Promise<SuiteResult[]> {
  const { environment, halt } = progress;
  const { fleet, reporter } = environment.ports;
  const results: SuiteResult[] = [];
  const done = new Set<string>();
  for (;;) {
    const waiting = (await fleet.inventory()).map(({ name }) => name).filter((name) => !done.has(name));
    if (waiting.length === 0) break;
    if (done.size > 0) reporter.info(`hosts that appeared meanwhile: ${waiting.join(', ')}`);
    await stageAll(progress, waiting);
    for (const batch of await planRoll(environment, waiting, done.size > 0)) {
      halt.throwIfAborted();
      const outcomes = await Promise.allSettled(batch.map((host) => switchHost(progress, host)));
      for (const outcome of outcomes) {
        if (outcome.status === 'rejected') throw outcome.reason;
        results.push(...outcome.value);
      }
      for (const host of batch) done.add(host);
    }
  }
  if (done.size === 0) throw failed(`${environment.name} has no hosts`);
  halt.throwIfAborted();
  results.push(...(await verifyEnvironment(progress, [...done].sort())));
  return results;
}

/**
 * The batches as they would be switched now. `othersServe`: hosts outside `hosts` are already in rotation.
 */
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

async function stageAll(
  { environment, journal, order, halt }: OrderInProgress,
  hosts: readonly string[],
): Promise<void> {
  const { fleet, reporter } = environment.ports;
  await reporter.step(`stage on ${hosts.length} hosts`, async (note) => {
    await journal.during('stage', 'fetch and verify on every host', hosts, async () => {
      // All of them, so that the message of a failure names every host that failed.
      const staged = await Promise.allSettled(
        hosts.map(async (host) => {
          const answer = await fleet.call(host, 'stage', { order: order.number }, halt);
          note(
            `${host}: ${answer.filesFetched} files fetched (${answer.bytesFetched} bytes), ${answer.filesReused} reused`,
          );
        }),
      );
      for (const outcome of staged) if (outcome.status === 'rejected') throw outcome.reason;
    });
  });
}

async function verifyEnvironment(
  { environment, manifest }: OrderInProgress,
  hosts: readonly string[],
): Promise<SuiteResult[]> {
  const suites = manifest.smoke.filter(({ travels }) => travels !== 'each-host').length;
  if (suites === 0) return [];
  return environment.ports.reporter.step('verify across hosts and through the balancer', async () =>
    requirePassed(
      await runSuites({ environment, manifest, hosts, which: ['crossing', 'through-balancer'] }),
      environment.name,
    ),
  );
}
