import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import { physicalName } from '../stack/naming.ts';
import type { SharedSettings, Stack } from '../stack/stack.ts';
import type { Times } from '../times/derived-times.ts';
import { launchHookName, planGroup } from './group-plan.ts';
import { type HostAccess, planHostPolicies, policyNames } from './host-policy.ts';
import { HostRole } from './host-role.ts';

export type FleetArgs = {
  stack: Stack;
  settings: SharedSettings['fleet'];
  times: Pick<Times, 'launchHookSeconds' | 'healthCheckGraceSeconds'>;
  /** `exactly-one`: a group of one, whose host stops before its successor starts. */
  count: 'many' | 'exactly-one';
  /** Which services its hosts run, as a tag that people and the pipeline read. */
  services: readonly string[];
  imageId: pulumi.Input<string>;
  /** Plain text, at most 16,384 bytes; encoded here. */
  userData: pulumi.Input<string>;
  subnetIds: pulumi.Input<pulumi.Input<string>[]>;
  securityGroupIds: pulumi.Input<pulumi.Input<string>[]>;
  access: Given<HostAccess>;
  /** `requestLabel`: for scaling on requests, from the balancer. Null: nobody connects to these hosts. */
  balancer: { targetGroupArn: pulumi.Input<string>; requestLabel: pulumi.Input<string> } | null;
};

/**
 * Hosts of the app: a launch template and an auto-scaling group; the same class is the fleet of many and a group of one.
 *
 * Who owns what after creation:
 * - Pulumi: the launch template (each change is a new version that nobody runs yet), size bounds, subnets, health check,
 *   hook, policies, tags of the group.
 * - `lockstep replace`: which template version the group launches, since it verifies what the version makes. `up` ignores
 *   it, or a scale-out would run what nobody verified. The provider's own instance refresh isn't used: it doesn't wait.
 * - A roll: suspended processes (ReplaceUnhealthy while hosts restart). `up` ignores them, or it would resume them midway.
 * - Target tracking: desired capacity. It is left out, or an `up` would reset a group that is scaled out.
 *
 * Holds no data. Replaced by: another name (app or environment renamed); everything else changes in place, and reaches
 * hosts by `lockstep replace`. Give mount targets and endpoints as `dependsOn`: hosts boot as soon as the group is there.
 */
export class Fleet extends pulumi.ComponentResource {
  readonly groupName: pulumi.Output<string>;
  readonly launchTemplateId: pulumi.Output<string>;
  /** The newest; what hosts run is the group's own. */
  readonly launchTemplateVersion: pulumi.Output<string>;

  constructor(name: string, args: FleetArgs, options?: pulumi.ComponentResourceOptions) {
    super('lockstep:infra:Fleet', name, {}, options);
    const { stack } = args;
    const groupName = physicalName(stack, name, 255);
    const policies = planPolicies(stack, groupName, args.access);
    const role = new HostRole(`${name}-host`, { stack, part: `${name}-host`, policies }, { parent: this });
    const template = this.createTemplate(name, args, role);
    const group = this.createGroup(name, args, groupName, { role, template });
    this.keepHook(name, args, group);
    if (args.count === 'many') this.scale(name, args, group);
    this.groupName = group.name;
    this.launchTemplateId = template.id;
    this.launchTemplateVersion = template.latestVersion.apply(String);
    this.registerOutputs({ groupName: this.groupName, launchTemplateVersion: this.launchTemplateVersion });
  }

  private createTemplate(name: string, args: FleetArgs, role: HostRole): aws.ec2.LaunchTemplate {
    const { settings, stack } = args;
    const tags: Stack['tags'] = {
      ...stack.tags,
      Name: physicalName(stack, name, 128),
      Services: args.services.join(' '),
    };
    return new aws.ec2.LaunchTemplate(
      `${name}-launch-template`,
      {
        name: physicalName(stack, name, 125),
        imageId: args.imageId,
        instanceType: settings.instanceType,
        iamInstanceProfile: { arn: role.profileArn },
        // The group's name reaches the boot script as a tag in instance metadata. One hop: no container gets the role.
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
            securityGroups: args.securityGroupIds,
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
        userData: pulumi.output(args.userData).apply((text) => Buffer.from(text).toString('base64')),
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
    const { balancer, stack } = args;
    const tags: Stack['tags'] = { ...stack.tags, Name: groupName, Services: args.services.join(' ') };
    return new aws.autoscaling.Group(
      `${name}-group`,
      {
        name: groupName,
        ...planGroup(args),
        healthCheckType: balancer === null ? 'EC2' : 'ELB',
        vpcZoneIdentifiers: args.subnetIds,
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

  private scale(name: string, { balancer, settings }: FleetArgs, group: aws.autoscaling.Group): void {
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

function planPolicies(
  stack: Stack,
  groupName: string,
  access: Given<HostAccess>,
): Record<string, pulumi.Output<string>> {
  const { account, region } = stack.identity;
  const documents = pulumi.output(access).apply((known) =>
    planHostPolicies({
      app: stack.app,
      environment: stack.environment,
      hub: stack.hub,
      account,
      region,
      groupName,
      access: known,
    }),
  );
  return Object.fromEntries(policyNames.map((policy) => [policy, documents.apply((all) => all[policy])]));
}

/** Every text in it may be an output of another component. */
type Given<T> = T extends string
  ? pulumi.Input<string>
  : T extends object
    ? { readonly [Key in keyof T]: Given<T[Key]> }
    : T;

type TagSpecification = aws.types.input.ec2.LaunchTemplateTagSpecification;
type GroupTag = aws.types.input.autoscaling.GroupTag;
type TargetTracking = aws.types.input.autoscaling.PolicyTargetTrackingConfiguration;
