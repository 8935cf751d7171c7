import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import { physicalName } from '../stack/naming.ts';
import { boundaryArn } from '../stack/role-names.ts';
import type { Stack } from '../stack/stack.ts';
import { assumedBy } from './policy-document.ts';

export type ServiceRoleArgs = {
  stack: Stack;
  /** What it is for; its physical name ends with it. */
  part: string;
  service: 'ec2.amazonaws.com' | 'vpc-flow-logs.amazonaws.com';
  /** Name of an inline policy -> its text. */
  policies: Readonly<Record<string, pulumi.Input<string>>>;
};

/**
 * A role that a service of AWS takes for this environment. It stands below the boundary that the foundation
 * made, without which the cloud program may create none: whatever its policies come to say, the boundary is
 * the most that it can do.
 */
export class ServiceRole extends pulumi.ComponentResource {
  readonly name: pulumi.Output<string>;
  readonly arn: pulumi.Output<string>;
  /** All of them must exist before the role is used, or its first calls may fail. */
  readonly policies: readonly aws.iam.RolePolicy[];

  constructor(name: string, args: ServiceRoleArgs, options?: pulumi.ComponentResourceOptions) {
    super('lockstep:infra:ServiceRole', name, {}, options);
    const { stack, part, service } = args;
    const { account } = stack.identity;
    const role = new aws.iam.Role(
      `${name}-role`,
      {
        name: physicalName(stack, part, 64),
        // EC2 doesn't say for which account it asks; instances take only roles of their own (IAM: "Confused
        // deputy").
        assumeRolePolicy: assumedBy(service, service === 'ec2.amazonaws.com' ? null : account),
        permissionsBoundary: boundaryArn(account, stack.app, stack.environment),
        tags: { ...stack.tags, Name: physicalName(stack, part, 128) },
      },
      { parent: this },
    );
    this.policies = Object.entries(args.policies).map(
      ([policy, text]) =>
        new aws.iam.RolePolicy(
          `${name}-${policy}`,
          { name: policy, role: role.name, policy: text },
          { parent: this },
        ),
    );
    this.name = role.name;
    this.arn = role.arn;
    this.registerOutputs({ arn: this.arn });
  }
}
