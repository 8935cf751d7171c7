import { digestOf } from '../../domain/canonical.ts';
import { messageOf } from '../../domain/errors.ts';
import { short } from '../../domain/order/content.ts';
import { type Order, outcomeOf, receiptOf } from '../../domain/order/order.ts';
import { readRelease } from '../../store/releases.ts';
import type { Environment } from '../environment/environment.ts';
import { everyTravel, runSuites } from '../smoke/smoke.ts';
import { Journal } from './journal.ts';
import type { OrderInProgress } from './order-in-progress.ts';
import { switchHost } from './switch-host.ts';

/**
 * After a failed order n: order n+1 that copies the last committed order m ("return to m"), carried out on
 * every host that answers; where nothing was ever committed, the services stop. Never throws: it returns
 * lines that say truthfully what was achieved, host by host.
 */
export async function goBack(failed: OrderInProgress): Promise<readonly string[]> {
  const { environment, actor, committed, lost, touched } = failed;
  if (touched.size === 0) return ['no host was switched: each still runs what it ran before'];
  try {
    if (committed === undefined) return await stopServices(environment, failed.order);
    const order = await writeReturn(failed, committed);
    const { manifest } = await readRelease(environment.ports, environment.app, order.release);
    const journal = new Journal(environment, order.number, actor.run);
    const back: OrderInProgress = {
      ...failed,
      order,
      manifest: manifest.app,
      journal,
      halt: lost,
      hostSuites: false,
    };
    return await carryOutReturn(back);
  } catch (error) {
    return [`going back did NOT work: ${messageOf(error)}`, nextSteps(environment)];
  }
}

async function writeReturn(
  { environment, actor, records, order: failedOrder }: OrderInProgress,
  target: Order,
): Promise<Order> {
  const back: Order = {
    ...target,
    number: failedOrder.number + 1,
    previous: digestOf(failedOrder),
    basis: { kind: 'return', order: target.number },
    by: actor.owner,
    at: environment.ports.clock.now().toISOString(),
  };
  await records.writeOrder(back);
  return back;
}

async function carryOutReturn(back: OrderInProgress): Promise<readonly string[]> {
  const { environment, records, order, manifest, lost } = back;
  const { fleet, clock } = environment.ports;
  const hosts = (await fleet.inventory()).map(({ name }) => name);
  const bad = new Map<string, string>();
  const attempt = async (host: string, work: () => Promise<unknown>) => {
    if (bad.has(host)) return;
    await work().catch((error: unknown) => bad.set(host, messageOf(error)));
  };
  for (const host of hosts) await attempt(host, () => fleet.call(host, 'stage', { order: order.number }));
  for (const host of hosts) {
    lost.throwIfAborted();
    await attempt(host, () => switchHost(back, host));
  }
  lost.throwIfAborted();
  if (bad.size > 0) {
    const lines = [...bad].map(([host, reason]) => `${host}: ${reason}`);
    const reason = `going back failed on ${[...bad.keys()].join(', ')}`;
    await records.writeOutcome(outcomeOf(order, 'failed', { reason, now: clock.now() }));
    return [
      `going back to ${releaseLabel(order)} did NOT work on ${bad.size} of ${hosts.length} hosts:`,
      ...lines,
      nextSteps(environment),
    ];
  }
  // The hosts run what they ran before, and that is committed even if a suite fails now (the cause may lie
  // outside the release): only the receipt depends on the suites.
  const suites = await runSuites({ environment, manifest, hosts, which: everyTravel });
  lost.throwIfAborted();
  await records.writeOutcome(outcomeOf(order, 'committed', { suites, now: clock.now() }));
  await records.moveHint(order.number);
  const line = `went back to ${releaseLabel(order)} on all ${hosts.length} hosts (order ${order.number})`;
  const failing = suites.filter(({ passed }) => !passed);
  if (failing.length > 0)
    return [line, `but these suites fail there now: ${failing.map(({ suite }) => suite).join(', ')}`];
  await records.writeReceipt(receiptOf(order, suites, clock.now()));
  return [line];
}

async function stopServices(environment: Environment, order: Order): Promise<readonly string[]> {
  const { fleet, traffic } = environment.ports;
  const lines = [`nothing was ever committed in ${environment.name}, so its services are stopped`];
  for (const { name } of await fleet.inventory()) {
    try {
      await traffic.takeOut(name);
      await fleet.call(name, 'deactivate', { order: order.number });
    } catch (error) {
      lines.push(`${name}: NOT stopped: ${messageOf(error)}`);
    }
  }
  return lines;
}

const releaseLabel = (order: Order) => `${order.tag ?? 'release'} (${short(order.release)})`;

const nextSteps = (environment: Environment) =>
  `run \`lockstep status ${environment.name}\`; the next deploy or rollback brings every host to one order`;
