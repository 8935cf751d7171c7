import type { AppManifest } from '../../domain/app/app-manifest.ts';
import { failed } from '../../domain/errors.ts';
import { mismatches } from '../../domain/order/content.ts';
import { type Order, receiptOf, type SuiteResult } from '../../domain/order/order.ts';
import { attest } from '../environment/attest.ts';
import type { Environment } from '../environment/environment.ts';
import { recordsOf } from '../environment/environment-records.ts';
import { HostUnreachable } from '../ports/hosts.ts';
import { everyTravel, runSuites } from '../smoke/smoke.ts';
import { admit } from './switch-host.ts';

/** The environment already runs what was asked for, and that was proved again just now. */
export type Confirmed = { kind: 'confirmed'; order: Order; suites: readonly SuiteResult[] };

/**
 * "Already deployed" still verifies (rule 6) and writes no order while every host matches: it adds a missing
 * receipt, and failing suites revoke one. Undefined where a host differs or the receipt was revoked: then
 * only a new order helps.
 *
 * @param lost aborted when the lease was lost: then nothing is written
 */
export async function confirmRunning(
  environment: Environment,
  committed: Order,
  manifest: AppManifest,
  lost: AbortSignal,
): Promise<Confirmed | undefined> {
  const { clock, fleet, reporter, traffic } = environment.ports;
  const records = recordsOf(environment);
  if ((await records.revocation(committed.release, committed.number)) !== undefined) return undefined;
  const hosts = (await fleet.inventory()).map(({ name }) => name);
  for (const host of hosts) {
    const differences = await differencesOf(environment, host, committed);
    if (differences.length === 0) continue;
    reporter.warn(`${host} differs from order ${committed.number}: ${differences.join('; ')}`);
    return undefined;
  }
  const states = await traffic.states(hosts);
  for (const host of hosts) if (states.get(host) !== 'in') await admit(environment, host);

  const suites = await reporter.step(`${environment.name} already runs this content: verify again`, () =>
    runSuites({ environment, manifest, hosts, which: everyTravel }),
  );
  lost.throwIfAborted();
  const bad = suites.filter(({ passed }) => !passed);
  if (bad.length === 0) {
    await records.writeReceipt(receiptOf(committed, suites, clock.now()));
    return { kind: 'confirmed', order: committed, suites };
  }
  const names = bad.map(({ suite }) => suite).join(', ');
  const { app, environment: name, number: order, release } = committed;
  const at = clock.now().toISOString();
  if ((await records.receipt(release, order)) !== undefined) {
    await records.writeRevocation({
      app,
      environment: name,
      order,
      release,
      reason: `smoke failed: ${names}`,
      at,
    });
  }
  throw failed(
    `${name} runs order ${order} unchanged, but these smoke suites fail now: ${names}; its receipt is revoked`,
    {
      fix: `Repair what the suites name, then run \`lockstep deploy ${name}\`; or \`lockstep rollback ${name}\`.`,
      details: bad.flatMap(({ failure }) => failure?.split('\n') ?? []),
    },
  );
}

async function differencesOf(
  environment: Environment,
  host: string,
  order: Order,
): Promise<readonly string[]> {
  try {
    return mismatches(order, await attest(environment, host));
  } catch (error) {
    if (error instanceof HostUnreachable) return [error.message];
    throw error;
  }
}
