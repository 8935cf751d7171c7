import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import { physicalName } from '../stack/naming.ts';
import { appAccess } from '../stack/redis-user.ts';
import type { SharedSettings, Stack } from '../stack/stack.ts';
import { RedisAccess } from './redis-access.ts';

export type RedisArgs = {
  stack: Stack;
  settings: SharedSettings['redis'];
  vpcId: pulumi.Input<string>;
  /** Without a way to the internet, one a zone. */
  isolatedSubnetIds: pulumi.Input<pulumi.Input<string>[]>;
  /** Who may connect: the security groups of hosts, by a name that is part of logical names. */
  clients?: Readonly<Record<string, pulumi.Input<string>>>;
  keyArn: pulumi.Input<string>;
};

/** Engine, version and family go together; the user group's engine is always `redis` (see `redis-access.ts`). */
const engines = {
  'valkey-8.0': { engine: 'valkey', engineVersion: '8.0', family: 'valkey8' },
  'redis-7.1': { engine: 'redis', engineVersion: '7.1', family: 'redis7' },
} as const;

const port = 6379;

/**
 * Sessions, outside of any host.
 *
 * Replaced, and its data lost, by a change of: the KMS key, at-rest encryption, port, subnet group, the group's id, the source
 * snapshot, a lower engine version, or `valkey` to `redis` (ElastiCache API reference, ModifyReplicationGroup). Not by: node
 * type, number of nodes, eviction policy, windows, `redis` to `valkey`, a higher version; those are applied at once, with a
 * failover where there are two nodes. The parameter group's name holds its family, so a new engine gets a new one before the
 * old one goes.
 */
export class Redis extends pulumi.ComponentResource {
  readonly host: pulumi.Output<string>;
  readonly port: pulumi.Output<number>;
  readonly tls: boolean;
  readonly securityGroupId: pulumi.Output<string>;
  /** Null for a group that exists already: its owner knows its users. */
  readonly userName: string | null;
  /** What the app's user may do once it has a password; `lockstep secret rotate-redis` sets both together. */
  readonly accessString: string = appAccess;
  readonly replicationGroupId: pulumi.Output<string>;

  constructor(name: string, args: RedisArgs, options?: pulumi.ComponentResourceOptions) {
    super('lockstep:infra:Redis', name, {}, options);
    const { stack, settings } = args;
    if (settings.source === 'existing') {
      const existing = stack.identity.redis;
      if (existing === null) {
        throw new TypeError(
          'redis.source: existing needs identity.redis. Add its id, host and security group',
        );
      }
      this.host = pulumi.output(existing.host);
      this.port = pulumi.output(existing.port);
      this.tls = existing.tls;
      this.userName = null;
      this.replicationGroupId = pulumi.output(existing.id);
      this.securityGroupId = pulumi.output(existing.securityGroupId);
      this.letIn(name, args);
    } else {
      const access = new RedisAccess(`${name}-access`, { stack }, { parent: this });
      const securityGroup = this.createSecurityGroup(name, args);
      const group = this.createGroup(name, args, securityGroup.id, access.userGroupId);
      this.host = group.primaryEndpointAddress;
      this.port = pulumi.output(port);
      this.tls = true;
      this.userName = access.userName;
      this.replicationGroupId = group.id;
      this.securityGroupId = securityGroup.id;
      this.letIn(name, args);
    }
    const { host, tls, userName, securityGroupId, replicationGroupId } = this;
    this.registerOutputs({ host, port: this.port, tls, userName, securityGroupId, replicationGroupId });
  }

  private createSecurityGroup(name: string, { stack, vpcId }: RedisArgs): aws.ec2.SecurityGroup {
    const tags: Stack['tags'] = { ...stack.tags, Name: physicalName(stack, 'redis', 255) };
    return new aws.ec2.SecurityGroup(
      `${name}-security-group`,
      { description: 'Redis: from hosts only, and to nowhere', vpcId, tags },
      { parent: this },
    );
  }

  private letIn(name: string, { stack, clients = {} }: RedisArgs): void {
    for (const [client, clientGroupId] of Object.entries(clients)) {
      new aws.vpc.SecurityGroupIngressRule(
        `${name}-from-${client}`,
        {
          securityGroupId: this.securityGroupId,
          referencedSecurityGroupId: clientGroupId,
          ipProtocol: 'tcp',
          fromPort: this.port,
          toPort: this.port,
          description: `Redis from ${client}`,
          tags: stack.tags,
        },
        { parent: this },
      );
    }
  }

  private createGroup(
    name: string,
    { stack, settings, isolatedSubnetIds, keyArn }: RedisArgs,
    securityGroupId: pulumi.Output<string>,
    userGroupId: pulumi.Output<string>,
  ): aws.elasticache.ReplicationGroup {
    const { engine, engineVersion, family } = engines[settings.engine];
    const subnetGroup = new aws.elasticache.SubnetGroup(
      `${name}-subnets`,
      { name: physicalName(stack, 'redis', 255), subnetIds: isolatedSubnetIds, tags: stack.tags },
      { parent: this },
    );
    const parameters = new aws.elasticache.ParameterGroup(
      `${name}-${family}-parameters`,
      {
        name: physicalName(stack, family, 255),
        family,
        description: 'What happens when memory is full, and what is kept free for snapshots',
        parameters: [
          { name: 'maxmemory-policy', value: settings.evictionPolicy },
          { name: 'reserved-memory-percent', value: '25' },
        ],
        tags: stack.tags,
      },
      { parent: this },
    );
    const several = settings.nodes >= 2;
    return new aws.elasticache.ReplicationGroup(
      `${name}-group`,
      {
        replicationGroupId: physicalName(stack, 'redis', 40),
        description: `Sessions of ${stack.app} in ${stack.environment}`,
        engine,
        engineVersion,
        nodeType: settings.nodeType,
        port,
        numCacheClusters: settings.nodes,
        automaticFailoverEnabled: several,
        multiAzEnabled: several,
        parameterGroupName: parameters.name,
        subnetGroupName: subnetGroup.name,
        securityGroupIds: [securityGroupId],
        transitEncryptionEnabled: true,
        transitEncryptionMode: 'required',
        atRestEncryptionEnabled: true,
        kmsKeyId: keyArn,
        userGroupIds: [userGroupId],
        snapshotRetentionLimit: settings.snapshotDays,
        snapshotWindow: settings.snapshotWindow,
        maintenanceWindow: settings.maintenanceWindow,
        finalSnapshotIdentifier: physicalName(stack, 'redis-final', 255),
        // A minor version comes by a change of the settings, through staging first, never by itself.
        autoMinorVersionUpgrade: false,
        applyImmediately: true,
        tags: { ...stack.tags, Name: physicalName(stack, 'redis', 255) },
      },
      { parent: this, protect: true },
    );
  }
}
