import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { recordStack } from '../../scripts/adapters/pulumi/stack-recorder.ts';
import { loadSettings } from '../../scripts/adapters/settings/settings-files.ts';
import type { Graph } from '../../scripts/domain/plan/graph.ts';
import { typeAndName } from '../../scripts/domain/plan/preview.ts';
import { exampleSubject } from '../support/cloud/example-settings.ts';
import { saidBy, succeeded } from '../support/engine/engine-command.ts';
import { whyNoEngine } from '../support/engine/engine-place.ts';
import { createEngineStack, declaredBy, type EngineStack } from '../support/engine/engine-stack.ts';
import { skippedBecause } from '../support/run/skipped-because.ts';

/** What AWS would compute goes by one name in a recording and by another with the stub. */
const withoutTokens = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value).replaceAll(/«[^»]*»/g, '«»'));

/**
 * The program under Pulumi's own engine, with its own state, and a stub in the place of AWS. What the stub
 * accepts AWS may still refuse (the provider check shows that), and what awsx makes inside of a VPC is the
 * stub's own list.
 */
describe.each(['staging', 'production'])(
  '%s under the real engine [AWS is a stub: what it would refuse is not proved]',
  skippedBecause(whyNoEngine()),
  (name) => {
    let stack: EngineStack;
    let graph: Graph;
    beforeAll(async () => {
      stack = await createEngineStack(name);
      graph = await recordStack(exampleSubject(name));
    });
    afterAll(() => stack.remove());

    test('a preview declares what the plan shows, neither more nor less', async () => {
      const steps = await stack.preview();
      const recorded = graph.resources.map(({ type, name: own }) => `${type} ${own}`).sort();
      expect(declaredBy(steps.map(({ urn }) => urn))).toEqual(recorded);
      expect(steps.every(({ op }) => op === 'create')).toBe(true);
    });

    test('comes up whole, protected where it holds data, with the outputs of the plan', async () => {
      succeeded(await stack.up());
      const made = await stack.resources();
      const recorded = graph.resources.map(({ type, name: own }) => `${type} ${own}`).sort();
      expect(declaredBy(made.map(({ urn }) => urn))).toEqual(recorded);
      const insideOfVpc = made.filter(({ urn }) => urn.includes('awsx:ec2:Vpc$'));
      expect(insideOfVpc.length).toBeGreaterThan(25);
      const protectedTypes = made.filter(({ protect }) => protect).map(({ urn }) => typeAndName(urn).type);
      expect(protectedTypes).toEqual(
        expect.arrayContaining([
          'aws:elasticache/replicationGroup:ReplicationGroup',
          'aws:efs/fileSystem:FileSystem',
          'aws:kms/key:Key',
          'aws:s3/bucket:Bucket',
        ]),
      );
      expect(withoutTokens(await stack.outputs())).toEqual(withoutTokens(graph.outputs));
    });

    test('a second time nothing changes, and Lockstep reads the file that the engine wrote into', async () => {
      const before = await stack.resources();
      const again = succeeded(await stack.up('--expect-no-changes'));
      expect(saidBy(again)).toMatch(/^Resources:\n\s+\d+ unchanged\n\n/m);
      const urns = (all: typeof before) => all.map(({ urn }) => urn).sort();
      expect(urns(await stack.resources())).toEqual(urns(before));
      const settings = await loadSettings(stack.directory, name, new Date());
      expect(settings).toMatchObject({ ...exampleSubject(name).settings });
    });
  },
);
