import { policy } from '../aws/policy-document.ts';
import { metricNamespace } from '../hosts/host-metrics.ts';

/**
 * What the model's host may do besides being managed: read its model, write its log and its metrics. The
 * actions of EC2 tags and metrics know no resources (Service Authorization Reference); metrics are held by
 * namespace.
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
  return policy(
    { Sid: 'ReadModel', Effect: 'Allow', Action: 's3:GetObject', Resource: `${bucketArn}/${prefix}/*` },
    {
      Sid: 'ListModel',
      Effect: 'Allow',
      Action: 's3:ListBucket',
      Resource: bucketArn,
      Condition: { StringLike: { 's3:prefix': [prefix, `${prefix}/*`] } },
    },
    { Sid: 'DecryptModel', Effect: 'Allow', Action: 'kms:Decrypt', Resource: keyArn },
    {
      Sid: 'WriteLog',
      Effect: 'Allow',
      Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
      Resource: [logGroupArn, `${logGroupArn}:*`],
    },
    { Sid: 'KnowOwnGroup', Effect: 'Allow', Action: 'ec2:DescribeTags', Resource: '*' },
    {
      Sid: 'WriteMetrics',
      Effect: 'Allow',
      Action: 'cloudwatch:PutMetricData',
      Resource: '*',
      Condition: { StringEquals: { 'cloudwatch:namespace': metricNamespace } },
    },
  );
}
