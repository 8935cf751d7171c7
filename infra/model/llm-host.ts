import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import type { EnvironmentKey } from '../aws/environment-key.ts';
import { HostRole } from '../hosts/host-role.ts';
import { sessionPolicy } from '../hosts/session-policy.ts';
import type { Network } from '../network/network.ts';
import type { HostLlm } from '../settings/schema/llm-schema.ts';
import { physicalName } from '../stack/naming.ts';
import type { Stack } from '../stack/stack.ts';
import type { LlmBalancer } from './llm-balancer.ts';
import { renderLlmHostPolicy } from './llm-host-policy.ts';
import type { LlmMirror } from './llm-mirror.ts';
import { llmImage, llmPort, mirrorPrefix, renderLlmUserData } from './llm-user-data.ts';

/** Where the server writes. */
export type LogGroup = { name: string; arn: pulumi.Input<string> };

export type LlmHostArgs = {
  stack: Stack;
  llm: HostLlm;
  key: Pick<EnvironmentKey, 'arn'>;
  network: Pick<Network, 'vpcId' | 'privateSubnetIds'>;
  mirror: Pick<LlmMirror, 'bucket' | 'arn'>;
  balancer: Pick<LlmBalancer, 'securityGroupId' | 'targetGroupArn'>;
  logGroup: LogGroup;
  healthCheckGraceSeconds: number;
};

/**
 * The model's host: a group of one, which replaces a dead host by itself. EC2 health rather than the
 * balancer's, because loading weights takes longer than any sensible health check; a server that hangs is
 * restarted by its unit and seen by an alarm.
 *
 * Who owns what after creation: Pulumi the template and the group's shape. Which version of the template the
 * group launches belongs to whoever starts an instance refresh: a changed model reaches the host when
 * somebody says so, and a host that dies before comes back as it was. `suspendedProcesses` belongs to whoever
 * operates the environment. One host at a time (0/100): two would fight for one quota.
 *
 * The host holds nothing: replacing it costs `llm.startSeconds` of the model.
 */
export class LlmHost extends pulumi.ComponentResource {
  readonly groupName: pulumi.Output<string>;

  constructor(name: string, args: LlmHostArgs, options?: pulumi.ComponentResourceOptions) {
    super('lockstep:infra:LlmHost', name, {}, options);
    const { stack, llm } = args;
    const pins = pinsOf(stack, llm);
    const role = this.createRole(name, args, pins);
    const template = this.createTemplate(name, args, role, pins);
    const group = new aws.autoscaling.Group(
      `${name}-group`,
      {
        name: physicalName(stack, 'llm', 255),
        minSize: 1,
        maxSize: 1,
        vpcZoneIdentifiers: args.network.privateSubnetIds,
        launchTemplate: { id: template.id, version: template.latestVersion.apply(String) },
        targetGroupArns: [args.balancer.targetGroupArn],
        healthCheckType: 'EC2',
        healthCheckGracePeriod: args.healthCheckGraceSeconds,
        defaultInstanceWarmup: llm.startSeconds,
        instanceMaintenancePolicy: { minHealthyPercentage: 0, maxHealthyPercentage: 100 },
        suspendedProcesses: ['AZRebalance'],
        enabledMetrics: ['GroupInServiceInstances', 'GroupDesiredCapacity'],
        waitForCapacityTimeout: '0',
        tags: Object.entries({ ...stack.tags, Name: physicalName(stack, 'llm', 255) }).map(
          ([key, value]): GroupTag => ({ key, value, propagateAtLaunch: true }),
        ),
      },
      {
        parent: this,
        dependsOn: [...role.policies],
        ignoreChanges: ['launchTemplate', 'suspendedProcesses'],
      },
    );
    this.groupName = group.name;
    this.registerOutputs({ groupName: this.groupName });
  }

