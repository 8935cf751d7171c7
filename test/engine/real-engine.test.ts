import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { recordStack } from '../../scripts/adapters/pulumi/stack-recorder.ts';
import { classifyChange } from '../../scripts/domain/plan/change-class.ts';
import { type PreviewStep, previewSchema, typeAndName } from '../../scripts/domain/plan/preview.ts';
import { exampleSubject } from '../support/cloud/example-settings.ts';
import { type EngineAnswer, saidBy, succeeded } from '../support/engine/engine-command.ts';
import { whyNoEngine } from '../support/engine/engine-place.ts';
import { createEngineProject, type EngineProject } from '../support/engine/engine-project.ts';
import { skippedBecause } from '../support/run/skipped-because.ts';

/**
 * The program under Pulumi's own engine, with its own state, and a stub in the place of AWS. What the stub accepts AWS may still
 * refuse (the provider check shows that), and what awsx makes inside of a VPC is the stub's own list.
 */
const missing = whyNoEngine();

const exportSchema = z.looseObject({
  deployment: z.looseObject({
    resources: z.array(z.looseObject({ urn: z.string(), protect: z.boolean().default(false) })).default([]),
  }),
});

const stepsOf = ({ stdout }: EngineAnswer): readonly PreviewStep[] =>
  previewSchema.parse(JSON.parse(stdout)).steps;

/** Type and name of what the program itself declares: neither the stack nor what the engine and awsx add. */
function declaredBy(urns: readonly string[]): string[] {
  return urns
    .filter((urn) => !/::pulumi:(pulumi:Stack|providers:awsx)::|awsx:ec2:Vpc\$/.test(urn))
    .map((urn) => Object.values(typeAndName(urn)).join(' '))
    .sort();
}

describe.each(['staging', 'production'])(
  '%s under the real engine [AWS is a stub: what it would refuse is not proved]',
  skippedBecause(missing),
  (stack) => {
    let project: EngineProject;
    const resources = async () => {
      const { stdout } = succeeded(await project.pulumi('stack', 'export'));
      return exportSchema.parse(JSON.parse(stdout)).deployment.resources;
    };
    const preview = () => project.pulumi('preview', '--json');
    // In JSON a preview leaves violations of policies out.
    const review = () =>
      project.pulumi('preview', '--policy-pack', path.join(project.directory, 'infra/policies'));
    const up = (...words: string[]) => project.pulumi('up', '--yes', '--skip-preview', ...words);

    beforeAll(async () => {
      project = await createEngineProject(stack);
      succeeded(await project.init());
    });
    afterAll(() => project.remove());

    test('a preview declares what the recorder records, neither more nor less', async () => {
      const steps = stepsOf(succeeded(await preview()));
      const graph = await recordStack(exampleSubject(stack));
      const recorded = graph.resources.map(({ type, name }) => `${type} ${name}`).sort();
      expect(declaredBy(steps.map(({ urn }) => urn))).toEqual(recorded);
      expect(steps.every(({ op }) => op === 'create')).toBe(true);
    });

    test('the policy pack lets it pass, and stops what a team adds without protection and tags', async () => {
      succeeded(await review());
      const program = path.join(project.directory, 'infra/index.ts');
      const original = await readFile(program, 'utf8');
      const added = `import * as added from '@pulumi/aws';
const elsewhere = new added.Provider('elsewhere', { region: 'eu-central-1' });
new added.s3.Bucket('added', {}, { provider: elsewhere });
`;
      await writeFile(program, `${original}\n${added}`);
      try {
        const answer = await review();
        expect(answer.code).not.toBe(0);
        expect(saidBy(answer)).toContain('protected-state');
        expect(saidBy(answer)).toContain('tagged');
      } finally {
        await writeFile(program, original);
      }
    });

    test('comes up, protected where it holds data, and a second time changes nothing', async () => {
      succeeded(await up());
      const made = await resources();
      const protectedTypes = made.filter(({ protect }) => protect).map(({ urn }) => typeAndName(urn).type);
      expect(protectedTypes).toEqual(
        expect.arrayContaining([
          'aws:elasticache/replicationGroup:ReplicationGroup',
          'aws:efs/fileSystem:FileSystem',
          'aws:kms/key:Key',
          'aws:s3/bucket:Bucket',
        ]),
      );
      succeeded(await up('--expect-no-changes'));
      expect((await resources()).map(({ urn }) => urn)).toEqual(made.map(({ urn }) => urn));
    });

    test('a change of settings is judged from its preview', async () => {
      await project.change('Pulumi.yaml', 'balancer:\n', 'balancer:\n        deletionProtection: false\n');
      await project.change('Pulumi.yaml', 'instanceType: m7i.large', 'instanceType: m7i.xlarge');
      await project.change('Pulumi.yaml', 'nodeType: cache.t4g.small', 'nodeType: cache.t4g.medium');
      await project.change('Pulumi.yaml', 'port: 8080', 'port: 9090');
      const changes = classifyChange(stepsOf(succeeded(await preview())));
      expect(changes).toEqual(
        expect.arrayContaining([
          expect.objectContaining({ name: 'balancer-load-balancer', class: 'exposure' }),
          expect.objectContaining({ name: 'redis-group', class: 'restart' }),
          expect.objectContaining({ name: 'fleet-launch-template', class: 'restart' }),
          expect.objectContaining({ name: 'balancer-target-group', class: 'replacement' }),
        ]),
      );
      expect(changes[0]?.class).toBe('exposure');
      expect(changes.map((each) => each.class)).not.toContain('data loss');
      succeeded(await up());
    });

    test('a rename of the app, which would replace what holds data, is stopped by protection', async () => {
      const urns = (await resources()).map(({ urn }) => urn);
      await project.change('Pulumi.yaml', 'name: intake', 'name: renamed');
      try {
        const answer = await up();
        expect(answer.code).not.toBe(0);
        expect(saidBy(answer)).toMatch(/protect/);
        const left = new Set((await resources()).map(({ urn }) => urn));
        expect(urns.filter((urn) => !left.has(urn))).toEqual([]);
      } finally {
        await project.change('Pulumi.yaml', 'name: renamed', 'name: intake');
      }
    });

    test('destroy is stopped by protection, and what holds data stays', async () => {
      const held = (await resources()).filter(({ protect }) => protect).map(({ urn }) => urn);
      expect(held.length).toBeGreaterThan(5);
      const answer = await project.pulumi('destroy', '--yes', '--skip-preview');
      expect(answer.code).not.toBe(0);
      expect(saidBy(answer)).toMatch(/protect/);
      const left = new Set((await resources()).map(({ urn }) => urn));
      expect(held.filter((urn) => !left.has(urn))).toEqual([]);
    });
  },
);
