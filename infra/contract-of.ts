import * as pulumi from '@pulumi/pulumi';
import type { Balancer } from './balancer/balancer.ts';
import type { Files } from './files/files.ts';
import type { Fleet } from './hosts/fleet.ts';
import type { Llm } from './model/llm.ts';
import type { Network } from './network/network.ts';
import type { Observability } from './observability/observability.ts';
import type { Redis } from './redis/redis.ts';
import { type Contract, contractVersion } from './stack/contract.ts';
import { hubNames, parameterPath } from './stack/naming.ts';
import type { SharedSettings, Stack } from './stack/stack.ts';

type Declared = {
  stack: Stack;
  settings: SharedSettings;
  network: Network;
  balancer: Balancer;
  fleets: readonly Fleet[];
  redis: Redis | null;
  files: Files | null;
  llm: Llm;
  observability: Observability;
};

/** What the pipeline is told of the components of an environment. */
export function contractOf({
  stack,
  settings,
  network,
  balancer,
  fleets,
  redis,
  files,
  llm,
  observability,
}: Declared): pulumi.Output<Contract> {
  const { app, environment, hub, identity } = stack;
  const { stickiness } = settings.balancer;
  return pulumi.output({
    version: contractVersion,
    app,
    environment,
    account: identity.account,
    region: identity.region,
    hub: {
      ...hub,
      storeBucket: hubNames.storeBucket(hub),
      buildKey: hubNames.buildKeyAlias(),
      ordersKey: hubNames.ordersKeyAlias(app, environment),
      receiptsKey: hubNames.receiptsKeyAlias(app, environment),
    },
    url: `https://${identity.domain}`,
    vpcId: network.vpcId,
    balancer: {
      arn: balancer.arn,
      dnsName: balancer.dnsName,
      listenerArn: balancer.listenerArn,
      targetGroupArn: balancer.targetGroupArn,
      maintenanceRuleArn: balancer.maintenanceRuleArn,
      cookies: stickiness.type === 'lb_cookie' ? ['AWSALB', 'AWSALBCORS'] : ['AWSALBAPP-0', 'AWSALBAPP-1'],
      stickinessSeconds: stickiness.durationSeconds,
    },
    groups: Object.fromEntries(fleets.map((fleet) => [fleet.group.name, groupOf(fleet)])),
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
    llm: llm.endpoint === null ? null : { ...llm.endpoint, groupName: llm.host?.groupName ?? null },
    parameters: parameterPath(stack, '').replace(/\/$/, ''),
    alarmTopicArn: observability.topicArn,
  });
}

function groupOf({ group, groupName, launchTemplateId, launchTemplateVersion }: Fleet) {
  return {
    name: groupName,
    services: [...group.services],
    count: group.count,
    launchTemplateId,
    launchTemplateVersion,
  };
}
