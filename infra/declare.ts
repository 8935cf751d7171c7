import * as aws from '@pulumi/aws';
import type * as pulumi from '@pulumi/pulumi';
import { EnvironmentKey } from './aws/environment-key.ts';
import { Parameters } from './aws/parameters.ts';
import { Balancer } from './balancer/balancer.ts';
import { contractOf } from './contract-of.ts';
import { Files } from './files/files.ts';
import { bindingsOf } from './hosts/bindings.ts';
import { Fleet } from './hosts/fleet.ts';
import { planGroups } from './hosts/groups.ts';
import { HostSecurityGroup } from './hosts/host-security-group.ts';
import { Llm } from './model/llm.ts';
import { Network } from './network/network.ts';
import { Budget } from './observability/budget.ts';
import { LogGroups } from './observability/log-groups.ts';
import { Observability } from './observability/observability.ts';
import { Redis } from './redis/redis.ts';
import type { Pins } from './settings/schema/pins.ts';
import { servedService } from './settings/schema/public-service.ts';
import type { Contract } from './stack/contract.ts';
import { type SharedSettings, type StackIdentity, stackOf } from './stack/stack.ts';
import { timesOf } from './times/times.ts';

/**
 * The whole of an environment, from the same settings for all: a list of components, each given the settings
 * and the other components that it takes something from. Whoever reads one file of this room reads this one.
 *
 * @returns what the pipeline reads; every stack has the same keys.
 * @throws TypeError where settings were not checked before (`resolve` with `cloud`).
 */
export function declare(
  settings: SharedSettings,
  identity: StackIdentity,
  pins: Pins,
): { contract: pulumi.Output<Contract> } {
  const stack = stackOf(settings, identity, pins);
  const times = timesOf(settings);
  const service = servedService(settings.app);

  // The only provider: it refuses an account that isn't the identity's, and Pulumi.yaml disables the default
  // ones.
  const provider = new aws.Provider('aws', {
    region: identity.region,
    allowedAccountIds: [identity.account],
  });
  const options: pulumi.ComponentResourceOptions = { providers: [provider] };

  const key = new EnvironmentKey('key', { stack }, options);
  const network = new Network('network', { stack, settings: settings.network, key }, options);
  const balancer = new Balancer(
    'balancer',
    { stack, settings: settings.balancer, times, service, network },
    options,
  );
  // Before what lets it in.
  const hosts = new HostSecurityGroup('hosts', { stack, settings, service, network, balancer }, options);
  const clients = { hosts };
  const redis =
    settings.redis.source === 'none'
      ? null
      : new Redis('redis', { stack, settings: settings.redis, key, network, clients }, options);
  const files =
    settings.files.source === 'none'
      ? null
      : new Files('files', { stack, settings: settings.files, key, network, clients }, options);
  const logs = new LogGroups('logs', { stack, settings, key }, options);
  const llm = new Llm('llm', { stack, settings, times, key, network, clients, logs }, options);

  const bindings = bindingsOf({ stack, settings, times, redis, llm });
  const parameters = new Parameters('parameters', { stack, app: settings.app, key, bindings }, options);
  const fleets = planGroups(settings.app).map(
    (group) =>
      new Fleet(
        group.name,
        {
          stack,
          settings,
          times,
          group,
          key,
          network,
          balancer,
          hosts,
          redis,
          files,
          logs,
          parameters,
          bindings,
        },
        options,
      ),
  );

  const observability = new Observability(
    'observability',
    { stack, settings, key, balancer, fleets, redis, files, llm },
    options,
  );
  new Budget('budget', { stack, settings: settings.budget, observability }, options);

  return {
    contract: contractOf({ stack, settings, network, balancer, fleets, redis, files, llm, observability }),
  };
}
