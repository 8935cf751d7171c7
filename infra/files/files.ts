import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import type { EnvironmentKey } from '../aws/environment-key.ts';
import type { Network } from '../network/network.ts';
import { physicalName } from '../stack/naming.ts';
import type { SharedSettings, Stack } from '../stack/stack.ts';
import { renderFilePolicy } from './file-policy.ts';

export type FilesArgs = {
  stack: Stack;
  settings: SharedSettings['files'];
  key: Pick<EnvironmentKey, 'arn'>;
  network: Pick<Network, 'vpcId' | 'isolatedSubnetByZone'>;
  /** Who may mount: security groups, by a name that is part of logical names. */
  clients: Readonly<Record<string, { id: pulumi.Input<string> }>>;
};

/**
 * The shared directory of all hosts.
 *
 * Replaced, and its files lost (but for backups), by a change of: the KMS key, encryption, performance mode,
 * creation token. An access point is replaced by a change of uid, gid or its directory (EFS API reference:
 * neither can be updated); its files stay where they are, but belong to the old owner. A mount target is
 * replaced by another subnet. Not replaced by: lifecycle, throughput mode, backup, policy.
 *
 * Hosts must not start before the mount targets: `mountTargets` is what a fleet depends on. A file system
 * that exists already keeps its own targets, policy and backups; only an access point is added to it.
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
    const creates = args.settings.source !== 'existing';
    const made = creates ? this.create(name, args) : existing(args.stack);
    this.fileSystemId = pulumi.output(made.id);
    this.fileSystemArn = pulumi.output(made.arn);
    this.securityGroupId = pulumi.output(made.securityGroupId);
    const point = this.createAccessPoint(name, args);
    this.accessPointId = point.id;
    this.accessPointArn = point.arn;
    this.mountTargets = creates ? this.createMountTargets(name, args) : [];
    if (creates) this.guard(name, args);
    this.letIn(name, args);
    const { fileSystemId, accessPointId, securityGroupId } = this;
    this.registerOutputs({ fileSystemId, accessPointId, securityGroupId });
  }

  private create(name: string, args: FilesArgs): MadeFiles {
    const { id, arn } = this.createFileSystem(name, args);
    return { id, arn, securityGroupId: this.createSecurityGroup(name, args).id };
  }

  private createFileSystem(name: string, { stack, settings, key }: FilesArgs): aws.efs.FileSystem {
    const { infrequentAccessDays: days } = settings;
    const moves = `AFTER_${days}_DAY${days === 1 ? '' : 'S'}`;
    return new aws.efs.FileSystem(
      `${name}-file-system`,
      {
        encrypted: true,
        kmsKeyId: key.arn,
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

  private createSecurityGroup(name: string, { stack, network }: FilesArgs): aws.ec2.SecurityGroup {
    const tags: Stack['tags'] = { ...stack.tags, Name: physicalName(stack, 'files', 255) };
    return new aws.ec2.SecurityGroup(
      `${name}-security-group`,
      { description: 'Files: from hosts only, and to nowhere', vpcId: network.vpcId, tags },
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

  private createMountTargets(name: string, { network }: FilesArgs): aws.efs.MountTarget[] {
    return network.isolatedSubnetByZone.map(
      (subnetId, index) =>
        new aws.efs.MountTarget(
          `${name}-mount-target-${index + 1}`,
          { fileSystemId: this.fileSystemId, subnetId, securityGroups: [this.securityGroupId] },
          { parent: this },
        ),
    );
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

  private letIn(name: string, { stack, clients }: FilesArgs): void {
    for (const [client, { id }] of Object.entries(clients)) {
      new aws.vpc.SecurityGroupIngressRule(
        `${name}-from-${client}`,
        {
          securityGroupId: this.securityGroupId,
          referencedSecurityGroupId: id,
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

/** A file system, made here or given by the identity. */
type MadeFiles = {
  id: pulumi.Input<string>;
  arn: pulumi.Input<string>;
  securityGroupId: pulumi.Input<string>;
};

function existing({ identity: { account, region, fileSystem } }: Stack): MadeFiles {
  if (fileSystem === null) {
    throw new TypeError('files.source: existing needs identity.fileSystem. Add its id and security group');
  }
  const { id, securityGroupId } = fileSystem;
  const arn = `arn:aws:elasticfilesystem:${region}:${account}:file-system/${id}`;
  return { id, arn, securityGroupId };
}
