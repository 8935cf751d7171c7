import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import type { EnvironmentKey } from '../aws/environment-key.ts';
import { policy } from '../aws/policy-document.ts';
import { physicalName } from '../stack/naming.ts';
import type { Stack } from '../stack/stack.ts';

export type AlarmTopicArgs = {
  stack: Stack;
  key: Pick<EnvironmentKey, 'arn'>;
  /** Whether identity.alarmAddress is told; its owner confirms by a link in the first mail. */
  email: boolean;
};

/**
 * Where alarms and the budget speak, encrypted with the environment's key. Holds nothing; replaced by a
 * change of name.
 */
export class AlarmTopic extends pulumi.ComponentResource {
  readonly arn: pulumi.Output<string>;

  constructor(name: string, args: AlarmTopicArgs, options?: pulumi.ComponentResourceOptions) {
    super('lockstep:infra:AlarmTopic', name, {}, options);
    const { stack, key, email } = args;
    const topic = new aws.sns.Topic(
      `${name}-topic`,
      { name: physicalName(stack, 'alarms', 256), kmsMasterKeyId: key.arn, tags: stack.tags },
      { parent: this },
    );
    new aws.sns.TopicPolicy(
      `${name}-policy`,
      { arn: topic.arn, policy: topic.arn.apply((arn) => renderTopicPolicy(arn, stack.identity.account)) },
      { parent: this },
    );
    if (email) {
      const address = stack.identity.alarmAddress;
      if (address === null) {
        throw new TypeError(
          'observability.email needs identity.alarmAddress. Add the address, or switch it off',
        );
      }
      new aws.sns.TopicSubscription(
        `${name}-email`,
        { topic: topic.arn, protocol: 'email', endpoint: address },
        { parent: this },
      );
    }
    this.arn = topic.arn;
    this.registerOutputs({ arn: this.arn });
  }
}

function renderTopicPolicy(arn: string, account: string): string {
  return policy(
    {
      Sid: 'AlarmsPublish',
      Effect: 'Allow',
      Action: 'sns:Publish',
      Resource: arn,
      Principal: { Service: ['cloudwatch.amazonaws.com', 'budgets.amazonaws.com'] },
      Condition: { StringEquals: { 'aws:SourceAccount': account } },
    },
    {
      Sid: 'NoPlainTransport',
      Effect: 'Deny',
      Action: 'sns:Publish',
      Resource: arn,
      Principal: '*',
      Condition: { Bool: { 'aws:SecureTransport': 'false' } },
    },
  );
}
