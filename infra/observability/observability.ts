import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import { physicalName } from '../stack/naming.ts';
import type { SharedSettings, Stack } from '../stack/stack.ts';
import type { Alarm } from './alarm.ts';
import { AlarmTopic } from './alarm-topic.ts';
import { planAlarms } from './alarms.ts';
import { renderDashboard, type ShownAlarm } from './dashboard.ts';

export type ObservabilityArgs = {
  stack: Stack;
  settings: Pick<SharedSettings, 'observability' | 'fleet' | 'redis' | 'files' | 'llm'>;
  keyArn: pulumi.Input<string>;
  /** Names of the auto-scaling groups of hosts, by their logical names; not the model's. */
  groups: Readonly<Record<string, pulumi.Input<string>>>;
  /** What the other alarms look at: see `planAlarms`. What the settings leave out need not be there. */
  targets: {
    /** ARN suffixes. */
    balancer: pulumi.Input<string>;
    targets: pulumi.Input<string>;
    certificate: pulumi.Input<string>;
    redis?: pulumi.Input<string> | undefined;
    files?: pulumi.Input<string> | undefined;
    llm?: pulumi.Input<string> | undefined;
    'llm-balancer'?: pulumi.Input<string> | undefined;
    'llm-targets'?: pulumi.Input<string> | undefined;
  };
};

const silence = { fine: 'notBreaching', wrong: 'breaching', unknown: 'missing' } as const;
const comparison = { above: 'GreaterThanThreshold', below: 'LessThanThreshold' } as const;

/**
 * Whoever has to know is told: alarms on what users notice first, to one topic, and one dashboard that reads like a status page.
 * Nothing here holds data; log groups are made before the hosts, by `LogGroups`.
 */
export class Observability extends pulumi.ComponentResource {
  readonly topicArn: pulumi.Output<string>;
  readonly dashboardName: string;

  constructor(name: string, args: ObservabilityArgs, options?: pulumi.ComponentResourceOptions) {
    super('lockstep:infra:Observability', name, {}, options);
    const { stack, settings, keyArn, groups } = args;
    const { email } = settings.observability;
    this.topicArn = new AlarmTopic(`${name}-topic`, { stack, keyArn, email }, { parent: this }).arn;
    const alarms = planAlarms(settings, Object.keys(groups));
    const shown = alarms.map((alarm) => this.watch(name, args, alarm));
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

  private watch(name: string, args: ObservabilityArgs, alarm: Alarm): pulumi.Output<ShownAlarm> {
    const dimensions = Object.fromEntries(
      Object.entries(alarm.dimensions).map(([key, { target, suffix = '' }]) => {
        return [key, pulumi.interpolate`${targetOf(args, target)}${suffix}`];
      }),
    );
    const { statistic } = alarm;
    const resource = new aws.cloudwatch.MetricAlarm(
      `${name}-${alarm.key}`,
      {
        name: physicalName(args.stack, alarm.key, 255),
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
        tags: args.stack.tags,
      },
      { parent: this },
    );
    return pulumi
      .all([resource.arn, pulumi.all(dimensions)])
      .apply(([arn, known]) => ({ alarm, arn, dimensions: known }));
  }
}

/** @throws TypeError for what an alarm looks at and nobody gave */
function targetOf({ groups, targets }: ObservabilityArgs, target: string): pulumi.Input<string> {
  const known: Readonly<Record<string, pulumi.Input<string> | undefined>> = {
    ...targets,
    ...Object.fromEntries(Object.entries(groups).map(([group, value]) => [`group:${group}`, value])),
  };
  const found = known[target];
  if (found === undefined)
    throw new TypeError(`observability: an alarm looks at ${target}, which is not given`);
  return found;
}
