import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import { physicalName } from '../stack/naming.ts';
import type { SharedSettings, Stack } from '../stack/stack.ts';
import { renderFilePolicy } from './file-policy.ts';

export type FilesArgs = {
  stack: Stack;
  settings: SharedSettings['files'];
  vpcId: pulumi.Input<string>;
  /** One a zone. */
  isolatedSubnetIds: pulumi.Input<string[]>;
  /** network.zones: how many mount targets there are must not depend on an output. */
  zones: number;
  /** Who may mount: the security groups of hosts, by a name that is part of logical names. */
  clients?: Readonly<Record<string, pulumi.Input<string>>>;
  keyArn: pulumi.Input<string>;
};

/**
 * The shared directory of all hosts.
 *
 * Replaced, and its files lost (but for backups), by a change of: the KMS key, encryption, performance mode, creation token. An access
 * point is replaced by a change of uid, gid or its directory (EFS API reference: neither can be updated); its files stay
 * where they are, but belong to the old owner. A mount target is replaced by another subnet. Not replaced by: lifecycle,
 * throughput mode, backup, policy.
 *
 * Hosts must not start before the mount targets: `mountTargets` is what a fleet depends on. A file system that exists already
 * keeps its own targets, policy and backups; only an access point is added to it.
 */
export class Files extends pulumi.ComponentResource {
  readonly fileSystemId: pulumi.Output<string>;
  readonly fileSystemArn: pulumi.Output<string>;
  readonly accessPointId: pulumi.Output<string>;
  readonly accessPointArn: pulumi.Output<string>;
  readonly securityGroupId: pulumi.Output<string>;
  readonly mountTargets: readonly aws.efs.MountTarget[];

  constructor(name: string, args: FilesArgs, options?: pulumi.ComponentResourceOptions) {
    super('lockstep:infra:Files', name, {}, options);
    const { stack, settings } = args;
    if (settings.source === 'existing') {
      const existing = stack.identity.fileSystem;
      if (existing === null) {
        throw new TypeError(
          'files.source: existing needs identity.fileSystem. Add its id and security group',
        );
      }
      const { account, region } = stack.identity;
      this.fileSystemId = pulumi.output(existing.id);
      this.fileSystemArn = pulumi.output(
        `arn:aws:elasticfilesystem:${region}:${account}:file-system/${existing.id}`,
      );
      this.securityGroupId = pulumi.output(existing.securityGroupId);
      this.mountTargets = [];
      const point = this.createAccessPoint(name, args);
      this.accessPointId = point.id;
      this.accessPointArn = point.arn;
    } else {
      const fileSystem = this.createFileSystem(name, args);
      this.fileSystemId = fileSystem.id;
      this.fileSystemArn = fileSystem.arn;
      this.securityGroupId = this.createSecurityGroup(name, args).id;
      const point = this.createAccessPoint(name, args);
      this.accessPointId = point.id;
      this.accessPointArn = point.arn;
      this.mountTargets = this.createMountTargets(name, args);
      this.guard(name, args);
    }
    this.letIn(name, args);
    const { fileSystemId, accessPointId, securityGroupId } = this;
    this.registerOutputs({ fileSystemId, accessPointId, securityGroupId });
  }

  private createFileSystem(name: string, { stack, settings, keyArn }: FilesArgs): aws.efs.FileSystem {
    const { infrequentAccessDays: days } = settings;
    const moves = `AFTER_${days}_DAY${days === 1 ? '' : 'S'}`;
    return new aws.efs.FileSystem(
      `${name}-file-system`,
      {
        encrypted: true,
        kmsKeyId: keyArn,
        throughputMode: 'elastic',
        performanceMode: 'generalPurpose',
        // Each rule is an element of its own; a file that is read comes back to the fast class.
        lifecyclePolicies:
          days === null
            ? []
            : [{ transitionToIa: moves }, { transitionToPrimaryStorageClass: 'AFTER_1_ACCESS' }],
        tags: { ...stack.tags, Name: physicalName(stack, 'files', 255) },
      },
      { parent: this, protect: true },
    );
  }

  private createSecurityGroup(name: string, { stack, vpcId }: FilesArgs): aws.ec2.SecurityGroup {
    const tags: Stack['tags'] = { ...stack.tags, Name: physicalName(stack, 'files', 255) };
    return new aws.ec2.SecurityGroup(
      `${name}-security-group`,
      { description: 'Files: from hosts only, and to nowhere', vpcId, tags },
      { parent: this },
    );
  }

  private createAccessPoint(name: string, { stack, settings: { uid, gid } }: FilesArgs): aws.efs.AccessPoint {
    return new aws.efs.AccessPoint(
      `${name}-access-point`,
      {
        fileSystemId: this.fileSystemId,
        posixUser: { uid, gid },
        rootDirectory: {
          path: `/${stack.app}/${stack.environment}`,
          creationInfo: { ownerUid: uid, ownerGid: gid, permissions: '0750' },
        },
        tags: { ...stack.tags, Name: physicalName(stack, 'files', 255) },
      },
      { parent: this, protect: true },
    );
  }

  private createMountTargets(name: string, { isolatedSubnetIds, zones }: FilesArgs): aws.efs.MountTarget[] {
    return Array.from({ length: zones }, (_, index) => {
      const subnetId = pulumi.output(isolatedSubnetIds).apply((ids) => {
        const id = ids[index];
        if (id === undefined) throw new TypeError(`files: ${ids.length} isolated subnets for ${zones} zones`);
        return id;
      });
      return new aws.efs.MountTarget(
        `${name}-mount-target-${index + 1}`,
        { fileSystemId: this.fileSystemId, subnetId, securityGroups: [this.securityGroupId] },
        { parent: this },
      );
    });
  }

  private guard(name: string, { stack, settings }: FilesArgs): void {
    const { fileSystemId, fileSystemArn, accessPointArn } = this;
    new aws.efs.FileSystemPolicy(
      `${name}-policy`,
      {
        fileSystemId,
        policy: pulumi
          .all([fileSystemArn, accessPointArn])
          .apply(([fileSystem, accessPoint]) =>
            renderFilePolicy({ account: stack.identity.account, fileSystem, accessPoint }),
          ),
      },
      { parent: this },
    );
    const status = settings.backup ? 'ENABLED' : 'DISABLED';
    new aws.efs.BackupPolicy(`${name}-backup`, { fileSystemId, backupPolicy: { status } }, { parent: this });
  }

  private letIn(name: string, { stack, clients = {} }: FilesArgs): void {
    for (const [client, clientGroupId] of Object.entries(clients)) {
      new aws.vpc.SecurityGroupIngressRule(
        `${name}-from-${client}`,
        {
          securityGroupId: this.securityGroupId,
          referencedSecurityGroupId: clientGroupId,
          ipProtocol: 'tcp',
          fromPort: 2049,
          toPort: 2049,
          description: `NFS over TLS from ${client}`,
          tags: stack.tags,
        },
        { parent: this },
      );
    }
  }
}
