import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import path from 'node:path';
import type { Settings } from '../../../infra/settings/config.ts';
import { publicService, serviceUrlName } from '../../domain/app/manifest-names.ts';
import { type HostProvisioning, hostProvisioningSchema } from '../../domain/order/host-protocol.ts';
import { storeKeys } from '../../domain/store-keys.ts';
import { hostPaths } from '../../host/place/host.ts';
import { writeAtomically } from '../../machine/atomic-file.ts';
import { ignoring } from '../../machine/system-error.ts';
import type { ObjectStore } from '../../store/object-store.ts';
import type { Signer } from '../../store/signer.ts';
import type { AgentBundle } from '../build/agent-bundle.ts';
import type { LocalHost, LocalPlan, Topology } from './local-topology.ts';

/** What the settings ask of the local environment. */
export function localPlanOf(settings: Settings, hosts: number): LocalPlan {
  const { name, services } = settings.app;
  const ports = Object.fromEntries(
    Object.entries(services).flatMap(([service, { port }]) => (port === null ? [] : [[service, port]])),
  );
  return {
    app: name,
    environment: settings.environment,
    hosts,
    ports,
    publicService: publicService(settings.app),
  };
}

export type ProvisioningFacts = {
  settings: Settings;
  topology: Topology;
  storePath: string;
  secretsPath: string;
  sharedDirectory: string;
  keys: HostProvisioning['keys'];
};

/** What one host knows before any order comes (on EC2, user data says it). */
export function provisioningOf(host: LocalHost, facts: ProvisioningFacts): HostProvisioning {
  const { settings, topology, sharedDirectory } = facts;
  const { redis, balancer } = topology;
  const { llm } = settings.local;
  return hostProvisioningSchema.parse({
    app: topology.app,
    environment: topology.environment,
    upstream: settings.upstream,
    host: host.name,
    address: host.address,
    store: { kind: 'directory', path: facts.storePath },
    secrets: { kind: 'file', path: facts.secretsPath },
    supervisor: 'local',
    sharedDirectory,
    ports: host.ports,
    bindings: {
      REDIS_URL: `redis://${redis.address}:${redis.port}`,
      REDIS_HOST: redis.address,
      REDIS_PORT: String(redis.port),
      SHARED_DIR: sharedDirectory,
      ...((llm === null
        ? {}
        : { LLM_BASE_URL: llm.baseUrl, LLM_MODEL: llm.model }) satisfies HostProvisioning['bindings']),
      ...((balancer === null
        ? {}
        : {
            PUBLIC_URL: `http://${balancer.address}:${balancer.port}`,
          }) satisfies HostProvisioning['bindings']),
      ...Object.fromEntries(
        Object.entries(host.ports).map(([service, port]) => [
          serviceUrlName(service),
          `http://${host.address}:${port}`,
        ]),
      ),
    },
    keepReleases: settings.rollout.keepReleases,
    keys: facts.keys,
  } satisfies HostProvisioning);
}

/** The public keys that a host of this environment believes. */
export async function hostKeys(
  signer: Signer,
  environment: string,
  upstream: string | null,
): Promise<HostProvisioning['keys']> {
  return {
    build: await signer.publicKey({ role: 'build' }),
    orders: await signer.publicKey({ role: 'orders', environment }),
    upstreamReceipts:
      upstream === null ? null : await signer.publicKey({ role: 'receipts', environment: upstream }),
  };
}

/** Writes `host.json` and puts the agent's file where the fleet finds it. */
export async function provision(
  root: string,
  provisioning: HostProvisioning,
  agent: AgentBundle,
): Promise<void> {
  await writeAtomically(hostPaths(root).provisioning, JSON.stringify(provisioning, null, 2));
  const file = path.join(root, 'agent', `${agent.sha256}.mjs`);
  const there = await ignoring(['ENOENT'], async () => {
    await access(file, constants.R_OK);
    return true;
  });
  if (there === undefined) await writeAtomically(file, agent.bytes, { mode: 0o444 });
}

/** Keeps the bundle in the store too, as a machine elsewhere would fetch it. */
export async function storeAgent(store: ObjectStore, agent: AgentBundle): Promise<void> {
  await store.putIfAbsent(storeKeys.agent(agent.sha256), agent.bytes);
}
