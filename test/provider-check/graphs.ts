import { recordPackedStack } from '../../scripts/adapters/pulumi/stack-recorder.ts';
import type { Graph } from '../../scripts/domain/plan/graph.ts';
import { type Changes, exampleSubject } from '../support/cloud/example-settings.ts';
import { recordFoundation } from './wrong-value-cases.ts';

/**
 * Choices that neither stack of this repository makes. Planned alone: they name what an empty emulator
 * doesn't have.
 */
const otherChoices: Changes = {
  'identity.account': '777788889999',
  'identity.certificate': null,
  'identity.hostedZone': 'Z0123456789ABC',
  'identity.webAcl':
    'arn:aws:wafv2:eu-central-1:777788889999:regional/webacl/intake/00000000-0000-4000-8000-000000000003',
  'balancer.certificate': 'requested',
  'balancer.dnsRecord': true,
  'balancer.webAcl': true,
  'balancer.stickiness': { type: 'app_cookie', cookieName: 'session' },
  'balancer.slowStartSeconds': 30,
  'network.nat': 'none',
  'redis.engine': 'redis-7.1',
  'redis.tunnel': true,
  'files.infrequentAccessDays': null,
  llm: { mode: 'none' },
  'app.secrets': ['SESSION_KEY'],
  'app.services.worker': { replicas: 'exactly-one' },
};

/** Both stacks of this repository, the foundation, and a stack of the choices that neither of them makes. */
export async function recordGraphs(): Promise<
  Readonly<Record<'staging' | 'production' | 'foundation' | 'others', Graph>>
> {
  return {
    staging: await recordPackedStack(exampleSubject('staging')),
    production: await recordPackedStack(exampleSubject('production')),
    foundation: await recordFoundation(),
    others: await recordPackedStack(exampleSubject('production', otherChoices)),
  };
}
