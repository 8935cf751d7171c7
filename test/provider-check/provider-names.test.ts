import * as aws from '@pulumi/aws';
import { beforeAll, describe, expect, test } from 'vitest';
import { recordGraph } from '../../scripts/adapters/pulumi/graph-recorder.ts';
import { LockstepError } from '../../scripts/domain/errors.ts';
import type { Graph, GraphResource, Value } from '../../scripts/domain/plan/graph.ts';
import { standInForVpcs } from '../../scripts/workflows/plan/vpc-stand-in.ts';
import { exceptionKeys, exceptions } from './exceptions.ts';
import { recordGraphs } from './graphs.ts';
import { readTable } from './provider-table.ts';
import { missingInputs } from './required.ts';
import { type Translation, translate } from './translate.ts';

/**
 * By the committed table of what the provider says of itself, so without Terraform. Names right below a
 * resource are the compiler's matter: Pulumi's constructors copy the names that they know and drop all
 * others, so a graph can't show them.
 */
const schema = readTable();
const recording = recordGraphs();
const inProviderWords = (graph: Graph) => translate(standInForVpcs(graph), schema, exceptions);
const missingOf = ({ resources }: Translation) => resources.flatMap((each) => missingInputs(schema, each));

describe('what the program declares', () => {
  let graphs: Awaited<typeof recording>;
  beforeAll(async () => {
    graphs = await recording;
  });

  test('holds no name that the provider does not know, and lacks nothing that it requires', () => {
    const translations = Object.values(graphs).map(inProviderWords);
    expect(translations.flatMap(missingOf)).toEqual([]);
    const used = new Set(translations.flatMap((each) => [...each.used]));
    expect(exceptionKeys(exceptions).filter((key) => !used.has(key))).toEqual([]);
  });

  test.each([
    ['balancer-target-group', 'healthCheck.path'],
    ['balancer-target-group', 'stickiness.cookieDuration'],
    ['balancer-https', 'defaultActions.0.type'],
    ['balancer-http', 'defaultActions.0.redirect.statusCode'],
    ['fleet-launch-template', 'metadataOptions.httpTokens'],
    ['fleet-launch-template', 'blockDeviceMappings.0.ebs.encrypted'],
    ['fleet-group', 'initialLifecycleHooks.0.defaultResult'],
    ['fleet-group', 'tags.0.propagateAtLaunch'],
    ['balancer-logs-lifecycle', 'rules.0.expiration.days'],
  ])('is refused when %s has %s misspelt', (name, where) => {
    const at = where.split('.');
    const changed = changedGraph(graphs.production, name, at, (key, value) => [[`${key}Typo`, value]]);
    const problem = `.${at.filter((part) => part !== '0').join('.')}Typo: the provider has no such input`;
    expect(detailsOf(() => inProviderWords(changed))).toContainEqual(expect.stringContaining(problem));
  });

  test.each([
    ['redis-group', 'description', 'description'],
    ['fleet-group', 'maxSize', 'max_size'],
    ['fleet-group', 'tags.0.propagateAtLaunch', 'tag.propagate_at_launch'],
    ['balancer-https', 'defaultActions', 'default_action'],
    ['balancer-https', 'defaultActions.0.type', 'default_action.type'],
    ['hosts-from-balancer', 'ipProtocol', 'ip_protocol'],
    [
      'balancer-logs-encryption',
      'rules.0.applyServerSideEncryptionByDefault.sseAlgorithm',
      'rule.apply_server_side_encryption_by_default.sse_algorithm',
    ],
  ])('is refused when %s has %s undefined', (name, where, said) => {
    const changed = changedGraph(graphs.production, name, where.split('.'), () => []);
    expect(missingOf(inProviderWords(changed))).toContainEqual(
      expect.stringMatching(new RegExp(`^${name} .*\\.${said} is required$`)),
    );
  });

  test('is refused when a program hands on undefined where the provider wants a value', async () => {
    const flag: boolean | undefined = new Map<string, boolean>().get('propagate');
    const graph = await recordGraph(() => {
      const tag = { key: 'Name', value: 'host', propagateAtLaunch: flag as boolean };
      new aws.autoscaling.Group('fleet', { minSize: 1, maxSize: 1, tags: [tag] });
    });
    expect(missingOf(inProviderWords(graph))).toEqual([
      'fleet (aws:autoscaling/group:Group).tag.propagate_at_launch is required',
    ]);
  });
});

/** The graph with one key of one resource's inputs in another way, or gone. */
function changedGraph(
  graph: Graph,
  name: string,
  at: readonly string[],
  change: (key: string, value: Value) => readonly (readonly [string, Value])[],
): Graph {
  const found = graph.resources.filter((each) => each.custom && each.name === name);
  if (found.length !== 1) throw new TypeError(`${found.length} resources are named ${name}`);
  const resources = graph.resources.map(
    (each): GraphResource =>
      each === found[0]
        ? { ...each, inputs: changedValue(each.inputs, at, change) as GraphResource['inputs'] }
        : each,
  );
  return { ...graph, resources };
}

function changedValue(
  value: Value | undefined,
  [key = '', ...rest]: readonly string[],
  change: (key: string, value: Value) => readonly (readonly [string, Value])[],
): Value {
  if (Array.isArray(value)) {
    return value.map((each: Value, index) =>
      index === Number(key) ? changedValue(each, rest, change) : each,
    );
  }
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) {
    throw new TypeError(`no ${key} in ${JSON.stringify(value)}`);
  }
  return Object.fromEntries(
    Object.entries(value).flatMap(([each, inner]): readonly (readonly [string, Value])[] => {
      if (each !== key) return [[each, inner]];
      return rest.length === 0 ? change(key, inner) : [[key, changedValue(inner, rest, change)]];
    }),
  );
}

function detailsOf(act: () => unknown): readonly string[] {
  try {
    act();
  } catch (error) {
    if (error instanceof LockstepError) return error.details;
    throw error;
  }
  return [];
}
