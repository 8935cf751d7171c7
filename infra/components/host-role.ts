import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import { type HostAccess, planHostPolicies, policyNames } from '../host-policy.ts';
import { physicalName } from '../naming.ts';
import type { Stack } from '../stack.ts';

export type HostRoleArgs = {
  stack: Stack;
  groupName: string;
  access: Given<HostAccess>;
};

/** Every text in it may be an output of another component. */
type Given<T> = T extends string
  ? pulumi.Input<string>
  : T extends object
    ? { readonly [Key in keyof T]: Given<T[Key]> }
    : T;

/** What hosts of a group may do: `infra/host-policy.ts`, as inline policies of a role of their own. */
export class HostRole extends pulumi.ComponentResource {
  readonly name: pulumi.Output<string>;
  readonly arn: pulumi.Output<string>;
  readonly profileArn: pulumi.Output<string>;
  /** All of them stand before a host starts, or its boot would fail by chance. */
  readonly policies: readonly aws.iam.RolePolicy[];

  constructor(name: string, args: HostRoleArgs, options?: pulumi.ComponentResourceOptions) {
    super('lockstep:infra:HostRole', name, {}, options);
    const { groupName, stack } = args;
    const tags = { ...stack.tags, Name: physicalName(stack, name, 128) };
    const role = new aws.iam.Role(
      `${name}-role`,
      {
        name: physicalName(stack, name, 64),
        assumeRolePolicy: JSON.stringify({
          Version: '2012-10-17',
          Statement: [
            { Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' },
          ],
        }),
        tags,
      },
      { parent: this },
    );
    const { account, region } = stack.identity;
    const place = { app: stack.app, environment: stack.environment, hub: stack.hub, account, region };
    const documents = pulumi
      .output(args.access)
      .apply((access) => planHostPolicies({ ...place, groupName, access }));
    this.policies = policyNames.map(
      (policy) =>
        new aws.iam.RolePolicy(
          `${name}-${policy}`,
          { name: policy, role: role.name, policy: documents.apply((all) => all[policy]) },
          { parent: this },
        ),
    );
    const profile = new aws.iam.InstanceProfile(
      `${name}-profile`,
      { name: physicalName(stack, name, 128), role: role.name, tags },
      { parent: this },
    );
    this.name = role.name;
    this.arn = role.arn;
    this.profileArn = profile.arn;
    this.registerOutputs({ arn: this.arn });
  }
}
