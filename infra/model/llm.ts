import * as pulumi from '@pulumi/pulumi';
import type { EnvironmentKey } from '../aws/environment-key.ts';
import type { ModelEndpoint } from '../hosts/bindings.ts';
import type { Network } from '../network/network.ts';
import type { HostLlm } from '../settings/schema/llm-schema.ts';
import type { SharedSettings, Stack } from '../stack/stack.ts';
import type { Times } from '../times/derived-times.ts';
import { LlmBalancer } from './llm-balancer.ts';
import { LlmHost, type LogGroup } from './llm-host.ts';
import { LlmMirror } from './llm-mirror.ts';

export type LlmArgs = {
  stack: Stack;
  /** Where certificates come from, and which TLS the environment speaks, are settings of its balancer. */
  settings: Pick<SharedSettings, 'llm' | 'balancer'>;
  times: Pick<Times, 'llmIdleTimeoutSeconds' | 'llmHealthCheckGraceSeconds'>;
  key: Pick<EnvironmentKey, 'arn'>;
  network: Pick<Network, 'vpcId' | 'privateSubnetIds'>;
  /** Who may ask the model: security groups, by a name that is part of logical names. */
  clients: Readonly<Record<string, { id: pulumi.Input<string> }>>;
  /** `llm` for the server's own log: there with `mode: host`. */
  logs: { llm: LogGroup | null };
};

/**
 * The model that the app talks to: none, somebody else's, or one on a host of ours. The model's name and
 * address are bindings under the same names in every environment; another model in one of them is a listed
 * difference, or can't be.
 *
 * Of what it creates only the mirror of the weights is worth protecting; the rest is replaced without loss.
 */
export class Llm extends pulumi.ComponentResource {
  /** Null without a model. */
  readonly endpoint: ModelEndpoint | null;
  /** Only with a host of ours. */
  readonly host: {
    groupName: pulumi.Output<string>;
    loadBalancerSuffix: pulumi.Output<string>;
    targetGroupSuffix: pulumi.Output<string>;
  } | null = null;

  constructor(name: string, args: LlmArgs, options?: pulumi.ComponentResourceOptions) {
    super('lockstep:infra:Llm', name, {}, options);
    const { llm } = args.settings;
    if (llm.mode === 'host') {
      const { balancer, host } = this.create(name, llm, args);
      this.endpoint = { baseUrl: `https://${balancer.host}/v1`, model: llm.model };
      const { loadBalancerSuffix, targetGroupSuffix } = balancer;
      this.host = { groupName: host.groupName, loadBalancerSuffix, targetGroupSuffix };
    } else {
      this.endpoint = llm.mode === 'none' ? null : { baseUrl: llm.baseUrl, model: llm.model };
    }
    const { baseUrl, model } = this.endpoint ?? { baseUrl: null, model: null };
    this.registerOutputs({ baseUrl, model, groupName: this.host?.groupName });
  }

  private create(name: string, llm: HostLlm, args: LlmArgs): { balancer: LlmBalancer; host: LlmHost } {
    const { stack, settings, key, network, clients, logs } = args;
    const { llmIdleTimeoutSeconds, llmHealthCheckGraceSeconds } = args.times;
    if (llmIdleTimeoutSeconds === null || llmHealthCheckGraceSeconds === null) {
      throw new TypeError('llm.mode: host needs its times. Solve them from the same settings');
    }
    if (logs.llm === null) {
      throw new TypeError('llm.mode: host needs its log group. Create the log groups from the same settings');
    }
    const mirror = new LlmMirror(`${name}-mirror`, { stack, key }, { parent: this });
    const balancer = new LlmBalancer(
      `${name}-balancer`,
      {
        stack,
        llm,
        settings: settings.balancer,
        idleTimeoutSeconds: llmIdleTimeoutSeconds,
        network,
        clients,
      },
      { parent: this },
    );
    const host = new LlmHost(
      `${name}-host`,
      {
        stack,
        llm,
        key,
        network,
        mirror,
        balancer,
        logGroup: logs.llm,
        healthCheckGraceSeconds: llmHealthCheckGraceSeconds,
      },
      { parent: this, dependsOn: [balancer.listener] },
    );
    return { balancer, host };
  }
}
