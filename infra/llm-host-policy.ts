/**
 * What the model's host may do, and nothing else: be managed, read its model, write its log and its metrics. The actions of
 * Systems Manager, EC2 tags and metrics know no resources (Service Authorization Reference); metrics are held by namespace.
 */
export function renderLlmHostPolicy({
  bucketArn,
  prefix,
  keyArn,
  logGroupArn,
}: {
  bucketArn: string;
  prefix: string;
  keyArn: string;
  logGroupArn: string;
}): string {
  const allow = (Sid: string, Action: string[], Resource: string | string[], Condition?: object) => ({
    ...{ Sid, Effect: 'Allow', Action, Resource },
    ...(Condition && { Condition }),
  });
  const channels = ['ControlChannel', 'DataChannel'];
  const session = channels.flatMap((channel) => [
    `ssmmessages:Create${channel}`,
    `ssmmessages:Open${channel}`,
  ]);
  const messages = ['ec2messages:AcknowledgeMessage', 'ec2messages:DeleteMessage', 'ec2messages:FailMessage'];
  return JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      allow('BeManaged', ['ssm:UpdateInstanceInformation', ...session, ...messages], '*'),
      allow(
        'GetMessages',
        ['ec2messages:GetEndpoint', 'ec2messages:GetMessages', 'ec2messages:SendReply'],
        '*',
      ),
      allow('ReadModel', ['s3:GetObject'], `${bucketArn}/${prefix}/*`),
      allow('ListModel', ['s3:ListBucket'], bucketArn, {
        StringLike: { 's3:prefix': [prefix, `${prefix}/*`] },
      }),
      allow('DecryptModel', ['kms:Decrypt'], keyArn),
      allow('WriteLog', ['logs:CreateLogStream', 'logs:PutLogEvents'], [logGroupArn, `${logGroupArn}:*`]),
      allow('KnowOwnGroup', ['ec2:DescribeTags'], '*'),
      allow('WriteMetrics', ['cloudwatch:PutMetricData'], '*', {
        StringEquals: { 'cloudwatch:namespace': 'CWAgent' },
      }),
    ],
  });
}
