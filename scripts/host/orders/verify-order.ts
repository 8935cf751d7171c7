import { sharedConfigDigest } from '../../domain/app/app-config.ts';
import { checkValues } from '../../domain/app/app-values.ts';
import { redisProblem } from '../../domain/app/redis-address.ts';
import { resolveBindings } from '../../domain/app/service-environment.ts';
import { digestOf } from '../../domain/canonical.ts';
import { refused } from '../../domain/errors.ts';
import type { Order } from '../../domain/order/order.ts';
import { checkBasis, checkOrderIdentity } from '../../domain/order/order-check.ts';
import { platformProblems } from '../../domain/release/platform.ts';
import type { Signed } from '../../domain/signature.ts';
import { machinePlatform } from '../../machine/machine.ts';
import type { SealedRelease } from '../../store/releases.ts';
import type { Host } from '../place/host.ts';
import { HostRecords } from './host-records.ts';
import { readSecrets } from './secrets.ts';

/** Everything that an activation needs, judged by this host itself. */
export type VerifiedOrder = {
  order: Order;
  signed: Signed<Order>;
  release: SealedRelease;
  values: Readonly<Record<string, string>>;
  secrets: Readonly<Record<string, string>>;
};

/** The order's signature and identity: enough to know that it exists, and so to raise the fence by it. */
export async function readOrder(host: Host, number: number): Promise<Order> {
  const records = new HostRecords(host);
  const order = await records.order(number);
  if (order === undefined) {
    throw refused(`there is no order ${number} of ${host.provisioning.environment} in the store`, {
      fix: 'Orders are written by `lockstep deploy`, `promote` and `rollback`.',
    });
  }
  const previous = number === 1 ? undefined : await records.order(number - 1);
  checkOrderIdentity(order, { ...host.provisioning, number }, previous);
  return order;
}

/**
 * Judges an order by what this host was provisioned with, never by what the order says of itself: basis,
 * seal, env values, platform, bindings, secrets. Nothing has been fetched but records when it refuses.
 */
export async function verifyOrder(host: Host, order: Order): Promise<VerifiedOrder> {
  const records = new HostRecords(host);
  await checkEvidence(records, host, order);
  const signed = await records.signedOrder(order.number);
  if (signed === undefined || digestOf(signed.payload) !== digestOf(order))
    throw refused(`order ${order.number} changed while it was read`, { retry: true });
  const release = await records.release(order.release);
  const { app } = release.manifest;
  const config = await records.config(order.config);
  const problems = [
    ...(config.app === order.app && config.environment === order.environment
      ? []
      : [`the env values are for ${config.app} in ${config.environment}`]),
    ...(sharedConfigDigest(app, config.values) === order.sharedConfig
      ? []
      : ["the order's digest of shared values is not that of its values"]),
    ...checkValues(app, config.values),
    ...(await machineProblems(host, release)),
    ...bindingProblems(host, release),
  ];
  const secrets = await readSecrets({ ...host, secrets: host.provisioning.secrets }, order.secrets);
  problems.push(...secretProblems(release, order, secrets));
  if (problems.length > 0) {
    throw refused(`this host cannot run order ${order.number}: ${problems[0]}`, {
      details: problems,
      fix: 'Correct what is named, then order again.',
    });
  }
  return { order, signed, release, values: config.values, secrets: secrets.values };
}

async function checkEvidence(records: HostRecords, host: Host, order: Order): Promise<void> {
  const { basis } = order;
  if (basis.kind === 'receipt') {
    const receipt = await records.upstreamReceipt(order.release, basis.order);
    checkBasis(order, host.provisioning, { receipt });
  } else if (basis.kind === 'rollback' || basis.kind === 'return') {
    const [earlier, outcome] = [await records.order(basis.order), await records.outcome(basis.order)];
    checkBasis(order, host.provisioning, { order: earlier, outcome });
  } else checkBasis(order, host.provisioning, {});
}

async function machineProblems(host: Host, { manifest }: SealedRelease): Promise<string[]> {
  const { platform } = manifest;
  return platformProblems(platform, await machinePlatform(Object.keys(platform.runtimes), host.environment));
}

function bindingProblems(host: Host, { manifest }: SealedRelease): string[] {
  const { missing } = resolveBindings(manifest.app, host.provisioning);
  const single = Object.entries(manifest.app.services).filter(([, each]) => each.replicas === 'exactly-one');
  const redis = redisProblem(manifest.app, host.provisioning.bindings);
  return [
    ...(redis === null ? [] : [redis]),
    ...missing.map((name) => `the app asks for the binding ${name}, which this host does not have`),
    ...single.map(
      ([name]) =>
        `service ${name} may run exactly once in an environment (replicas: exactly-one), which is not supported yet`,
    ),
  ];
}

function secretProblems(
  { manifest: { app } }: SealedRelease,
  order: Order,
  secrets: { values: Readonly<Record<string, string>>; missing: readonly string[] },
): string[] {
  const ordered = new Set(order.secrets.map(({ name }) => name));
  const declared = Object.entries(app.secrets);
  return [
    ...secrets.missing.map((each) => `secret ${each} is not in this environment's store, or was retired`),
    ...declared
      .filter(([name]) => !ordered.has(name))
      .map(([name]) => `secret ${name} is declared by the app and not in the order`),
    ...[...ordered]
      .filter((name) => app.secrets[name] === undefined)
      .map((name) => `secret ${name} is not declared`),
    ...declared
      .filter(([name, { pattern }]) => {
        const value = secrets.values[name];
        return value !== undefined && pattern !== undefined && !new RegExp(pattern).test(value);
      })
      .map(([name, { pattern }]) => `secret ${name} does not match ${pattern}`),
  ];
}
