import { messageOf } from '../../domain/errors.ts';
import type { Evidence, Finding, ListedDifference } from '../../domain/parity/parity.ts';
import { compareWithOwnOrder } from '../../domain/parity/parity-own.ts';
import { compareWithUpstream, type Explained } from '../../domain/parity/parity-pair.ts';
import { readRelease } from '../../store/releases.ts';
import { attest, newNonce } from '../environment/attest.ts';
import type { Environment } from '../environment/environment.ts';
import { recordsOf } from '../environment/environment-records.ts';

/** An environment and what its settings say about differences. */
export type Compared = {
  environment: Environment;
  listed: readonly ListedDifference[];
  wantedHosts: number;
  hostsAreLocal: boolean;
};

export type Parity = { findings: readonly Finding[]; inStep: boolean };

/**
 * Compares each environment with its own committed order, then each with its upstream if that is given too;
 * two environments that are not linked are compared with each other, the second with the first. Everything
 * from fresh attestations that answer one nonce, so that keyed hashes of secrets can be compared.
 */
export async function compareEnvironments(compared: readonly Compared[]): Promise<Parity> {
  const nonce = newNonce();
  const findings: Finding[] = [];
  const evidence = new Map<string, Evidence>();
  for (const one of compared) {
    const { name } = one.environment;
    const gathered = await gather(one, nonce);
    if (gathered === undefined) {
      findings.push({
        facet: 'release',
        between: name,
        host: null,
        verdict: 'listed',
        detail: 'nothing committed yet',
      });
      continue;
    }
    evidence.set(name, gathered);
    findings.push(...compareWithOwnOrder(gathered));
  }
  for (const [downstream, upstream] of pairs(compared)) {
    const here = evidence.get(downstream.name);
    const there = evidence.get(upstream.name);
    if (here === undefined || there === undefined) continue;
    findings.push(...compareWithUpstream(here, there, await explain(here, upstream)));
  }
  return { findings, inStep: findings.every(({ verdict }) => verdict !== 'divergence') };
}

function pairs(compared: readonly Compared[]): readonly (readonly [Environment, Environment])[] {
  const environments = compared.map(({ environment }) => environment);
  const linked = environments.flatMap((downstream) =>
    environments
      .filter(({ name }) => name === downstream.upstream)
      .map((upstream): readonly [Environment, Environment] => [downstream, upstream]),
  );
  const [first, second] = environments;
  if (linked.length > 0 || first === undefined || second === undefined) return linked;
  return [[second, first]];
}

async function gather(
  { environment, listed, wantedHosts, hostsAreLocal }: Compared,
  nonce: string,
): Promise<Evidence | undefined> {
  const { app, name, ports } = environment;
  const records = recordsOf(environment);
  const committed = await records.lastCommitted();
  if (committed === undefined) return undefined;
  const { manifest: release } = await readRelease(ports, app, committed.release);
  const { values } = await records.config(committed.config);
  const hosts = await Promise.all(
    (await ports.fleet.inventory()).map(async ({ name: host }) => {
      try {
        return { host, attestation: await attest(environment, host, nonce), problem: null };
      } catch (error) {
        return { host, attestation: null, problem: messageOf(error) };
      }
    }),
  );
  return { environment: name, committed, values, release, hosts, listed, wantedHosts, hostsAreLocal };
}

async function explain({ committed }: Evidence, upstream: Environment): Promise<Explained> {
  const records = recordsOf(upstream);
  const standing = (await records.receipts(committed.release)).filter(
    ({ revocation }) => revocation === undefined,
  );
  return {
    release: standing.length > 0,
    sharedConfig: standing.some(({ receipt }) => receipt.sharedConfig === committed.sharedConfig),
  };
}
