import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import type { EnvironmentKey } from '../aws/environment-key.ts';
import { parameterPath } from '../stack/naming.ts';
import type { SharedSettings, Stack } from '../stack/stack.ts';

export type LogGroupsArgs = {
  stack: Stack;
  settings: Pick<SharedSettings, 'observability' | 'llm'>;
  key: Pick<EnvironmentKey, 'arn'>;
};

export type LogGroup = { name: string; arn: pulumi.Output<string> };

/**
 * Where hosts write. Made before them: a group that an agent makes by itself is kept for ever and is not
 * encrypted with the environment's key. Replaced, and its lines lost, by a change of name only; protected.
 */
export class LogGroups extends pulumi.ComponentResource {
  readonly hosts: LogGroup;
  /** Only with a model on a host of ours. */
  readonly llm: LogGroup | null;

  constructor(name: string, args: LogGroupsArgs, options?: pulumi.ComponentResourceOptions) {
    super('lockstep:infra:LogGroups', name, {}, options);
    this.hosts = this.create(name, args, 'hosts');
    this.llm = args.settings.llm.mode === 'host' ? this.create(name, args, 'llm') : null;
    this.registerOutputs({ hosts: this.hosts, llm: this.llm });
  }

  private create(name: string, { stack, settings, key }: LogGroupsArgs, part: string): LogGroup {
    const physical = parameterPath(stack, part);
    const group = new aws.cloudwatch.LogGroup(
      `${name}-${part}`,
      {
        name: physical,
        retentionInDays: settings.observability.logDays,
        kmsKeyId: key.arn,
        tags: stack.tags,
      },
      { parent: this, protect: true },
    );
    return { name: physical, arn: group.arn };
  }
}
