import { type Props, unknownYet } from '../../../../infra/policies/rule/declared.ts';
import { declared } from '../declared.ts';
import type { RuleExamples } from './rule-examples.ts';

const listener = 'aws:lb/listener:Listener';
const balancerType = 'aws:lb/loadBalancer:LoadBalancer';
const ingress = 'aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule';
const group = 'aws:ec2/securityGroup:SecurityGroup';
const template = 'aws:ec2/launchTemplate:LaunchTemplate';
const redirect = (protocol: string) => [{ type: 'redirect', redirect: { protocol, port: '443' } }];
const forward = [{ type: 'forward', targetGroupArn: 'arn' }];
const https = { protocol: 'HTTPS', sslPolicy: 'ELBSecurityPolicy-TLS13-1-2-2021-06', certificateArn: 'arn' };
const http = declared(listener, { protocol: 'HTTP', defaultActions: redirect('HTTPS') }, { name: 'http' });
const onHttp = (actions: unknown) =>
  declared('aws:lb/listenerRule:ListenerRule', { actions }, { references: { listenerArn: ['http'] } });

const world = (port: number, more: Props = {}) =>
  declared(
    ingress,
    { cidrIpv4: '0.0.0.0/0', ipProtocol: 'tcp', fromPort: port, toPort: port, ...more },
    { references: { securityGroupId: ['door'] } },
  );
const door = declared(group, {}, { name: 'door' });
const user = (type: string, input: string, props: Props = {}) =>
  declared(type, props, { name: `user-${type.split(':').at(-1)}`, references: { [input]: ['door'] } });
const publicBalancer = user(balancerType, 'securityGroups', { internal: false });

/** Who gets in, and by which protocol. */
export const exposureExamples: RuleExamples = {
  'tls-listeners': {
    refuses: [
      [
        'HTTP that forwards',
        [declared(listener, { protocol: 'HTTP', defaultActions: forward })],
        /without TLS.*Fix: protocol HTTPS/,
      ],
      [
        'a redirect to HTTP',
        [declared(listener, { protocol: 'HTTP', defaultActions: redirect('HTTP') })],
        /without TLS/,
      ],
      [
        'a redirect and a forward',
        [declared(listener, { protocol: 'HTTP', defaultActions: [...redirect('HTTPS'), ...forward] })],
        /without TLS/,
      ],
      [
        'HTTPS without a certificate',
        [declared(listener, { ...https, certificateArn: '' })],
        /no certificate/,
      ],
      [
        'HTTPS with the default policy',
        [declared(listener, { ...https, sslPolicy: undefined })],
        /sslPolicy is missing/,
      ],
      [
        'an old policy',
        [declared(listener, { ...https, sslPolicy: 'ELBSecurityPolicy-2016-08' })],
        /2016-08.*TLS 1\.3/,
      ],
      ['plain TCP', [declared(listener, { protocol: 'TCP' })], /protocol TCP/],
      [
        'a classic balancer',
        [
          declared('aws:elb/loadBalancer:LoadBalancer', {
            listeners: [{ lbPort: 80, lbProtocol: 'http' }],
          }),
        ],
        /port 80 speaks http/,
      ],
    ],
    accepts: [
      ['HTTPS', [declared(listener, https)]],
      ['a redirect to HTTPS', [http]],
      [
        'a certificate that is still to be made',
        [declared(listener, { ...https, certificateArn: unknownYet })],
      ],
    ],
  },
  'plain-listeners-only-redirect': {
    refuses: [['a rule that forwards', [http, onHttp(forward)], /on a listener without TLS/]],
    accepts: [
      ['a rule that redirects', [http, onHttp(redirect('HTTPS'))]],
      ['a rule of another listener', [declared(listener, https, { name: 'tls' }), onHttp(forward)]],
    ],
  },
  'world-only-on-web-ports': {
    refuses: [
      ['ssh', [world(22)], /0\.0\.0\.0\/0 gets in on tcp 22 to 22/],
      ['ssh over IPv6', [world(22, { cidrIpv4: undefined, cidrIpv6: '::/0' })], /::\/0/],
      ['every port', [world(443, { ipProtocol: '-1' })], /every port/],
      ['a range that begins with a web port', [world(80, { toPort: 8080 })], /80 to 8080/],
      ['half of the world', [world(6379, { cidrIpv4: '128.0.0.0/1' })], /128\.0\.0\.0\/1/],
      [
        'an inline rule',
        [
          declared(group, {
            ingress: [{ cidrBlocks: ['0.0.0.0/0'], protocol: 'tcp', fromPort: 22, toPort: 22 }],
          }),
        ],
        /tcp 22/,
      ],
      [
        'an old-style rule',
        [
          declared('aws:ec2/securityGroupRule:SecurityGroupRule', {
            type: 'ingress',
            ipv6CidrBlocks: ['::/0'],
            protocol: 'tcp',
            fromPort: 22,
            toPort: 22,
          }),
        ],
        /tcp 22/,
      ],
    ],
    accepts: [
      ['443 and 80', [world(443), world(80)]],
      ['a network of our own', [world(22, { cidrIpv4: '10.0.0.0/8' })]],
      [
        'a way out',
        [
          declared('aws:ec2/securityGroupRule:SecurityGroupRule', {
            type: 'egress',
            cidrBlocks: ['0.0.0.0/0'],
            protocol: '-1',
          }),
        ],
      ],
    ],
  },
  'world-only-to-public-balancers': {
    refuses: [
      [
        'a host in the group',
        [door, world(443), publicBalancer, user(template, 'networkInterfaces')],
        /lets the world in to user-LaunchTemplate/,
      ],
      [
        'an internal balancer',
        [door, world(443), user(balancerType, 'securityGroups', { internal: true })],
        /user-LoadBalancer/,
      ],
      ['a group that nobody uses yet', [door, world(443)], /no balancer of this stack/],
      ['a group of somebody else', [declared(ingress, world(443).props)], /no balancer of this stack/],
    ],
    accepts: [
      ['the public balancer', [door, world(443), world(80), publicBalancer]],
      ['a group that lets nobody in', [door, user(template, 'networkInterfaces')]],
      [
        'hosts that name the group to let it in',
        [door, world(443), publicBalancer, user(ingress, 'referencedSecurityGroupId')],
      ],
    ],
  },
  'no-public-address': {
    refuses: [
      [
        'a template',
        [declared(template, { networkInterfaces: [{ associatePublicIpAddress: 'true' }] })],
        /networkInterfaces\[0\]\.associatePublicIpAddress/,
      ],
      [
        'an instance',
        [declared('aws:ec2/instance:Instance', { associatePublicIpAddress: true })],
        /associatePublicIpAddress/,
      ],
      [
        'a database',
        [declared('aws:rds/instance:Instance', { publiclyAccessible: true })],
        /publiclyAccessible/,
      ],
    ],
    accepts: [
      [
        'a template without',
        [declared(template, { networkInterfaces: [{ associatePublicIpAddress: 'false' }] })],
      ],
    ],
  },
};
