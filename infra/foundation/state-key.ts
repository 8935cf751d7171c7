import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';

export type StateKeyArgs = { alias: string; policy: string; tags: Record<string, string> };

/**
 * Encrypts the state bucket and the engine's secrets in the state. Rotates by itself each year. Without it no
 * state can be read: it is protected, and kept when it leaves the program.
 */
export class StateKey extends pulumi.ComponentResource {
  readonly arn: pulumi.Output<string>;

  constructor(name: string, args: StateKeyArgs, options?: pulumi.ComponentResourceOptions) {
    super('lockstep:foundation:StateKey', name, {}, options);
    const key = new aws.kms.Key(
      `${name}-key`,
      {
        description: 'State of the cloud program, and the secrets in it',
        enableKeyRotation: true,
        deletionWindowInDays: 30,
        policy: args.policy,
        tags: { ...args.tags, Name: args.alias.replace('alias/', '') },
      },
      { parent: this, protect: true, retainOnDelete: true },
    );
    new aws.kms.Alias(
      `${name}-alias`,
      { name: args.alias, targetKeyId: key.keyId },
      { parent: this, protect: true },
    );
    this.arn = key.arn;
    this.registerOutputs({ arn: this.arn });
  }
}
