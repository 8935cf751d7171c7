import { accountPrincipal, onlyRoles, policy, type Statement } from '../aws/policy-document.ts';

/**
 * A key that signs: the hub's administrators manage it, one role signs with it, and every account of Lockstep
 * may read its public half. The denial counts for administrators too, unless they change this policy first,
 * which CloudTrail keeps.
 */
export function signingKeyPolicy(key: { hubAccount: string; signer: string; readers: string[] }): string {
  const { hubAccount, signer, readers } = key;
  const signerAccount = signer.split(':')[4] ?? hubAccount;
  return policy(
    administration(hubAccount),
    {
      Sid: 'NobodyElseSigns',
      Effect: 'Deny',
      Principal: '*',
      Action: 'kms:Sign',
      Resource: '*',
      Condition: { ArnNotEquals: { 'aws:PrincipalArn': signer } },
    },
    {
      Sid: 'Signs',
      Effect: 'Allow',
      Principal: accountPrincipal(signerAccount),
      Action: 'kms:Sign',
      Resource: '*',
      Condition: { ...onlyRoles(signer), StringEquals: { 'kms:SigningAlgorithm': 'ED25519_SHA_512' } },
    },
    {
      Sid: 'PublicHalf',
      Effect: 'Allow',
      Principal: accountPrincipal(hubAccount, ...readers),
      Action: ['kms:GetPublicKey', 'kms:DescribeKey'],
      Resource: '*',
    },
  );
}

/** The key of the state: who may write state may use it both ways, who may only read it may decrypt. */
export function stateKeyPolicy(key: { hubAccount: string; writers: string[]; readers: string[] }): string {
  const { hubAccount, writers, readers } = key;
  const accounts = (arns: string[]) =>
    accountPrincipal(...arns.map((arn) => arn.split(':')[4] ?? hubAccount));
  return policy(
    administration(hubAccount),
    {
      Sid: 'WriteState',
      Effect: 'Allow',
      Principal: accounts(writers),
      Action: ['kms:Decrypt', 'kms:Encrypt', 'kms:GenerateDataKey', 'kms:DescribeKey'],
      Resource: '*',
      Condition: onlyRoles(...writers),
    },
    {
      Sid: 'ReadState',
      Effect: 'Allow',
      Principal: accounts(readers),
      Action: ['kms:Decrypt', 'kms:DescribeKey'],
      Resource: '*',
      Condition: onlyRoles(...readers),
    },
  );
}

/** A key whose policy lets no administrator in can't be mended by anybody. */
function administration(account: string): Statement {
  return {
    Sid: 'Administration',
    Effect: 'Allow',
    Principal: accountPrincipal(account),
    Action: 'kms:*',
    Resource: '*',
  };
}
