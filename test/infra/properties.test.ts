import { readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { declareFoundation } from '../../infra/foundation/declare-foundation.ts';
import { foundationSchema } from '../../infra/foundation/settings.ts';
import { planSubnets } from '../../infra/network/ranges/subnets.ts';
import { planVpcChildren } from '../../infra/network/ranges/vpc-children.ts';
import { findBreaches } from '../../infra/policies/rule/rule.ts';
import { rules } from '../../infra/policies/rules/rules.ts';
import { recordGraph } from '../../scripts/adapters/pulumi/graph-recorder.ts';
import { recordStack } from '../../scripts/adapters/pulumi/stack-recorder.ts';
import { listEnvironments } from '../../scripts/adapters/settings/settings-files.ts';
import type { Graph } from '../../scripts/domain/plan/graph.ts';
import { type Modes, type RawSettings, rawSettings, subjectOf } from '../support/cloud/arbitrary-settings.ts';
import { declared } from '../support/cloud/declared.ts';
import { declaredIn } from '../support/cloud/declared-graph.ts';
import { exampleSubject } from '../support/cloud/example-settings.ts';
import { ofType } from '../support/cloud/example-stack.ts';

/**
 * Every rule of the policy pack over whole graphs, as raw register requests. What a recording can't show
 * (what a provider would refuse, what awsx makes inside) is seen by the provider check and the tests of the
 * real engine.
 */
const root = path.join(import.meta.dirname, '../..');

/** One recording takes seconds on a slow machine: more on request, `LOCKSTEP_PROPERTY_RUNS=60`. */
const runs = Number(process.env.LOCKSTEP_PROPERTY_RUNS ?? 6);

const breachesOf = (graph: Graph) => findBreaches(rules, declaredIn(graph));

test('the settings of this repository declare nothing that a rule refuses', async () => {
  const environments = await listEnvironments(root);
  expect(environments).toEqual(['production', 'staging']);
  for (const environment of environments) {
    const graph = await recordStack(exampleSubject(environment));
    expect(graph.resources.length).toBeGreaterThan(100);
    expect(breachesOf(graph)).toEqual([]);
  }
});

test('neither does the foundation', async () => {
  const text = readFileSync(path.join(root, 'infra/foundation/Pulumi.hub.yaml'), 'utf8');
  const settings = foundationSchema.parse(parse(text).config['lockstep-foundation:settings']);
  const graph = await recordGraph(() => declareFoundation(settings));
  expect(graph.resources.length).toBeGreaterThan(40);
  expect(breachesOf(graph)).toEqual([]);
});

test('nor what awsx is expected to make inside of a VPC', () => {
  const children = planVpcChildren({
    name: 'network-vpc',
    cidr: '10.20.0.0/16',
    nat: 'per-zone',
    gatewayServices: ['s3'],
    subnets: planSubnets('10.20.0.0/16', ['a', 'b', 'c']),
    tags: { 'lockstep:app': 'intake' },
  });
  const stack = children.map(({ type, name, inputs }) =>
    declared(type, inputs, { id: `${type} ${name}`, name }),
  );
  expect(findBreaches(rules, stack)).toEqual([]);
});

/** Six designs that have every value of every mode among them; what they leave open is drawn. */
const designs: readonly Partial<Modes>[] = [
  {
    nat: 'per-zone',
    network: 'create',
    redis: 'create',
    files: 'create',
    llm: 'host',
    stickiness: 'lb_cookie',
    certificate: 'given',
  },
  {
    nat: 'single',
    network: 'create',
    redis: 'existing',
    files: 'create',
    llm: 'external',
    stickiness: 'app_cookie',
    certificate: 'requested',
    dnsRecord: true,
    lonely: ['poller'],
  },
  {
    nat: 'none',
    network: 'create',
    redis: 'create',
    files: 'existing',
    llm: 'none',
    interfaceEndpoints: false,
    webAcl: true,
    secrets: [],
  },
  {
    nat: 'single',
    network: 'existing',
    redis: 'create',
    files: 'none',
    llm: 'host',
    stickiness: 'app_cookie',
    certificate: 'requested',
    secrets: ['API_KEY', 'BOT_TOKEN'],
  },
  {
    nat: 'single',
    network: 'create',
    redis: 'none',
    files: 'create',
    llm: 'external',
    webAcl: false,
    dnsRecord: false,
    lonely: [],
  },
  {
    nat: 'per-zone',
    network: 'existing',
    redis: 'existing',
    files: 'existing',
    llm: 'none',
    interfaceEndpoints: true,
    lonely: ['poller', 'scheduler'],
  },
];

test('settings are drawn often enough that are valid, in every mode', () => {
  for (const design of designs) {
    const drawn = fc.sample(rawSettings(design), { numRuns: 25, seed: 4 });
    const valid = drawn.filter((raw) => subjectOf(raw) !== null).length;
    expect(valid / drawn.length, JSON.stringify(design)).toBeGreaterThan(0.2);
  }
  const drawn = fc.sample(rawSettings(), { numRuns: 25, seed: 4 });
  // Refusals are real as well: an arbitrary that only draws what is allowed would prove less.
  expect(drawn.filter((raw) => subjectOf(raw) === null).length).toBeGreaterThan(0);
});

test('no valid settings declare what a rule refuses', async () => {
  const seen = new Map<string, number>();
  let [drawn, refused] = [0, 0];
  const isValid = (raw: RawSettings) => {
    const valid = subjectOf(raw) !== null;
    drawn += 1;
    if (!valid) refused += 1;
    return valid;
  };
  for (let run = 0; run < runs; run += 1) {
    const valid = rawSettings(designs[run] ?? {}).filter(isValid);
    const property = fc.asyncProperty(valid, async (raw) => {
      const subject = subjectOf(raw);
      if (subject === null) throw new TypeError('the filter lets only valid settings pass');
      const graph = await recordStack(subject);
      for (const { type } of graph.resources) seen.set(type, (seen.get(type) ?? 0) + 1);
      expect(ofType(graph, 'Listener').length).toBeGreaterThanOrEqual(2);
      expect(breachesOf(graph)).toEqual([]);
    });
    await fc.assert(property, { numRuns: 1, endOnFailure: true });
  }
  console.log(
    `${runs} stacks of ${seen.size} types recorded; ${refused} of ${drawn} drawn settings were refused`,
  );
  expect(refused / drawn).toBeLessThan(0.9);
  if (runs >= designs.length) {
    const rare = [
      'ec2/vpcEndpoint:VpcEndpoint',
      'acm/certificate:Certificate',
      'wafv2/webAclAssociation:WebAclAssociation',
    ];
    const more = [
      'secretsmanager/secret:Secret',
      'route53/record:Record',
      's3/bucketVersioning:BucketVersioning',
    ];
    for (const type of [...rare, ...more]) expect(seen.get(`aws:${type}`) ?? 0, type).toBeGreaterThan(0);
  }
});
