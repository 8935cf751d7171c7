import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import type { Parameters } from '../aws/parameters.ts';
import type { Balancer } from '../balancer/balancer.ts';
import type { Files } from '../files/files.ts';
import type { Network } from '../network/network.ts';
import type { Redis } from '../redis/redis.ts';
import { servedService } from '../settings/schema/public-service.ts';
import { physicalName } from '../stack/naming.ts';
import type { SharedSettings, Stack } from '../stack/stack.ts';
import type { Times } from '../times/derived-times.ts';
import { hostImage } from './architecture.ts';
import type { Bindings } from './bindings.ts';
import { launchHookName, planGroup } from './group-plan.ts';
import type { HostGroup } from './groups.ts';
import { hostPoliciesOf, type UsedByHosts } from './host-access.ts';
import { HostRole } from './host-role.ts';
import type { HostSecurityGroup } from './host-security-group.ts';
import { planHostStart } from './host-start.ts';
import { renderUserData } from './user-data.ts';

export type FleetArgs = UsedByHosts & {
  settings: SharedSettings;
  times: Pick<Times, 'launchHookSeconds' | 'healthCheckGraceSeconds'>;
  group: HostGroup;
  network: Network;
  /** Sends requests to the group that runs the public service, and to no other. */
  balancer: Pick<Balancer, 'targetGroupArn' | 'requestLabel'>;
  hosts: Pick<HostSecurityGroup, 'id'>;
  redis: Pick<Redis, 'host' | 'port'> | null;
  files: Files | null;
  logs: { hosts: { name: string; arn: pulumi.Input<string> } };
  parameters: Parameters;
  bindings: Bindings;
};

/**
 * Hosts of the app: a launch template and an auto-scaling group; the same class is the fleet of many and a
 * group of one.
 *
 * Who owns what after creation:
 * - Pulumi: the launch template (each change is a new version that nobody runs yet), size bounds, subnets,
 *   health check, hook, policies, tags of the group.
 * - Whoever starts an instance refresh: which version of the template the group launches. `up` ignores it, or
 *   a scale-out would launch hosts that nobody tried. The provider's own refresh isn't used: it doesn't wait.
 * - A roll: suspended processes (ReplaceUnhealthy while hosts restart). `up` ignores them, or it would resume
 *   them midway.
 * - Target tracking: desired capacity. It is left out, or an `up` would reset a group that is scaled out.
 *
 * Holds no data. Replaced by: another name (app or environment renamed); everything else changes in place,
 * and reaches hosts by an instance refresh (docs/infrastructure.md). Waits for the network, mount targets and
 * parameters: a host mounts and connects as soon as it boots, which is as soon as its group is there.
 */
export class Fleet extends pulumi.ComponentResource {
  readonly group: HostGroup;
  readonly groupName: pulumi.Output<string>;
  readonly launchTemplateId: pulumi.Output<string>;
  /** The newest; what hosts run is the group's own. */
  readonly launchTemplateVersion: pulumi.Output<string>;

  constructor(name: string, args: FleetArgs, options?: pulumi.ComponentResourceOptions) {
    const { network, files, parameters } = args;
    const dependsOn = [network, ...(files?.mountTargets ?? []), parameters];
    super('lockstep:infra:Fleet', name, {}, pulumi.mergeOptions(options, { dependsOn }));
    const { stack } = args;
    const groupName = physicalName(stack, name, 255);
    const policies = hostPoliciesOf(args, groupName);
    const role = new HostRole(`${name}-host`, { stack, part: `${name}-host`, policies }, { parent: this });
    const template = this.createTemplate(name, args, role);
    const group = this.createGroup(name, args, groupName, { role, template });
    this.keepHook(name, args, group);
    if (args.group.count === 'many') this.scale(name, args, group);
    this.group = args.group;
    this.groupName = group.name;
    this.launchTemplateId = template.id;
    this.launchTemplateVersion = template.latestVersion.apply(String);
    this.registerOutputs({ groupName: this.groupName, launchTemplateVersion: this.launchTemplateVersion });
  }

