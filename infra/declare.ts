import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import { EnvironmentKey } from './aws/environment-key.ts';
import { Parameters } from './aws/parameters.ts';
import { Balancer } from './balancer/balancer.ts';
import { Files } from './files/files.ts';
import { hostImage } from './hosts/architecture.ts';
import { bindingsOf, type Made } from './hosts/bindings.ts';
import { Fleet } from './hosts/fleet.ts';
import { planGroups } from './hosts/groups.ts';
import { HostSecurityGroup, type HostSecurityGroupArgs } from './hosts/host-security-group.ts';
import { planHostStart, trustedKeys } from './hosts/host-start.ts';
import { renderUserData } from './hosts/user-data.ts';
import { Llm, type LlmArgs } from './model/llm.ts';
import { Network } from './network/network.ts';
import { Budget } from './observability/budget.ts';
import { LogGroups } from './observability/log-groups.ts';
import { Observability } from './observability/observability.ts';
import { Redis } from './redis/redis.ts';
import type { Pins } from './settings/schema/pins.ts';
import { servedService } from './settings/schema/public-service.ts';
import { type Contract, contractVersion } from './stack/contract.ts';
import { environmentTag, hubNames, parameterPath } from './stack/naming.ts';
import { type SharedSettings, type StackIdentity, stackOf } from './stack/stack.ts';
import type { Times } from './times/derived-times.ts';
import { solveTimes } from './times/times.ts';

