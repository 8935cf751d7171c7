import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import type { EnvironmentKey } from '../aws/environment-key.ts';
import { policy } from '../aws/policy-document.ts';
import { ServiceRole } from '../aws/service-role.ts';
import { parameterPath, physicalName } from '../stack/naming.ts';
import type { Stack } from '../stack/stack.ts';

export type FlowLogsArgs = {
  stack: Stack;
  vpcId: pulumi.Input<string>;
  retentionDays: number;
  key: Pick<EnvironmentKey, 'arn'>;
};

/**
 * Who talked to whom in a VPC, accepted and rejected, in CloudWatch Logs, under the environment's key. The
 * log group is replaced, and its lines lost, by a change of name only; protected, since after an intrusion it
 * is the evidence.
 */
export class FlowLogs extends pulumi.ComponentResource {
  constructor(name: string, args: FlowLogsArgs, options?: pulumi.ComponentResourceOptions) {
    super('lockstep:infra:FlowLogs', name, {}, options);
    const { stack } = args;
    const tags: Stack['tags'] = { ...stack.tags, Name: physicalName(stack, 'flow-logs', 128) };
    const group = new aws.cloudwatch.LogGroup(
      `${name}-group`,
      {
        name: parameterPath(stack, 'flow-logs'),
        retentionInDays: args.retentionDays,
        kmsKeyId: args.key.arn,
        tags,
      },
      { parent: this, protect: true },
    );
    const role = new ServiceRole(
      name,
      {
        stack,
        part: 'flow-logs',
        service: 'vpc-flow-logs.amazonaws.com',
        policies: { write: group.arn.apply(writePolicy) },
      },
      { parent: this },
    );
    new aws.ec2.FlowLog(
      `${name}-flow-log`,
      {
        vpcId: args.vpcId,
        trafficType: 'ALL',
        logDestinationType: 'cloud-watch-logs',
        logDestination: group.arn,
        iamRoleArn: role.arn,
        maxAggregationInterval: 600,
        tags,
      },
      { parent: this, dependsOn: [...role.policies] },
    );
    this.registerOutputs({});
  }
}

function writePolicy(groupArn: string): string {
  return policy(
    {
      Sid: 'Lines',
      Effect: 'Allow',
      Action: ['logs:CreateLogStream', 'logs:PutLogEvents', 'logs:DescribeLogStreams'],
      Resource: [groupArn, `${groupArn}:*`],
    },
    // It takes no narrower resource (Service Authorization Reference of CloudWatch Logs).
    { Sid: 'Groups', Effect: 'Allow', Action: 'logs:DescribeLogGroups', Resource: '*' },
  );
}