  private createTemplate(name: string, args: FleetArgs, role: HostRole): aws.ec2.LaunchTemplate {
    const { stack } = args;
    const settings = args.settings.fleet;
    const tags: Stack['tags'] = {
      ...stack.tags,
      Name: physicalName(stack, name, 128),
      Services: args.group.services.join(' '),
    };
    return new aws.ec2.LaunchTemplate(
      `${name}-launch-template`,
      {
        name: physicalName(stack, name, 125),
        imageId: hostImage(stack.region.images, settings.instanceType),
        instanceType: settings.instanceType,
        iamInstanceProfile: { arn: role.profileArn },
        // The group's name reaches the boot script as a tag in instance metadata. One hop: no container gets
        // the role.
        metadataOptions: {
          httpEndpoint: 'enabled',
          httpTokens: 'required',
          httpPutResponseHopLimit: 1,
          instanceMetadataTags: 'enabled',
        },
        networkInterfaces: [
          {
            deviceIndex: 0,
            associatePublicIpAddress: 'false',
            deleteOnTermination: 'true',
            securityGroups: [args.hosts.id],
          },
        ],
        blockDeviceMappings: [
          {
            // The root device of Amazon Linux 2023.
            deviceName: '/dev/xvda',
            ebs: {
              volumeType: 'gp3',
              volumeSize: settings.volumeSizeGiB,
              encrypted: 'true',
              deleteOnTermination: 'true',
            },
          },
        ],
        monitoring: { enabled: true },
        userData: userDataOf(args).apply((text) => Buffer.from(text).toString('base64')),
        tagSpecifications: ['instance', 'volume', 'network-interface'].map(
          (resourceType): TagSpecification => ({
            resourceType,
            tags,
          }),
        ),
        tags,
      },
      { parent: this },
    );
  }

  private createGroup(
    name: string,
    args: FleetArgs,
    groupName: string,
    { role, template }: { role: HostRole; template: aws.ec2.LaunchTemplate },
  ): aws.autoscaling.Group {
    const { settings, stack, times } = args;
    const balancer = balancerOf(args);
    const tags: Stack['tags'] = { ...stack.tags, Name: groupName, Services: args.group.services.join(' ') };
    return new aws.autoscaling.Group(
      `${name}-group`,
      {
        name: groupName,
        ...planGroup({ settings: settings.fleet, times, count: args.group.count }),
        healthCheckType: balancer === null ? 'EC2' : 'ELB',
        vpcZoneIdentifiers: args.network.privateSubnetIds,
        targetGroupArns: balancer === null ? [] : [balancer.targetGroupArn],
        launchTemplate: { id: template.id, version: template.latestVersion.apply(String) },
        // The template tags what is launched.
        tags: Object.entries(tags).map(
          ([key, value]): GroupTag => ({ key, value, propagateAtLaunch: false }),
        ),
      },
      {
        parent: this,
        dependsOn: [...role.policies],
        ignoreChanges: ['launchTemplate', 'suspendedProcesses', 'initialLifecycleHooks'],
      },
    );
  }

  /** The hook that the group was created with, once more: only this resource carries a changed time to it. */
  private keepHook(name: string, { times }: FleetArgs, group: aws.autoscaling.Group): void {
    new aws.autoscaling.LifecycleHook(
      `${name}-launch-hook`,
      {
        name: launchHookName,
        autoscalingGroupName: group.name,
        lifecycleTransition: 'autoscaling:EC2_INSTANCE_LAUNCHING',
        heartbeatTimeout: times.launchHookSeconds,
        defaultResult: 'ABANDON',
      },
      { parent: this },
    );
  }

  private scale(name: string, args: FleetArgs, group: aws.autoscaling.Group): void {
    const balancer = balancerOf(args);
    const settings = args.settings.fleet;
    const track = (what: string, targetTrackingConfiguration: TargetTracking) =>
      new aws.autoscaling.Policy(
        `${name}-scale-on-${what}`,
        {
          name: what,
          autoscalingGroupName: group.name,
          policyType: 'TargetTrackingScaling',
          targetTrackingConfiguration,
        },
        { parent: this },
      );
    track('cpu', {
      predefinedMetricSpecification: { predefinedMetricType: 'ASGAverageCPUUtilization' },
      targetValue: settings.cpuPercent,
    });
    if (balancer === null) return;
    track('requests', {
      predefinedMetricSpecification: {
        predefinedMetricType: 'ALBRequestCountPerTarget',
        resourceLabel: balancer.requestLabel,
      },
      targetValue: settings.requestsPerTargetPerMinute,
    });
  }
}

/** The balancer, for a group that runs the public service; null where nobody connects to its hosts. */
function balancerOf({ balancer, group, settings }: FleetArgs): FleetArgs['balancer'] | null {
  return group.services.includes(servedService(settings.app).name) ? balancer : null;
}

/** Text, at most 16,384 bytes; the launch template takes it in base64. */
function userDataOf(args: FleetArgs): pulumi.Output<string> {
  const { bindings, files, logs, redis } = args;
  return pulumi
    .output({
      bindings,
      redis: redis === null ? null : { host: redis.host, port: redis.port },
      files: files === null ? null : { fileSystem: files.fileSystemId, accessPoint: files.accessPointId },
      logGroup: logs.hosts.name,
    })
    .apply((made) => renderUserData(planHostStart({ ...args, made })));
}

type TagSpecification = aws.types.input.ec2.LaunchTemplateTagSpecification;
type GroupTag = aws.types.input.autoscaling.GroupTag;
type TargetTracking = aws.types.input.autoscaling.PolicyTargetTrackingConfiguration;
