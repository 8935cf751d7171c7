import { messageOf } from '../../domain/errors.ts';
import { type Attestation, attestationSchema } from '../../domain/order/attestation.ts';
import { mismatches } from '../../domain/order/content.ts';
import {
  type Lease,
  lastCommittedOf,
  leaseSchema,
  type Order,
  type Outcome,
} from '../../domain/order/order.ts';
import { storeKeys } from '../../domain/store-keys.ts';
import { readRecord } from '../../store/records.ts';
import { attest } from '../environment/attest.ts';
import type { Environment } from '../environment/environment.ts';
import { type EnvironmentRecords, recordsOf } from '../environment/environment-records.ts';
import type { RotationState } from '../ports/traffic.ts';

export type HostStatus = {
  host: string;
  rotation: RotationState;
  /** Fresh, or null when the host did not answer. */
  attestation: Attestation | null;
  /** When it last answered; null: never. */
  unknownSince: string | null;
  /** Why the host is not what the last committed order says; empty when it is. */
  problems: readonly string[];
};

export type EnvironmentStatus = {
  app: string;
  environment: string;
  upstream: string | null;
  committed: Order | null;
  /** "verified in": the receipt of the committed order stands. */
  verified: boolean;
  /** An order under way, or the newest one when it was not committed. */
  pending: { order: Order; outcome: Outcome | null } | null;
  lease: Lease | null;
  hosts: readonly HostStatus[];
  /** Every host of the inventory answered, runs the committed order and is in rotation. */
  inStep: boolean;
};

/**
 * What an environment runs, from fresh attestations of every host of its inventory (rule 6). Changes nothing.
 */
export async function readStatus(environment: Environment): Promise<EnvironmentStatus> {
  const { fleet, traffic, store } = environment.ports;
  const records = recordsOf(environment);
  const entries = await records.orders();
  const committed = lastCommittedOf(entries)?.order ?? null;
  const newest = entries.at(-1);
  const lease = await readRecord(store, storeKeys.lease(environment.app, environment.name), leaseSchema);
  const names = (await fleet.inventory()).map(({ name }) => name);
  const states = await traffic.states(names);
  const hosts = await Promise.all(
    names.map((host) => readHost(environment, host, states.get(host) ?? 'unknown', committed)),
  );
  return {
    app: environment.app,
    environment: environment.name,
    upstream: environment.upstream,
    committed,
    verified: committed !== null && (await isVerified(records, committed)),
    pending:
      newest === undefined || newest.outcome?.result === 'committed'
        ? null
        : { order: newest.order, outcome: newest.outcome ?? null },
    lease: lease === undefined || lease.value.released ? null : lease.value,
    hosts,
    inStep: committed !== null && hosts.length > 0 && hosts.every(({ problems }) => problems.length === 0),
  };
}

async function isVerified(records: EnvironmentRecords, order: Order): Promise<boolean> {
  const receipt = await records.receipt(order.release, order.number);
  return receipt !== undefined && (await records.revocation(order.release, order.number)) === undefined;
}

async function readHost(
  environment: Environment,
  host: string,
  rotation: RotationState,
  committed: Order | null,
): Promise<HostStatus> {
  try {
    const attestation = await attest(environment, host);
    const problems = committed === null ? [] : [...mismatches(committed, attestation)];
    if (committed !== null && rotation !== 'in')
      problems.push(`${rotation === 'unhealthy' ? 'unhealthy' : 'out of rotation'} in the balancer`);
    return { host, rotation, attestation, unknownSince: null, problems };
  } catch (error) {
    const since = await lastHeardOf(environment, host);
    const problem = `${since === null ? 'has never answered' : `unknown since ${since}`}: ${messageOf(error)}`;
    return { host, rotation, attestation: null, unknownSince: since, problems: [problem] };
  }
}

async function lastHeardOf({ app, name, ports }: Environment, host: string): Promise<string | null> {
  const stored = await readRecord(ports.store, storeKeys.host(app, name, host), attestationSchema);
  return stored?.value.at ?? null;
}
