/** IAM's language, as far as this project speaks it. Plain data; `JSON.stringify` makes it what AWS takes. */
export type Statement = {
  Sid: string;
  Effect: 'Allow' | 'Deny';
  Principal?: '*' | Record<string, string | string[]>;
  Action?: string | string[];
  NotAction?: string[];
  Resource?: string | string[];
  NotResource?: string | string[];
  Condition?: Record<string, Record<string, string | string[]>>;
};
export type PolicyDocument = { Version: '2012-10-17'; Statement: Statement[] };

export function policy(...statements: Statement[]): string {
  const document: PolicyDocument = { Version: '2012-10-17', Statement: statements };
  return JSON.stringify(document);
}

/**
 * Who may assume a role: one AWS service, and only for this account where the service says for which it acts.
 */
export function assumedBy(service: string, forAccount: string | null): string {
  return policy({
    Sid: 'OneService',
    Effect: 'Allow',
    Principal: { Service: service },
    Action: 'sts:AssumeRole',
    ...((forAccount === null
      ? {}
      : { Condition: { StringEquals: { 'aws:SourceAccount': forAccount } } }) satisfies Partial<Statement>),
  });
}

/**
 * A whole account; which of its roles, a condition says. A role that doesn't exist yet can't be a principal.
 */
export function accountPrincipal(...accounts: string[]): { AWS: string[] } {
  return { AWS: [...new Set(accounts)].map((account) => `arn:aws:iam::${account}:root`) };
}

export const onlyRoles = (...arns: string[]): NonNullable<Statement['Condition']> => ({
  ArnEquals: { 'aws:PrincipalArn': arns },
});

/** For every bucket: nothing over plain HTTP, nothing below TLS 1.2. */
export function tlsOnly(bucketArn: string): Statement[] {
  const common = {
    Effect: 'Deny',
    Principal: '*',
    Action: 's3:*',
    Resource: [bucketArn, `${bucketArn}/*`],
  } satisfies Partial<Statement>;
  return [
    {
      Sid: 'TlsOnly',
      ...common,
      Condition: { Bool: { 'aws:SecureTransport': 'false' } },
    },
    {
      Sid: 'Tls12',
      ...common,
      Condition: { NumericLessThan: { 's3:TlsVersion': '1.2' } },
    },
  ];
}
