import { policy } from '../aws/policy-document.ts';

export const tokenIssuer = 'token.actions.githubusercontent.com';

function oidcProviderArn(account: string): string {
  return `arn:aws:iam::${account}:oidc-provider/${tokenIssuer}`;
}

/** Exactly one kind of run of exactly one repository takes the role: no wildcard in the subject. */
export function trustPolicy(account: string, subject: string): string {
  return policy({
    Sid: 'GitHub',
    Effect: 'Allow',
    Principal: { Federated: oidcProviderArn(account) },
    Action: 'sts:AssumeRoleWithWebIdentity',
    Condition: {
      StringEquals: { [`${tokenIssuer}:aud`]: 'sts.amazonaws.com', [`${tokenIssuer}:sub`]: subject },
    },
  });
}
