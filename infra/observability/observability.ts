import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import type { EnvironmentKey } from '../aws/environment-key.ts';
import type { Balancer } from '../balancer/balancer.ts';
import type { Files } from '../files/files.ts';
import type { Fleet } from '../hosts/fleet.ts';
import type { Llm } from '../model/llm.ts';
import type { Redis } from '../redis/redis.ts';
import { physicalName } from '../stack/naming.ts';
import type { SharedSettings, Stack } from '../stack/stack.ts';
import type { Alarm } from './alarm.ts';
import { AlarmTopic } from './alarm-topic.ts';
import { planAlarms } from './alarms.ts';
import { renderDashboard, type ShownAlarm } from './dashboard.ts';

export type ObservabilityArgs = {
  stack: Stack;
  settings: Pick<SharedSettings, 'observability' | 'fleet' | 'redis' | 'files' | 'llm'>;
  key: Pick<EnvironmentKey, 'arn'>;
  balancer: Pick<Balancer, 'arnSuffix' | 'targetGroupArnSuffix' | 'certificateArn'>;
  fleets: readonly Pick<Fleet, 'group' | 'groupName'>[];
  redis: Pick<Redis, 'replicationGroupId'> | null;
  files: Pick<Files, 'fileSystemId'> | null;
  llm: Pick<Llm, 'host'>;
};

const silence = { fine: 'notBreaching', wrong: 'breaching', unknown: 'missing' } as const;
const comparison = { above: 'GreaterThanThreshold', below: 'LessThanThreshold' } as const;

/**
 * Alarms on what users notice first, sent to one topic, and one dashboard that reads like a status page.
 * Nothing here holds data; log groups are made before the hosts, by `LogGroups`.
 */
export class Observability extends pulumi.ComponentResource {
  readonly topicArn: pulumi.Output<string>;
  readonly dashboardName: string;

  constructor(name: string, args: ObservabilityArgs, options?: pulumi.ComponentResourceOptions) {
    super('lockstep:infra:Observability', name, {}, options);
    const { stack, settings, key, fleets } = args;
    const { email } = settings.observability;
    this.topicArn = new AlarmTopic(`${name}-topic`, { stack, key, email }, { parent: this }).arn;
    const groups = fleets.map(({ group }) => group.name);
    const targets = targetsOf(args);
    const shown = planAlarms(settings, groups).map((alarm) => this.watch(name, stack, alarm, targets));
    this.dashboardName = physicalName(stack, '', 255);
    const { region } = stack.identity;
    const { app, environment } = stack;
    new aws.cloudwatch.Dashboard(
      `${name}-dashboard`,
      {
        dashboardName: this.dashboardName,
        dashboardBody: pulumi
          .all(shown)
          .apply((known) => renderDashboard({ app, environment, region, alarms: known })),
      },
      { parent: this },
    );
    this.registerOutputs({ topicArn: this.topicArn, dashboardName: this.dashboardName });
  }

  private watch(name: string, stack: Stack, alarm: Alarm, targets: Targets): pulumi.Output<ShownAlarm> {
    const dimensions = Object.fromEntries(
      Object.entries(alarm.dimensions).map(([key, { target, suffix = '' }]) => {
        return [key, pulumi.interpolate`${targetOf(targets, target)}${suffix}`];
      }),
    );
    const { statistic } = alarm;
    const resource = new aws.cloudwatch.MetricAlarm(
      `${name}-${alarm.key}`,
      {
        name: physicalName(stack, alarm.key, 255),
        alarmDescription: `${alarm.title}. ${alarm.advice}`,
        namespace: alarm.namespace,
        metricName: alarm.metric,
        dimensions,
        ...((statistic.startsWith('p')
          ? { extendedStatistic: statistic, evaluateLowSampleCountPercentiles: 'ignore' }
          : { statistic }) satisfies Partial<aws.cloudwatch.MetricAlarmArgs>),
        period: alarm.periodSeconds,
        evaluationPeriods: alarm.periods,
        comparisonOperator: comparison[alarm.rings],
        threshold: alarm.threshold,
        treatMissingData: silence[alarm.silence],
        alarmActions: [this.topicArn],
        okActions: [this.topicArn],
        tags: stack.tags,
      },
      { parent: this },
    );
    return pulumi
      .all([resource.arn, pulumi.all(dimensions)])
      .apply(([arn, known]) => ({ alarm, arn, dimensions: known }));
  }
}

type Targets = ReadonlyMap<string, pulumi.Input<string>>;

/** What alarms look at, under the names of `planAlarms`. */
function targetsOf({ balancer, fleets, redis, files, llm }: ObservabilityArgs): Targets {
  const targets = new Map<string, pulumi.Input<string>>([
    ['balancer', balancer.arnSuffix],
    ['targets', balancer.targetGroupArnSuffix],
    ['certificate', balancer.certificateArn],
  ]);
  for (const { group, groupName } of fleets) targets.set(`group:${group.name}`, groupName);
  if (redis !== null) targets.set('redis', redis.replicationGroupId);
  if (files !== null) targets.set('files', files.fileSystemId);
  if (llm.host !== null) {
    targets.set('llm', llm.host.groupName);
    targets.set('llm-balancer', llm.host.loadBalancerSuffix);
    targets.set('llm-targets', llm.host.targetGroupSuffix);
  }
  return targets;
}

/** @throws TypeError for what an alarm looks at and nobody gave */
function targetOf(targets: Targets, target: string): pulumi.Input<string> {
  const found = targets.get(target);
  if (found !== undefined) return found;
  throw new TypeError(`observability: an alarm looks at ${target}, which is not given`);
}
