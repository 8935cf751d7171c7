import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import { ServiceRole } from '../aws/service-role.ts';
import { physicalName } from '../stack/naming.ts';
import type { Stack } from '../stack/stack.ts';

export type HostRoleArgs = {
  stack: Stack;
  /** What the hosts are; physical names end with it. */
  part: string;
  /** Name of an inline policy -> its text. */
  policies: Readonly<Record<string, pulumi.Input<string>>>;
};

/** What a group's hosts may do, and the instance profile through which EC2 hands them the role. */
export class HostRole extends pulumi.ComponentResource {
  readonly profileArn: pulumi.Output<string>;
  /** All of them must exist before a host starts, or its boot may fail. */
  readonly policies: readonly aws.iam.RolePolicy[];

  constructor(name: string, args: HostRoleArgs, options?: pulumi.ComponentResourceOptions) {
    super('lockstep:infra:HostRole', name, {}, options);
    const { stack, part, policies } = args;
    const role = new ServiceRole(
      name,
      { stack, part, service: 'ec2.amazonaws.com', policies },
      { parent: this },
    );
    const profile = new aws.iam.InstanceProfile(
      `${name}-profile`,
      {
        name: physicalName(stack, part, 128),
        role: role.name,
        tags: { ...stack.tags, Name: physicalName(stack, part, 128) },
      },
      { parent: this },
    );
    this.profileArn = profile.arn;
    this.policies = role.policies;
    this.registerOutputs({ profileArn: this.profileArn });
  }
}