  private createTemplate(
    name: string,
    args: LlmHostArgs,
    role: HostRole,
    { imageDigest, revision }: LlmPins,
  ): aws.ec2.LaunchTemplate {
    const { stack, llm, mirror, logGroup } = args;
    const tags: Stack['tags'] = { ...stack.tags, Name: physicalName(stack, 'llm', 255) };
    const { region } = stack.identity;
    return new aws.ec2.LaunchTemplate(
      `${name}-template`,
      {
        name: physicalName(stack, 'llm', 128),
        imageId: stack.region.images['gpu-x86_64'],
        instanceType: llm.instanceType,
        iamInstanceProfile: { arn: role.profileArn },
        metadataOptions: { httpEndpoint: 'enabled', httpTokens: 'required', httpPutResponseHopLimit: 1 },
        networkInterfaces: [
          {
            associatePublicIpAddress: 'false',
            deleteOnTermination: 'true',
            securityGroups: [this.createSecurityGroup(name, args).id],
          },
        ],
        blockDeviceMappings: [
          {
            deviceName: '/dev/xvda',
            ebs: {
              volumeType: 'gp3',
              volumeSize: llm.volumeSizeGiB,
              encrypted: 'true',
              // At gp3's own 125 MiB/s 15 GiB of weights take two minutes to load.
              iops: 3_000,
              throughput: 500,
              deleteOnTermination: 'true',
            },
          },
        ],
        monitoring: { enabled: true },
        tagSpecifications: ['instance', 'volume'].map(
          (resourceType): TagSpecification => ({ resourceType, tags }),
        ),
        userData: mirror.bucket.apply((bucket) =>
          Buffer.from(
            renderLlmUserData({ llm, imageDigest, revision, bucket, region, logGroup: logGroup.name }),
          ).toString('base64'),
        ),
        tags: stack.tags,
      },
      { parent: this },
    );
  }

  private createRole(
    name: string,
    { stack, llm, mirror, key, logGroup }: LlmHostArgs,
    { revision }: LlmPins,
  ): HostRole {
    const prefix = mirrorPrefix(llm.model, revision);
    const model = pulumi
      .all([mirror.arn, key.arn, logGroup.arn])
      .apply(([bucketArn, keyArn, logGroupArn]) =>
        renderLlmHostPolicy({ bucketArn, prefix, keyArn, logGroupArn }),
      );
    return new HostRole(
      name,
      { stack, part: 'llm', policies: { model, sessions: sessionPolicy } },
      { parent: this },
    );
  }

  private createSecurityGroup(name: string, args: LlmHostArgs): aws.ec2.SecurityGroup {
    const { stack, network } = args;
    const balancerSecurityGroupId = args.balancer.securityGroupId;
    const group = new aws.ec2.SecurityGroup(
      `${name}-security-group`,
      {
        description: 'The model host: from its balancer; out to AWS and the container registry',
        vpcId: network.vpcId,
        tags: { ...stack.tags, Name: physicalName(stack, 'llm', 255) },
      },
      { parent: this },
    );
    const link = {
      ipProtocol: 'tcp',
      fromPort: llmPort,
      toPort: llmPort,
      tags: stack.tags,
    } satisfies Partial<aws.vpc.SecurityGroupIngressRuleArgs>;
    new aws.vpc.SecurityGroupIngressRule(
      `${name}-from-balancer`,
      {
        ...link,
        securityGroupId: group.id,
        referencedSecurityGroupId: balancerSecurityGroupId,
        description: 'The model',
      },
      { parent: this },
    );
    new aws.vpc.SecurityGroupEgressRule(
      `${name}-balancer-to-host`,
      {
        ...link,
        securityGroupId: balancerSecurityGroupId,
        referencedSecurityGroupId: group.id,
        description: 'The model',
      },
      { parent: this },
    );
    new aws.vpc.SecurityGroupEgressRule(
      `${name}-out`,
      {
        securityGroupId: group.id,
        cidrIpv4: '0.0.0.0/0',
        ipProtocol: 'tcp',
        fromPort: 443,
        toPort: 443,
        description: 'HTTPS: AWS, packages, the container registry',
        tags: stack.tags,
      },
      { parent: this },
    );
    return group;
  }
}

type TagSpecification = aws.types.input.ec2.LaunchTemplateTagSpecification;
type GroupTag = aws.types.input.autoscaling.GroupTag;
type LlmPins = { imageDigest: string; revision: string };

function pinsOf({ pins }: Stack, llm: HostLlm): LlmPins {
  const image = pins.containers[llmImage];
  const revision = pins.models[llm.model]?.revision;
  if (image === undefined || revision === undefined) {
    const missing = image === undefined ? `containers["${llmImage}"]` : `models["${llm.model}"]`;
    throw new TypeError(`infra/pins.json lacks ${missing}. Run \`lockstep pins update\``);
  }
  return { imageDigest: image.digest, revision };
}
