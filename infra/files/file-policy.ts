import { policy } from '../aws/policy-document.ts';

/** What clients of the network file system may be allowed at all: never `ClientRootAccess`. */
const clientActions = ['elasticfilesystem:ClientMount', 'elasticfilesystem:ClientWrite'];

/**
 * Who may mount a file system: principals of the account that IAM allows to (the hosts' role alone has these
 * actions), through the one access point, over TLS. Naming the role here would tie the policy to its unique
 * id: EFS then shuts out a role that was made again, and the role itself needs the file system's ARN first.
 * The denials hold whatever another policy allows.
 */
export function renderFilePolicy({
  account,
  fileSystem,
  accessPoint,
}: {
  account: string;
  /** ARNs. */
  fileSystem: string;
  accessPoint: string;
}): string {
  return policy(
    {
      Sid: 'WhomIamAllows',
      Effect: 'Allow',
      Principal: { AWS: `arn:aws:iam::${account}:root` },
      Action: clientActions,
      Resource: fileSystem,
      Condition: {
        StringEquals: { 'elasticfilesystem:AccessPointArn': accessPoint },
        Bool: { 'elasticfilesystem:AccessedViaMountTarget': 'true' },
      },
    },
    {
      Sid: 'NoPlainTransport',
      Effect: 'Deny',
      Principal: { AWS: '*' },
      Action: '*',
      Resource: fileSystem,
      Condition: { Bool: { 'aws:SecureTransport': 'false' } },
    },
    {
      // Also true where no access point is named at all.
      Sid: 'OnlyThroughTheAccessPoint',
      Effect: 'Deny',
      Principal: { AWS: '*' },
      Resource: fileSystem,
      Action: [...clientActions, 'elasticfilesystem:ClientRootAccess'],
      Condition: { StringNotEquals: { 'elasticfilesystem:AccessPointArn': accessPoint } },
    },
  );
}
