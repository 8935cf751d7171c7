import * as pulumi from '@pulumi/pulumi';
import type { SharedSettings, Stack } from '../stack/stack.ts';
import { LlmBalancer } from './llm-balancer.ts';
import { LlmHost } from './llm-host.ts';
import { LlmMirror } from './llm-mirror.ts';

export type LlmArgs = {
  stack: Stack;
  llm: SharedSettings['llm'];
  /** Where certificates come from, and which TLS the environment speaks, are settings of its balancer. */
  balancer: Pick<SharedSettings['balancer'], 'certificate' | 'tlsPolicy'>;
  times: { llmIdleTimeoutSeconds: number | null; llmHealthCheckGraceSeconds: number | null };
  vpcId: pulumi.Input<string>;
  privateSubnetIds: pulumi.Input<pulumi.Input<string>[]>;
  /** Who may ask the model: the security groups of hosts, by a name that is part of logical names. */
  clients: Readonly<Record<string, pulumi.Input<string>>>;
  keyArn: pulumi.Input<string>;
  /** For the server's own log, with `mode: host`. */
  logGroup: { name: string; arn: pulumi.Input<string> };
};

/**
 * The model that the app talks to: none, somebody else's, or one on a host of ours. The model's name and address are bindings
 * under the same names in every environment; another model in one of them is a listed difference, or can't be.
 *
 * Of what it creates only the mirror of the weights is worth protecting; the rest is replaced without loss.
 */
export class Llm extends pulumi.ComponentResource {
  /** Ends in `/v1`, as OpenAI's clients want it. Null without a model. */
  readonly baseUrl: string | null;
  readonly model: string | null;
  /** Only with a host of ours. */
  readonly host: {
    groupName: pulumi.Output<string>;
    loadBalancerSuffix: pulumi.Output<string>;
    targetGroupSuffix: pulumi.Output<string>;
    mirrorBucket: pulumi.Output<string>;
  } | null = null;

  constructor(name: string, args: LlmArgs, options?: pulumi.ComponentResourceOptions) {
    super('lockstep:infra:Llm', name, {}, options);
    const { stack, llm, times, keyArn, vpcId, privateSubnetIds } = args;
    if (llm.mode === 'host') {
      const { llmIdleTimeoutSeconds, llmHealthCheckGraceSeconds } = times;
      if (llmIdleTimeoutSeconds === null || llmHealthCheckGraceSeconds === null) {
        throw new TypeError('llm.mode: host needs its times. Solve them from the same settings');
      }
      const mirror = new LlmMirror(`${name}-mirror`, { stack, keyArn }, { parent: this });
      const balancer = new LlmBalancer(
        `${name}-balancer`,
        {
          stack,
          llm,
          ...args.balancer,
          vpcId,
          privateSubnetIds,
          clients: args.clients,
          idleTimeoutSeconds: llmIdleTimeoutSeconds,
        },
        { parent: this },
      );
      const host = new LlmHost(
        `${name}-host`,
        {
          stack,
          llm,
          vpcId,
          privateSubnetIds,
          mirror,
          keyArn,
          logGroup: args.logGroup,
          balancerSecurityGroupId: balancer.securityGroupId,
          targetGroupArn: balancer.targetGroupArn,
          healthCheckGraceSeconds: llmHealthCheckGraceSeconds,
        },
        { parent: this, dependsOn: [balancer.listener] },
      );
      this.baseUrl = `https://${balancer.host}/v1`;
      this.model = llm.model;
      const { loadBalancerSuffix, targetGroupSuffix } = balancer;
      this.host = {
        groupName: host.groupName,
        loadBalancerSuffix,
        targetGroupSuffix,
        mirrorBucket: mirror.bucket,
      };
    } else {
      this.baseUrl = llm.mode === 'external' ? llm.baseUrl : null;
      this.model = llm.mode === 'external' ? llm.model : null;
    }
    this.registerOutputs({ baseUrl: this.baseUrl, model: this.model, groupName: this.host?.groupName });
  }
}
