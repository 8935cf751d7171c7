import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import type { Network } from '../network/network.ts';
import type { ServedService } from '../settings/schema/public-service.ts';
import { physicalName } from '../stack/naming.ts';
import type { SharedSettings, Stack } from '../stack/stack.ts';
import type { Times } from '../times/derived-times.ts';
import { AccessLogBucket } from './access-log-bucket.ts';
import { Certificate, hostedZone } from './certificate.ts';
import { planTargetGroup } from './target-group.ts';

export type BalancerArgs = {
  stack: Stack;
  settings: SharedSettings['balancer'];
  times: Pick<Times, 'idleTimeoutSeconds' | 'deregistrationDelaySeconds'>;
  service: ServedService;
  network: Pick<Network, 'vpcId' | 'publicSubnetIds'>;
};

/** TEST-NET-1 of RFC 5737: an address that no request can come from. */
const nobody = '192.0.2.1/32';

/**
 * The only door from outside: https, and http that is sent there. Its security group lets the world in on 80
 * and 443; the way on to the hosts is opened by `HostSecurityGroup`, which knows both groups.
 *
 * Replaced by: another name (app or environment renamed). The target group is replaced by another port or
 * VPC; AWS names it, so that the new one exists before the old one goes. Not replaced by: subnets, TLS
 * policy, certificate, stickiness, times.
 *
 * The maintenance rule is off: it answers 503 to an address that doesn't exist. Switching it on means setting
 * its condition to 0.0.0.0/0 through the API (`modify-rule`); Pulumi ignores the condition after creation, so
 * an `up` neither switches it on nor off.
 *
 * @throws TypeError when settings ask for what the identity doesn't name.
 */
export class Balancer extends pulumi.ComponentResource {
  readonly arn: pulumi.Output<string>;
  readonly arnSuffix: pulumi.Output<string>;
  readonly dnsName: pulumi.Output<string>;
  readonly url: pulumi.Output<string>;
  readonly listenerArn: pulumi.Output<string>;
  readonly maintenanceRuleArn: pulumi.Output<string>;
  readonly certificateArn: pulumi.Output<string>;
  readonly securityGroupId: pulumi.Output<string>;
  readonly targetGroupArn: pulumi.Output<string>;
  readonly targetGroupArnSuffix: pulumi.Output<string>;
  /** What a fleet names to scale on requests per target; known only when the target group is in use. */
  readonly requestLabel: pulumi.Output<string>;

  constructor(name: string, args: BalancerArgs, options?: pulumi.ComponentResourceOptions) {
    super('lockstep:infra:Balancer', name, {}, options);
    const { stack } = args;
    const { group, open } = this.openDoor(name, args);
    const logs = new AccessLogBucket(
      `${name}-logs`,
      { stack, retentionDays: args.settings.accessLogDays },
      { parent: this },
    );
    const balancer = this.createBalancer(name, args, group, logs);
    const targets = new aws.lb.TargetGroup(
      `${name}-target-group`,
      {
        ...planTargetGroup(args),
        vpcId: args.network.vpcId,
        tags: { ...stack.tags, Name: physicalName(stack, args.service.name, 128) },
      },
      { parent: this },
    );
    this.certificateArn = this.chooseCertificate(name, args);
    const listener = this.listen(name, args, balancer, targets, open);
    this.maintenanceRuleArn = this.prepareMaintenance(name, stack, listener).arn;
    this.attachOptions(name, args, balancer);
    this.arn = balancer.arn;
    this.arnSuffix = balancer.arnSuffix;
    this.dnsName = balancer.dnsName;
    this.url = pulumi.output(`https://${stack.identity.domain}`);
    this.listenerArn = listener.arn;
    this.securityGroupId = group.id;
    this.targetGroupArn = targets.arn;
    this.targetGroupArnSuffix = targets.arnSuffix;
    // Through the listener: the scaling policy is refused for a target group that no listener uses.
    this.requestLabel = pulumi
      .all([balancer.arnSuffix, targets.arnSuffix, listener.arn])
      .apply(([balancerSuffix, targetsSuffix]) => `${balancerSuffix}/${targetsSuffix}`);
    this.registerOutputs({ arn: this.arn, url: this.url, targetGroupArn: this.targetGroupArn });
  }

  private openDoor(name: string, { stack, network: { vpcId } }: BalancerArgs) {
    const tags: Stack['tags'] = { ...stack.tags, Name: physicalName(stack, 'balancer', 128) };
    const group = new aws.ec2.SecurityGroup(
      `${name}-security-group`,
      { vpcId, description: 'Balancer: the world on 80 and 443, hosts on the port of the app', tags },
      { parent: this },
    );
    const open = [80, 443].map(
      (port) =>
        new aws.vpc.SecurityGroupIngressRule(
          `${name}-from-world-${port}`,
          {
            securityGroupId: group.id,
            description: port === 80 ? 'HTTP, redirected to HTTPS' : 'HTTPS',
            cidrIpv4: '0.0.0.0/0',
            ipProtocol: 'tcp',
            fromPort: port,
            toPort: port,
            tags: stack.tags,
          },
          { parent: this },
        ),
    );
    return { group, open };
  }

