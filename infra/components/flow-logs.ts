import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import { parameterPath, physicalName } from '../naming.ts';
import type { Stack } from '../stack.ts';

export type FlowLogsArgs = {
  stack: Stack;
  vpcId: pulumi.Input<string>;
  retentionDays: number;
  keyArn: pulumi.Input<string>;
};

/**
 * Who talked to whom in a VPC, accepted and rejected, in CloudWatch Logs, under the environment's key. The log group is
 * replaced, and its lines lost, by a change of name only; protected, since after an intrusion it is the evidence.
 */
export class FlowLogs extends pulumi.ComponentResource {
  constructor(name: string, args: FlowLogsArgs, options?: pulumi.ComponentResourceOptions) {
    super('lockstep:infra:FlowLogs', name, {}, options);
    const { stack } = args;
    const tags = { ...stack.tags, Name: physicalName(stack, 'flow-logs', 128) };
    const group = new aws.cloudwatch.LogGroup(
      `${name}-group`,
      {
        name: parameterPath(stack, 'flow-logs'),
        retentionInDays: args.retentionDays,
        kmsKeyId: args.keyArn,
        tags,
      },
      { parent: this, protect: true },
    );
    const role = new aws.iam.Role(
      `${name}-role`,
      {
        name: physicalName(stack, 'flow-logs', 64),
        assumeRolePolicy: JSON.stringify({
          Version: '2012-10-17',
          Statement: [
            {
              Effect: 'Allow',
              Principal: { Service: 'vpc-flow-logs.amazonaws.com' },
              Action: 'sts:AssumeRole',
              Condition: { StringEquals: { 'aws:SourceAccount': stack.identity.account } },
            },
          ],
        }),
        tags,
      },
      { parent: this },
    );
    const policy = new aws.iam.RolePolicy(
      `${name}-policy`,
      {
        role: role.name,
        policy: pulumi.jsonStringify({
          Version: '2012-10-17',
          Statement: [
            {
              Effect: 'Allow',
              Action: ['logs:CreateLogStream', 'logs:PutLogEvents', 'logs:DescribeLogStreams'],
              Resource: [group.arn, pulumi.interpolate`${group.arn}:*`],
            },
            // It takes no narrower resource (Service Authorization Reference of CloudWatch Logs).
            { Effect: 'Allow', Action: 'logs:DescribeLogGroups', Resource: '*' },
          ],
        }),
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
      { parent: this, dependsOn: [policy] },
    );
    this.registerOutputs({});
  }
}
