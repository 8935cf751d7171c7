import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import type { EnvironmentKey } from '../aws/environment-key.ts';
import type { Network } from '../network/network.ts';
import { physicalName } from '../stack/naming.ts';
import type { SharedSettings, Stack } from '../stack/stack.ts';
import { RedisAccess } from './redis-access.ts';

export type RedisArgs = {
  stack: Stack;
  settings: SharedSettings['redis'];
  key: Pick<EnvironmentKey, 'arn'>;
  network: Pick<Network, 'vpcId' | 'isolatedSubnetIds'>;
  /** Who may connect: security groups, by a name that is part of logical names. */
  clients: Readonly<Record<string, { id: pulumi.Input<string> }>>;
};

/**
 * Engine, version and family go together; the user group's engine is always `redis` (see `redis-access.ts`).
 */
const engines = {
  'valkey-8.0': { engine: 'valkey', engineVersion: '8.0', family: 'valkey8' },
  'redis-7.1': { engine: 'redis', engineVersion: '7.1', family: 'redis7' },
} as const;

const port = 6379;

/**
 * Sessions, outside of any host.
 *
 * Replaced, and its data lost, by a change of: the KMS key, at-rest encryption, port, subnet group, the
 * group's id, the source snapshot, a lower engine version, or `valkey` to `redis` (ElastiCache API reference,
 * ModifyReplicationGroup). Not by: node type, number of nodes, eviction policy, windows, `redis` to `valkey`,
 * a higher version; those are applied at once, with a failover where there are two nodes. The parameter
 * group's name holds its family, so a new engine gets a new one before the old one goes.
 */
export class Redis extends pulumi.ComponentResource {
  readonly host: pulumi.Output<string>;
  readonly port: pulumi.Output<number>;
  readonly tls: boolean;
  readonly securityGroupId: pulumi.Output<string>;
  /** Null for a group that exists already: its owner knows its users. */
  readonly userName: string | null;
  readonly replicationGroupId: pulumi.Output<string>;

  constructor(name: string, args: RedisArgs, options?: pulumi.ComponentResourceOptions) {
    super('lockstep:infra:Redis', name, {}, options);
    const made = args.settings.source === 'existing' ? existing(args.stack) : this.create(name, args);
    this.host = pulumi.output(made.host);
    this.port = pulumi.output(made.port);
    this.tls = made.tls;
    this.userName = made.userName;
    this.replicationGroupId = pulumi.output(made.id);
    this.securityGroupId = pulumi.output(made.securityGroupId);
    this.letIn(name, args);
    const { host, tls, userName, securityGroupId, replicationGroupId } = this;
    this.registerOutputs({ host, port: this.port, tls, userName, securityGroupId, replicationGroupId });
  }

  private create(name: string, args: RedisArgs): MadeRedis {
    const access = new RedisAccess(`${name}-access`, { stack: args.stack }, { parent: this });
    const securityGroup = this.createSecurityGroup(name, args);
    const group = this.createGroup(name, args, securityGroup.id, access.userGroupId);
    return {
      id: group.id,
      host: group.primaryEndpointAddress,
      port,
      tls: true,
      userName: access.userName,
      securityGroupId: securityGroup.id,
    };
  }

  private createSecurityGroup(name: string, { stack, network }: RedisArgs): aws.ec2.SecurityGroup {
    const tags: Stack['tags'] = { ...stack.tags, Name: physicalName(stack, 'redis', 255) };
    return new aws.ec2.SecurityGroup(
      `${name}-security-group`,
      { description: 'Redis: from hosts only, and to nowhere', vpcId: network.vpcId, tags },
      { parent: this },
    );
  }

  private letIn(name: string, { stack, clients }: RedisArgs): void {
    for (const [client, { id }] of Object.entries(clients)) {
      new aws.vpc.SecurityGroupIngressRule(
        `${name}-from-${client}`,
        {
          securityGroupId: this.securityGroupId,
          referencedSecurityGroupId: id,
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
    { stack, settings, network, key }: RedisArgs,
    securityGroupId: pulumi.Output<string>,
    userGroupId: pulumi.Output<string>,
  ): aws.elasticache.ReplicationGroup {
    const { engine, engineVersion, family } = engines[settings.engine];
    const subnetGroup = new aws.elasticache.SubnetGroup(
      `${name}-subnets`,
      { name: physicalName(stack, 'redis', 255), subnetIds: network.isolatedSubnetIds, tags: stack.tags },
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
        kmsKeyId: key.arn,
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

/** A replication group, made here or given by the identity. */
type MadeRedis = {
  id: pulumi.Input<string>;
  host: pulumi.Input<string>;
  port: number;
  tls: boolean;
  userName: string | null;
  securityGroupId: pulumi.Input<string>;
};

function existing({ identity }: Stack): MadeRedis {
  if (identity.redis !== null) return { ...identity.redis, userName: null };
  throw new TypeError('redis.source: existing needs identity.redis. Add its id, host and security group');
}