  private createBalancer(
    name: string,
    { stack, settings, times, network }: BalancerArgs,
    group: aws.ec2.SecurityGroup,
    logs: AccessLogBucket,
  ): aws.lb.LoadBalancer {
    return new aws.lb.LoadBalancer(
      `${name}-load-balancer`,
      {
        name: physicalName(stack, 'balancer', 32),
        loadBalancerType: 'application',
        internal: false,
        ipAddressType: 'ipv4',
        subnets: network.publicSubnetIds,
        securityGroups: [group.id],
        idleTimeout: times.idleTimeoutSeconds,
        dropInvalidHeaderFields: true,
        desyncMitigationMode: 'defensive',
        enableDeletionProtection: settings.deletionProtection,
        accessLogs: { bucket: logs.bucket, enabled: true },
        tags: { ...stack.tags, Name: physicalName(stack, 'balancer', 128) },
      },
      { parent: this, protect: settings.deletionProtection, dependsOn: [logs.policy] },
    );
  }

  private chooseCertificate(name: string, { stack, settings }: BalancerArgs): pulumi.Output<string> {
    if (settings.certificate === 'requested') {
      return new Certificate(`${name}-certificate`, { stack }, { parent: this }).arn;
    }
    return pulumi.output(needed(stack.identity.certificate, 'balancer.certificate: given', 'certificate'));
  }

  private listen(
    name: string,
    { stack, settings }: BalancerArgs,
    balancer: aws.lb.LoadBalancer,
    targets: aws.lb.TargetGroup,
    open: pulumi.Resource[],
  ): aws.lb.Listener {
    const tags: Stack['tags'] = { ...stack.tags, Name: physicalName(stack, 'balancer', 128) };
    const redirect: aws.types.input.lb.ListenerDefaultActionRedirect = {
      protocol: 'HTTPS',
      port: '443',
      statusCode: 'HTTP_301',
    };
    new aws.lb.Listener(
      `${name}-http`,
      {
        loadBalancerArn: balancer.arn,
        port: 80,
        protocol: 'HTTP',
        defaultActions: [{ type: 'redirect', redirect }],
        tags,
      },
      { parent: this },
    );
    return new aws.lb.Listener(
      `${name}-https`,
      {
        loadBalancerArn: balancer.arn,
        port: 443,
        protocol: 'HTTPS',
        sslPolicy: settings.tlsPolicy,
        certificateArn: this.certificateArn,
        defaultActions: [{ type: 'forward', targetGroupArn: targets.arn }],
        tags,
      },
      { parent: this, dependsOn: open },
    );
  }

  private prepareMaintenance(name: string, stack: Stack, listener: aws.lb.Listener): aws.lb.ListenerRule {
    const fixedResponse: aws.types.input.lb.ListenerRuleActionFixedResponse = {
      contentType: 'text/plain',
      messageBody: 'Down for maintenance. Please try again in a few minutes.',
      statusCode: '503',
    };
    return new aws.lb.ListenerRule(
      `${name}-maintenance`,
      {
        listenerArn: listener.arn,
        priority: 1,
        actions: [{ type: 'fixed-response', fixedResponse }],
        conditions: [{ sourceIp: { values: [nobody] } }],
        tags: { ...stack.tags, Name: physicalName(stack, 'maintenance', 128) },
      },
      { parent: this, ignoreChanges: ['conditions'] },
    );
  }

  private attachOptions(
    name: string,
    { stack, settings }: BalancerArgs,
    balancer: aws.lb.LoadBalancer,
  ): void {
    if (settings.webAcl) {
      const webAclArn = needed(stack.identity.webAcl, 'balancer.webAcl', 'webAcl');
      new aws.wafv2.WebAclAssociation(
        `${name}-web-acl`,
        { resourceArn: balancer.arn, webAclArn },
        { parent: this },
      );
    }
    if (settings.dnsRecord) {
      new aws.route53.Record(
        `${name}-record`,
        {
          zoneId: hostedZone(stack),
          name: stack.identity.domain,
          type: 'A',
          aliases: [{ name: balancer.dnsName, zoneId: balancer.zoneId, evaluateTargetHealth: true }],
        },
        { parent: this },
      );
    }
  }
}

function needed(value: string | null, setting: string, key: 'certificate' | 'webAcl'): string {
  if (value !== null) return value;
  throw new TypeError(`${setting} needs identity.${key}. Add its ARN`);
}
