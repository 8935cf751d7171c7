import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import { trustPolicy } from './trust-policy.ts';

export type GithubRoleArgs = {
  account: string;
  /** Physical name: other accounts' policies spell it. A change replaces the role. */
  roleName: string;
  /** The whole claim `sub` of the runs that may take it. */
  subject: string;
  description: string;
  policy: string;
  managedPolicyArns?: string[];
  permissionsBoundary?: pulumi.Input<string>;
  /** 3,600 to 43,200. */
  sessionSeconds?: number;
  tags: Record<string, string>;
};

/** A role that a workflow takes with GitHub's token, without any stored credential. */
export class GithubRole extends pulumi.ComponentResource {
  readonly arn: pulumi.Output<string>;

  constructor(name: string, args: GithubRoleArgs, options?: pulumi.ComponentResourceOptions) {
    super('lockstep:foundation:GithubRole', name, {}, options);
    const role = new aws.iam.Role(
      `${name}-role`,
      {
        name: args.roleName,
        description: args.description,
        assumeRolePolicy: trustPolicy(args.account, args.subject),
        maxSessionDuration: args.sessionSeconds ?? 3_600,
        ...((args.permissionsBoundary === undefined
          ? {}
          : { permissionsBoundary: args.permissionsBoundary }) satisfies Partial<aws.iam.RoleArgs>),
        tags: { ...args.tags, Name: args.roleName },
      },
      { parent: this },
    );
    new aws.iam.RolePolicy(
      `${name}-policy`,
      { name: 'lockstep', role: role.name, policy: args.policy },
      { parent: this },
    );
    (args.managedPolicyArns ?? []).forEach((policyArn) => {
      const known = policyArn.slice(policyArn.lastIndexOf('/') + 1).toLowerCase();
      new aws.iam.RolePolicyAttachment(`${name}-${known}`, { role: role.name, policyArn }, { parent: this });
    });
    this.arn = role.arn;
    this.registerOutputs({ arn: this.arn });
  }
}
