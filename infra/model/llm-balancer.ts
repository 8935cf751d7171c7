import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import type { Network } from '../network/network.ts';
import type { HostLlm } from '../settings/schema/llm-schema.ts';
import { physicalName } from '../stack/naming.ts';
import type { SharedSettings, Stack } from '../stack/stack.ts';
import { LlmCertificate } from './llm-certificate.ts';
import { llmPort } from './llm-user-data.ts';

export type LlmBalancerArgs = {
  stack: Stack;
  llm: HostLlm;
  /** Of the environment's public balancer: both speak the same TLS, with certificates of one origin. */
  settings: Pick<SharedSettings['balancer'], 'certificate' | 'tlsPolicy'>;
  idleTimeoutSeconds: number;
  network: Pick<Network, 'vpcId' | 'privateSubnetIds'>;
  /** Who may ask the model: security groups, by a name that is part of logical names. */
  clients: Readonly<Record<string, { id: pulumi.Input<string> }>>;
};

/**
 * What keeps the model's address while its host comes and goes: an internal balancer under
 * `llm.<identity.domain>`.
 *
 * TLS without exception, by a certificate that clients trust already. A balancer's own `…elb.amazonaws.com`
 * name can have no certificate, and a private authority costs hundreds of dollars a month; so the name is one
 * below the environment's domain, where a public certificate can be proved, while the name itself exists in a
 * private zone of this VPC only. The hop to the host is TLS too, by a certificate that the host made for
 * itself.
 *
 * Nothing here holds data; replacing it costs minutes of the model.
 */
export class LlmBalancer extends pulumi.ComponentResource {
  readonly host: string;
  readonly securityGroupId: pulumi.Output<string>;
  readonly targetGroupArn: pulumi.Output<string>;
  readonly loadBalancerSuffix: pulumi.Output<string>;
  readonly targetGroupSuffix: pulumi.Output<string>;
  /** A target group without listener takes no targets: the host's group depends on it. */
  readonly listener: aws.lb.Listener;

  constructor(name: string, args: LlmBalancerArgs, options?: pulumi.ComponentResourceOptions) {
    super('lockstep:infra:LlmBalancer', name, {}, options);
    const { stack, llm, network } = args;
    const { vpcId } = network;
    this.host = `llm.${stack.identity.domain}`;
    const securityGroup = new aws.ec2.SecurityGroup(
      `${name}-security-group`,
      {
        description: 'The balancer of the model: from hosts, to the model host',
        vpcId,
        tags: { ...stack.tags, Name: physicalName(stack, 'llm-balancer', 255) },
      },
      { parent: this },
    );
    this.securityGroupId = securityGroup.id;
    this.letIn(name, args);
    const balancer = new aws.lb.LoadBalancer(
      `${name}-load-balancer`,
      {
        name: physicalName(stack, 'llm', 32),
        loadBalancerType: 'application',
        internal: true,
        dropInvalidHeaderFields: true,
        subnets: network.privateSubnetIds,
        securityGroups: [securityGroup.id],
        idleTimeout: args.idleTimeoutSeconds,
        tags: stack.tags,
      },
      { parent: this },
    );
    // No name: a changed port or protocol replaces it, and the listener must have the new one before the old
    // one goes.
    const targets = new aws.lb.TargetGroup(
      `${name}-targets`,
      {
        vpcId,
        targetType: 'instance',
        port: llmPort,
        protocol: 'HTTPS',
        healthCheck: {
          path: '/health',
          protocol: 'HTTPS',
          matcher: '200',
          interval: 15,
          timeout: 5,
          healthyThreshold: 2,
          unhealthyThreshold: 3,
        },
        deregistrationDelay: Math.min(llm.timeoutSeconds, 3_600),
        tags: { ...stack.tags, Name: physicalName(stack, 'llm', 255) },
      },
      { parent: this },
    );
    this.targetGroupArn = targets.arn;
    this.loadBalancerSuffix = balancer.arnSuffix;
    this.targetGroupSuffix = targets.arnSuffix;
    this.listener = this.listen(name, args, balancer, targets);
    this.nameIt(name, args, balancer);
    this.registerOutputs({ host: this.host, targetGroupArn: this.targetGroupArn });
  }

  private letIn(name: string, { stack, clients }: LlmBalancerArgs): void {
    for (const [client, { id }] of Object.entries(clients)) {
      new aws.vpc.SecurityGroupIngressRule(
        `${name}-from-${client}`,
        {
          securityGroupId: this.securityGroupId,
          referencedSecurityGroupId: id,
          ipProtocol: 'tcp',
          fromPort: 443,
          toPort: 443,
          description: `The model for ${client}`,
          tags: stack.tags,
        },
        { parent: this },
      );
    }
  }

  private listen(
    name: string,
    { stack, settings }: LlmBalancerArgs,
    balancer: aws.lb.LoadBalancer,
    targets: aws.lb.TargetGroup,
  ): aws.lb.Listener {
    const proof = new LlmCertificate(
      `${name}-certificate`,
      { stack, certificate: settings.certificate, host: this.host },
      { parent: this },
    );
    return new aws.lb.Listener(
      `${name}-listener`,
      {
        loadBalancerArn: balancer.arn,
        port: 443,
        protocol: 'HTTPS',
        sslPolicy: settings.tlsPolicy,
        certificateArn: proof.arn,
        defaultActions: [{ type: 'forward', targetGroupArn: targets.arn }],
        tags: stack.tags,
      },
      { parent: this },
    );
  }

  private nameIt(name: string, { stack, network }: LlmBalancerArgs, balancer: aws.lb.LoadBalancer): void {
    const { vpcId } = network;
    const zone = new aws.route53.Zone(
      `${name}-zone`,
      { name: this.host, comment: 'The model, inside of the VPC', vpcs: [{ vpcId }], tags: stack.tags },
      { parent: this },
    );
    new aws.route53.Record(
      `${name}-record`,
      {
        zoneId: zone.zoneId,
        name: this.host,
        type: 'A',
        aliases: [{ name: balancer.dnsName, zoneId: balancer.zoneId, evaluateTargetHealth: false }],
      },
      { parent: this },
    );
  }
}
