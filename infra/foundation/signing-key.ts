import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';

export type SigningKeyArgs = {
  alias: string;
  description: string;
  policy: string;
  tags: Record<string, string>;
};

/**
 * An Ed25519 key that never leaves KMS. Asymmetric keys can't rotate by themselves. A change of spec or usage
 * replaces it, and then nothing that it signed is believed any more: it is protected, and kept when it leaves
 * the program.
 */
export class SigningKey extends pulumi.ComponentResource {
  readonly arn: pulumi.Output<string>;
  readonly aliasArn: pulumi.Output<string>;

  constructor(name: string, args: SigningKeyArgs, options?: pulumi.ComponentResourceOptions) {
    super('lockstep:foundation:SigningKey', name, {}, options);
    const key = new aws.kms.Key(
      `${name}-key`,
      {
        description: args.description,
        customerMasterKeySpec: 'ECC_NIST_EDWARDS25519',
        keyUsage: 'SIGN_VERIFY',
        deletionWindowInDays: 30,
        policy: args.policy,
        tags: { ...args.tags, Name: args.alias.replace('alias/', '') },
      },
      { parent: this, protect: true, retainOnDelete: true },
    );
    const alias = new aws.kms.Alias(
      `${name}-alias`,
      { name: args.alias, targetKeyId: key.keyId },
      { parent: this, protect: true },
    );
    this.arn = key.arn;
    this.aliasArn = alias.arn;
    this.registerOutputs({ arn: this.arn, aliasArn: this.aliasArn });
  }
}
