import { policy } from '../aws/policy-document.ts';

/**
 * What the Systems Manager agent needs for commands and sessions: AWS's own AmazonSSMManagedInstanceCore
 * without `ssm:GetParameter` on everything, which would open all secrets of the account. These actions take
 * no resource.
 */
export const sessionPolicy = policy(
  {
    Sid: 'Agent',
    Effect: 'Allow',
    Action: [
      'ssm:UpdateInstanceInformation',
      'ssm:ListAssociations',
      'ssm:ListInstanceAssociations',
      'ssm:DescribeAssociation',
      'ssm:DescribeDocument',
      'ssm:GetDocument',
      'ssm:UpdateAssociationStatus',
      'ssm:UpdateInstanceAssociationStatus',
    ],
    Resource: '*',
  },
  {
    Sid: 'Channels',
    Effect: 'Allow',
    Action: [
      'ssmmessages:CreateControlChannel',
      'ssmmessages:CreateDataChannel',
      'ssmmessages:OpenControlChannel',
      'ssmmessages:OpenDataChannel',
    ],
    Resource: '*',
  },
  {
    Sid: 'Messages',
    Effect: 'Allow',
    Action: [
      'ec2messages:AcknowledgeMessage',
      'ec2messages:DeleteMessage',
      'ec2messages:FailMessage',
      'ec2messages:GetEndpoint',
      'ec2messages:GetMessages',
      'ec2messages:SendReply',
    ],
    Resource: '*',
  },
);
