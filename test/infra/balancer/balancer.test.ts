import * as pulumi from '@pulumi/pulumi';
import { beforeAll, describe, expect, it } from 'vitest';
import { Balancer } from '../../../infra/balancer/balancer.ts';
import { recordGraph } from '../../../scripts/adapters/pulumi/graph-recorder.ts';
import type { Graph } from '../../../scripts/domain/plan/graph.ts';
import { exampleBase, exampleProviders, exampleStack, ofType } from '../../support/cloud/example-stack.ts';

const service = { port: 8080, healthPath: '/health', name: 'web' };
const times = { idleTimeoutSeconds: 40, deregistrationDelaySeconds: 30 };

function record(balancer: object, identity = {}) {
  const { app, balancer: settings } = exampleBase({ balancer });
  const web = app.services.web;
  if (web === undefined) throw new TypeError('no service');
  return recordGraph(() => {
    const made = new Balancer(
      'balancer',
      {
        stack: exampleStack(identity),
        settings,
        times,
        service: { ...web, ...service },
        network: {
          vpcId: pulumi.output('vpc-1'),
          publicSubnetIds: pulumi.output(['subnet-1', 'subnet-2']),
        },
      },
      exampleProviders(),
    );
    const { url, requestLabel, certificateArn } = made;
    return { url, requestLabel, certificateArn };
  });
}

describe('Balancer', () => {
  let graph: Graph;
  beforeAll(async () => {
    graph = await record({});
  });

  it('speaks https, and sends http there; only 80 and 443 are open', () => {
    const listeners = ofType(graph, 'Listener').map(({ inputs }) => inputs);
    expect(listeners).toHaveLength(2);
    expect(listeners).toContainEqual(
      expect.objectContaining({
        port: 443,
        protocol: 'HTTPS',
        sslPolicy: 'ELBSecurityPolicy-TLS13-1-2-2021-06',
      }),
    );
    expect(listeners).toContainEqual(
      expect.objectContaining({
        port: 80,
        defaultActions: [{ type: 'redirect', redirect: expect.objectContaining({ protocol: 'HTTPS' }) }],
      }),
    );
    const open = ofType(graph, 'SecurityGroupIngressRule').map(({ inputs }) => inputs.fromPort);
    expect(open.toSorted()).toEqual([443, 80]);
    expect(ofType(graph, 'SecurityGroupEgressRule')).toEqual([]);
  });

  it('has the maintenance rule switched off, and never switches it by itself', () => {
    const [rule] = ofType(graph, 'ListenerRule');
    expect(rule?.inputs).toMatchObject({ conditions: [{ sourceIp: { values: ['192.0.2.1/32'] } }] });
    expect(rule?.options).toMatchObject({ ignoreChanges: ['conditions'] });
  });

  it('protects itself and its logs', () => {
    const protectedOnes = graph.resources.filter(({ options }) => options.protect === true);
    expect(protectedOnes.map(({ name }) => name).sort()).toEqual([
      'balancer-load-balancer',
      'balancer-logs-bucket',
    ]);
    expect(ofType(graph, 'LoadBalancer')[0]?.inputs).toMatchObject({
      enableDeletionProtection: true,
      dropInvalidHeaderFields: true,
    });
  });

  it('asks for a certificate, proves it, and names itself where settings say so', async () => {
    const graph = await record(
      { certificate: 'requested', dnsRecord: true, webAcl: true },
      {
        certificate: null,
        hostedZone: 'Z0123456789ABC',
        webAcl: 'arn:aws:wafv2:eu-central-1:111122223333:regional/webacl/a/b',
      },
    );
    expect(
      ofType(graph, 'Record')
        .map(({ name }) => name)
        .sort(),
    ).toEqual(['balancer-certificate-proof', 'balancer-record']);
    expect(ofType(graph, 'WebAclAssociation')).toHaveLength(1);
    expect(ofType(graph, 'CertificateValidation')).toHaveLength(1);
  });

  it('says what the identity lacks', async () => {
    await expect(record({}, { certificate: null })).rejects.toMatchObject({
      details: expect.arrayContaining([expect.stringContaining('identity.certificate')]),
    });
  });

  it('takes the session cookie of the app where it has one', async () => {
    const graph = await record({ stickiness: { type: 'app_cookie', cookieName: 'session' } });
    expect(ofType(graph, 'TargetGroup')[0]?.inputs).toMatchObject({
      targetType: 'instance',
      stickiness: { enabled: true, type: 'app_cookie', cookieName: 'session', cookieDuration: 86_400 },
    });
  });
});
