import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import { parameterPath } from '../stack/naming.ts';
import type { Stack } from '../stack/stack.ts';

export type ParametersArgs = {
  stack: Stack;
  keyArn: pulumi.Input<string>;
  /** What infrastructure gives the app, by the names of the bindings; a null is not written. */
  bindings: Readonly<Record<string, pulumi.Input<string> | null>>;
  /** Shared values and the environment's own: a copy for whoever looks, since hosts take theirs from the signed order. */
  env: Readonly<Record<string, string>>;
  /** Names of the app's secrets. */
  secrets: readonly string[];
};

/**
 * What stands under `/lockstep/<app>/<environment>/`: `bindings/NAME` and `env/NAME` in Parameter Store, `secrets/NAME`
 * in Secrets Manager. Bindings and env hold nothing secret, so they are plain and a preview shows them. Of a secret only the container is
 * made here, encrypted with the environment's key: its value comes by `lockstep secret set` and is never an input of this program.
 * Version n bears the staging label `v<n>`, by which hosts ask for it.
 *
 * Replaced by a change of name, which is the environment's. A secret is protected, and when it is deleted nevertheless
 * can be brought back for 30 days.
 */
export class Parameters extends pulumi.ComponentResource {
  /** Name of the secret -> ARN. */
  readonly secretArns: Readonly<Record<string, pulumi.Output<string>>>;
  readonly parameterArns: readonly pulumi.Output<string>[];

  constructor(name: string, args: ParametersArgs, options?: pulumi.ComponentResourceOptions) {
    super('lockstep:infra:Parameters', name, {}, options);
    const { stack, keyArn, bindings, env, secrets } = args;
    const written: aws.ssm.Parameter[] = [];
    for (const [key, value] of Object.entries(bindings)) {
      if (value !== null) written.push(this.write(name, stack, `bindings/${key}`, value));
    }
    for (const [key, value] of Object.entries(env)) {
      // Parameter Store knows no empty value: an empty one is absent.
      if (value !== '') written.push(this.write(name, stack, `env/${key}`, value));
    }
    this.parameterArns = written.map(({ arn }) => arn);
    this.secretArns = Object.fromEntries(
      secrets.map((key) => {
        const secret = new aws.secretsmanager.Secret(
          `${name}-secret-${key}`,
          {
            name: parameterPath(stack, `secrets/${key}`),
            description: 'Set by `lockstep secret set`; only its container is declared',
            kmsKeyId: keyArn,
            recoveryWindowInDays: 30,
            tags: stack.tags,
          },
          { parent: this, protect: true },
        );
        return [key, secret.arn];
      }),
    );
    this.registerOutputs({ secretArns: this.secretArns });
  }

  private write(name: string, stack: Stack, key: string, value: pulumi.Input<string>): aws.ssm.Parameter {
    return new aws.ssm.Parameter(
      `${name}-${key.replace('/', '-')}`,
      {
        name: parameterPath(stack, key),
        type: 'String',
        insecureValue: value,
        // Above 4 KiB a value needs the advanced tier, which costs; AWS picks it only then.
        tier: 'Intelligent-Tiering',
        tags: stack.tags,
      },
      { parent: this },
    );
  }
}