/**
 * The whole of an environment, from the same settings for all: plans first, then resources from the plans. Whoever reads
 * one file of this room reads this one.
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
  const groups = planGroups(settings.app);
  const service = servedService(settings.app);

  // The only provider: it refuses an account that isn't the identity's, and Pulumi.yaml disables the default ones.
  const provider = new aws.Provider('aws', {
    region: identity.region,
    allowedAccountIds: [identity.account],
  });
  const options: pulumi.ComponentResourceOptions = { providers: [provider] };

  const keyArn = new EnvironmentKey('key', { stack }, options).arn;
  const network = new Network('network', { stack, settings: settings.network, keyArn }, options);
  const { vpcId, cidr, publicSubnetIds, privateSubnetIds, isolatedSubnetIds } = network;

  const balancer = new Balancer(
    'balancer',
    { stack, settings: settings.balancer, times, service, vpcId, publicSubnetIds },
    options,
  );
  // Before what lets it in.
  const hosts = new HostSecurityGroup(
    'hosts',
    {
      stack,
      vpcId,
      cidr,
      outboundPorts: settings.fleet.outboundPorts,
      balancer: { securityGroupId: balancer.securityGroupId, port: service.port },
      inside: {
        ...(settings.redis.source === 'none'
          ? {}
          : ({ redis: identity.redis?.port ?? 6379 } satisfies Inside)),
        ...(settings.files.source === 'none' ? {} : ({ files: 2049 } satisfies Inside)),
      },
    },
    options,
  );
  const inside = { stack, vpcId, keyArn, clients: { hosts: hosts.id } } satisfies Partial<LlmArgs>;
  const redis =
    settings.redis.source === 'none'
      ? null
      : new Redis('redis', { ...inside, settings: settings.redis, isolatedSubnetIds }, options);
  const files =
    settings.files.source === 'none'
      ? null
      : new Files(
          'files',
          { ...inside, settings: settings.files, isolatedSubnetIds, zones: settings.network.zones },
          options,
        );
  const logs = new LogGroups('logs', { stack, settings, keyArn }, options);
  const llm = new Llm(
    'llm',
    {
      ...inside,
      llm: settings.llm,
      balancer: settings.balancer,
      times,
      privateSubnetIds,
      logGroup: logs.llm ?? logs.hosts,
    },
    options,
  );
  const model: Made['llm'] =
    llm.baseUrl === null || llm.model === null ? null : { baseUrl: llm.baseUrl, model: llm.model };
  const sessions =
    redis === null ? null : { host: redis.host, port: redis.port.apply(String), user: redis.userName };
  const made = pulumi.output({
    redis: sessions,
    files: files === null ? null : { fileSystem: files.fileSystemId, accessPoint: files.accessPointId },
    llm: model,
    logGroup: logs.hosts.name,
  });

  const bindings = bindingsOf(settings, identity, times, { redis: sessions, llm: model });
  const parameters = new Parameters(
    'parameters',
    { stack, keyArn, bindings, env: { ...settings.app.env, ...identity.env }, secrets: settings.app.secrets },
    options,
  );
  const fleets = groups.map((group) => ({
    group,
    fleet: new Fleet(
      group.name,
      {
        stack,
        settings: settings.fleet,
        times,
        count: group.count,
        services: group.services,
        imageId: hostImage(stack.region.images, settings.fleet.instanceType),
        userData: made.apply((known) => renderUserData(planHostStart(stack, settings, times, group, known))),
        subnetIds: privateSubnetIds,
        securityGroupIds: [hosts.id],
        access: {
          storeBucketArn: `arn:aws:s3:::${hubNames.storeBucket(stack.hub)}`,
          keyArns: [keyArn],
          verifyKeyAliases: Object.values(trustedKeys(stack)).filter((alias) => alias !== null),
          parameterArns: [...parameters.parameterArns],
          secretArns: Object.values(parameters.secretArns),
          logGroupArns: [logs.hosts.arn],
          fileSystem:
            files === null ? null : { arn: files.fileSystemArn, accessPointArn: files.accessPointArn },
        },
        balancer: group.services.includes(service.name)
          ? { targetGroupArn: balancer.targetGroupArn, requestLabel: balancer.requestLabel }
          : null,
      },
      // A host mounts and connects as soon as it boots, which is as soon as its group is there.
      { ...options, dependsOn: [network, ...(files?.mountTargets ?? []), parameters] },
    ),
  }));

  const observability = new Observability(
    'observability',
    {
      stack,
      settings,
      keyArn,
      groups: Object.fromEntries(fleets.map(({ group, fleet }) => [group.name, fleet.groupName])),
      targets: {
        balancer: balancer.arnSuffix,
        targets: balancer.targetGroupArnSuffix,
        certificate: balancer.certificateArn,
        redis: redis?.replicationGroupId,
        files: files?.fileSystemId,
        llm: llm.host?.groupName,
        'llm-balancer': llm.host?.loadBalancerSuffix,
        'llm-targets': llm.host?.targetGroupSuffix,
      },
    },
    options,
  );
  new Budget(
    'budget',
    { stack, settings: settings.budget, topicArn: observability.topicArn, costTag: environmentTag },
    options,
  );

  const { stickiness } = settings.balancer;
  return {
    contract: pulumi.output({
      version: contractVersion,
      app: stack.app,
      environment: stack.environment,
      account: identity.account,
      region: identity.region,
      hub: {
        ...stack.hub,
        storeBucket: hubNames.storeBucket(stack.hub),
        buildKey: hubNames.buildKeyAlias(),
        ordersKey: hubNames.ordersKeyAlias(stack.app, stack.environment),
        receiptsKey: hubNames.receiptsKeyAlias(stack.app, stack.environment),
      },
      url: `https://${identity.domain}`,
      vpcId,
      balancer: {
        arn: balancer.arn,
        dnsName: balancer.dnsName,
        listenerArn: balancer.listenerArn,
        targetGroupArn: balancer.targetGroupArn,
        maintenanceRuleArn: balancer.maintenanceRuleArn,
        cookies: stickiness.type === 'lb_cookie' ? ['AWSALB', 'AWSALBCORS'] : ['AWSALBAPP-0', 'AWSALBAPP-1'],
        stickinessSeconds: stickiness.durationSeconds,
      },
      groups: Object.fromEntries(
        fleets.map(({ group, fleet }) => [
          group.name,
          {
            name: fleet.groupName,
            services: [...group.services],
            count: group.count,
            launchTemplateId: fleet.launchTemplateId,
            launchTemplateVersion: fleet.launchTemplateVersion,
          },
        ]),
      ),
      redis:
        redis === null
          ? null
          : {
              host: redis.host,
              port: redis.port,
              tls: redis.tls,
              userName: redis.userName,
              replicationGroupId: redis.replicationGroupId,
            },
      files: files === null ? null : { fileSystemId: files.fileSystemId, accessPointId: files.accessPointId },
      llm: model === null ? null : { ...model, groupName: llm.host?.groupName ?? null },
      parameters: parameterPath(stack, '').replace(/\/$/, ''),
      alarmTopicArn: observability.topicArn,
    }),
  };
}

type Inside = HostSecurityGroupArgs['inside'];

function timesOf(settings: SharedSettings): Times {
  const solved = solveTimes(settings);
  if (solved.ok) return solved.times;
  throw new TypeError(
    `the times don't fit together: ${solved.problems.map((each) => each.message).join('; ')}`,
  );
}
