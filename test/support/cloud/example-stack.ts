import * as aws from '@pulumi/aws';
import type * as pulumi from '@pulumi/pulumi';
import pins from '../../../infra/pins.json' with { type: 'json' };
import { type Identity, identitySchema } from '../../../infra/settings/schema/identity-schema.ts';
import { pinsSchema } from '../../../infra/settings/schema/pins.ts';
import { type Base, baseSchema } from '../../../infra/settings/schema/settings-schema.ts';
import type { Stack } from '../../../infra/stack/stack.ts';
import type { Graph, GraphResource } from '../../../scripts/domain/plan/graph.ts';

/** A stack for tests of one component; `identity` adds what the test is about. */
export function exampleStack(identity: Partial<Identity> = {}): Stack {
  const parsed = pinsSchema.parse(pins);
  const region = parsed.regions['eu-central-1'];
  if (region === undefined) throw new TypeError('pins.json names no eu-central-1');
  return {
    app: 'intake',
    environment: 'staging',
    identity: {
      ...identitySchema.parse({
        account: '111122223333',
        region: 'eu-central-1',
        cidr: '10.20.0.0/16',
        domain: 'staging.intake.example.com',
        certificate: 'arn:aws:acm:eu-central-1:111122223333:certificate/1',
      }),
      ...identity,
      environment: 'staging',
      env: {},
      upstream: null,
    },
    hub: { account: '999988887777', region: 'eu-central-1' },
    pins: parsed,
    region,
    tags: { 'lockstep:app': 'intake' },
  };
}

/** Settings with every default but what is given. */
export function exampleBase(sections: Partial<Record<keyof Base, unknown>> = {}): Base {
  const web = { port: 8080, healthPath: '/health', longestRequestSeconds: 30 };
  return baseSchema.parse({ app: { name: 'intake', services: { web } }, ...sections });
}

/** An explicit provider, as the program passes one. */
export function exampleProviders(): pulumi.ComponentResourceOptions {
  return { providers: [new aws.Provider('aws', { region: 'eu-central-1' })] };
}

/** Resources of a type, which may be given by its class alone. */
export function ofType(graph: Graph, type: string): GraphResource[] {
  return graph.resources.filter((resource) => resource.type.endsWith(`:${type}`));
}
