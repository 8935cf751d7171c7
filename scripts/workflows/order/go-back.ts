import { digestOf } from '../../domain/canonical.ts';
import { messageOf } from '../../domain/errors.ts';
import { short } from '../../domain/order/content.ts';
import { type Order, outcomeOf, receiptOf } from '../../domain/order/order.ts';
import { readRelease } from '../../store/releases.ts';
import type { Actor, Environment } from '../environment/environment.ts';
import { everyTravel, verifyHosts } from '../smoke/verify-hosts.ts';
import { Journal } from './journal.ts';
import type { Carrying } from './order-in-progress.ts';
import { type Roll, switchHost } from './roll.ts';

/**
 * After a failed order n: order n+1 that copies the last committed order m ("return to m"), carried out on every host
 * that answers; where nothing was ever committed, the services stop. Never throws: it answers lines that say
 * truthfully what came of it, host by host.
 */
export async function goBack(
  environment: Environment,
  actor: Actor,
  carrying: Carrying,
): Promise<readonly string[]> {
  const { standing, order, lost, touched } = carrying;
  if (touched.size === 0) return ['no host was switched: every one runs what it ran before'];
  try {
    if (standing.committed === undefined) return await stopServices(environment, order);
    const back = await writeReturn(environment, actor, carrying, standing.committed);
    const { manifest } = await readRelease(environment.ports, environment.app, back.release);
    const journal = new Journal(environment, back.number, actor.run);
    return await carryOutReturn(
      {
        environment,
        order: back,
        manifest: manifest.app,
        journal,
        signal: lost,
        verifyHosts: false,
        touched,
      },
      carrying,
    );
  } catch (error) {
    return [`going back did NOT work: ${messageOf(error)}`, goOn(environment)];
  }
}

async function writeReturn(
  environment: Environment,
  actor: Actor,
  carrying: Carrying,
  target: Order,
): Promise<Order> {
  const { order: failedOrder, standing } = carrying;
  const back: Order = {
    ...target,
    number: failedOrder.number + 1,
    previous: digestOf(failedOrder),
    basis: { kind: 'return', order: target.number },
    by: actor.owner,
    at: environment.ports.clock.now().toISOString(),
  };
  await standing.records.writeOrder(back);
  return back;
}

async function carryOutReturn(roll: Roll, { standing }: Carrying): Promise<readonly string[]> {
  const { environment, order } = roll;
  const { fleet, clock } = environment.ports;
  const hosts = (await fleet.inventory()).map(({ name }) => name);
  const bad = new Map<string, string>();
  const attempt = async (host: string, work: () => Promise<unknown>) => {
    if (bad.has(host)) return;
    await work().catch((error: unknown) => bad.set(host, messageOf(error)));
  };
  for (const host of hosts) await attempt(host, () => fleet.call(host, 'stage', { order: order.number }));
  for (const host of hosts) {
    roll.signal.throwIfAborted();
    await attempt(host, () => switchHost(roll, host));
  }
  if (bad.size > 0) {
    const lines = [...bad].map(([host, reason]) => `${host}: ${reason}`);
    const reason = `going back failed on ${[...bad.keys()].join(', ')}`;
    await standing.records.writeOutcome(outcomeOf(order, 'failed', { reason, now: clock.now() }));
    return [
      `going back to ${nameOf(order)} did NOT work on ${bad.size} of ${hosts.length} hosts:`,
      ...lines,
      goOn(environment),
    ];
  }
  // The hosts are back where they were, and that is committed even if a suite fails on them now (its cause may lie
  // outside the release): only the receipt depends on the suites.
  const { manifest } = roll;
  const suites = await verifyHosts(environment, manifest, hosts, everyTravel);
  await standing.records.writeOutcome(outcomeOf(order, 'committed', { suites, now: clock.now() }));
  await standing.records.moveHint(order.number);
  const line = `went back to ${nameOf(order)} on all ${hosts.length} hosts (order ${order.number})`;
  const failing = suites.filter(({ passed }) => !passed);
  if (failing.length > 0)
    return [line, `but these suites fail there now: ${failing.map(({ suite }) => suite).join(', ')}`];
  await standing.records.writeReceipt(receiptOf(order, suites, clock.now()));
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

const nameOf = (order: Order) => `${order.tag ?? 'release'} (${short(order.release)})`;

const goOn = (environment: Environment) =>
  `look at \`lockstep status ${environment.name}\`; the next deploy or rollback brings every host to one order`;
