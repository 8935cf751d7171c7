import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import { parameterPath } from '../stack/naming.ts';
import type { SharedSettings, Stack } from '../stack/stack.ts';
import type { EnvironmentKey } from './environment-key.ts';

export type ParametersArgs = {
  stack: Stack;
  app: Pick<SharedSettings['app'], 'env' | 'secrets'>;
  key: Pick<EnvironmentKey, 'arn'>;
  /** What infrastructure gives the app, by the names of the bindings. */
  bindings: Readonly<Record<string, pulumi.Input<string>>>;
};

/**
 * What stands under `/lockstep/<app>/<environment>/`: `bindings/NAME` and `env/NAME` in Parameter Store,
 * `secrets/NAME` in Secrets Manager. Bindings and env hold nothing secret, so they are plain and a preview
 * shows them. Of a secret only the container is made here, encrypted with the environment's key: its value
 * comes by `lockstep secret set` and is never an input of this program. Version n bears the staging label
 * `v<n>`, by which hosts ask for it.
 *
 * Replaced by a change of name, which is the environment's. A secret is protected, and when it is deleted
 * nevertheless can be brought back for 30 days.
 */
export class Parameters extends pulumi.ComponentResource {
  /** Name of the secret -> ARN. */
  readonly secretArns: Readonly<Record<string, pulumi.Output<string>>>;
  readonly parameterArns: readonly pulumi.Output<string>[];

  constructor(name: string, args: ParametersArgs, options?: pulumi.ComponentResourceOptions) {
    super('lockstep:infra:Parameters', name, {}, options);
    const { stack, app, key, bindings } = args;
    // Shared values and the environment's own: a copy for whoever looks, since hosts take theirs from the
    // signed order.
    const env = { ...app.env, ...stack.identity.env };
    const written: aws.ssm.Parameter[] = [];
    for (const [variable, value] of Object.entries(bindings)) {
      written.push(this.write(name, stack, `bindings/${variable}`, value));
    }
    for (const [variable, value] of Object.entries(env)) {
      // Parameter Store takes no empty value: an empty one is absent.
      if (value !== '') written.push(this.write(name, stack, `env/${variable}`, value));
    }
    this.parameterArns = written.map(({ arn }) => arn);
    this.secretArns = Object.fromEntries(
      app.secrets.map((secretName) => {
        const secret = new aws.secretsmanager.Secret(
          `${name}-secret-${secretName}`,
          {
            name: parameterPath(stack, `secrets/${secretName}`),
            description: 'Set by `lockstep secret set`; only its container is declared',
            kmsKeyId: key.arn,
            recoveryWindowInDays: 30,
            tags: stack.tags,
          },
          { parent: this, protect: true },
        );
        return [secretName, secret.arn];
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
