import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { classifyChange } from '../../scripts/domain/plan/change-class.ts';
import { typeAndName } from '../../scripts/domain/plan/preview.ts';
import { saidBy, succeeded } from '../support/engine/engine-command.ts';
import { whyNoEngine } from '../support/engine/engine-place.ts';
import { createEngineStack, type EngineStack } from '../support/engine/engine-stack.ts';
import { skippedBecause } from '../support/run/skipped-because.ts';

/** One stack through its life: what a change of its settings or of its program does to it. */
describe('changes of staging under the real engine [AWS is a stub]', skippedBecause(whyNoEngine()), () => {
  let stack: EngineStack;
  // In JSON a preview leaves violations of policies out.
  const review = () => stack.pulumi('preview', '--policy-pack', path.join(stack.directory, 'infra/policies'));
  const urns = async () => (await stack.resources()).map(({ urn }) => urn);

  beforeAll(async () => {
    stack = await createEngineStack('staging');
    succeeded(await stack.up());
  });
  afterAll(() => stack.remove());

  test('the policy pack lets it pass, and stops what a team adds without protection and tags', async () => {
    succeeded(await review());
    const program = path.join(stack.directory, 'infra/index.ts');
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

  test('settings that are wrong are said, with their key, and nothing is touched', async () => {
    await stack.change('Pulumi.yaml', 'type: lb_cookie', 'type: lbCookie');
    try {
      const answer = await stack.up();
      expect(answer.code).not.toBe(0);
      expect(saidBy(answer)).toContain('the settings have problems');
      expect(saidBy(answer)).toContain('base balancer.stickiness.type');
    } finally {
      await stack.change('Pulumi.yaml', 'type: lbCookie', 'type: lb_cookie');
    }
  });

  test('a listed difference, and nothing else, differs', async () => {
    const listed = `  lockstep:differences:
    - path: observability.serverErrors
      value: 20
      reason: staging is tried out by hand
`;
    await stack.change('Pulumi.staging.yaml', /^ {2}lockstep:differences:.*\n/m, listed);
    const changed = (await stack.preview()).filter(({ op }) => op !== 'same');
    expect(new Set(changed.map(({ op }) => op))).toEqual(new Set(['update']));
    const inputs = changed.flatMap(({ urn, diffReasons }) =>
      (diffReasons ?? []).map((input) => `${typeAndName(urn).name} ${input}`),
    );
    // The dashboard shows the alarms, whose ARNs the stub tells at an update only.
    expect(inputs.sort()).toEqual([
      'observability-balancer-errors threshold',
      'observability-dashboard dashboardBody',
      'observability-server-errors threshold',
    ]);
  });

  test('a change of settings is judged from its preview', async () => {
    await stack.change('Pulumi.yaml', 'balancer:\n', 'balancer:\n        deletionProtection: false\n');
    await stack.change('Pulumi.yaml', 'instanceType: m7i.large', 'instanceType: m7i.xlarge');
    await stack.change('Pulumi.yaml', 'nodeType: cache.t4g.small', 'nodeType: cache.t4g.medium');
    await stack.change('Pulumi.yaml', 'port: 8080', 'port: 9090');
    const changes = classifyChange(await stack.preview());
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
    succeeded(await stack.up());
  });

  test('a rename of the app, which would replace what holds data, is stopped by protection', async () => {
    const before = await urns();
    await stack.change('Pulumi.yaml', 'name: intake', 'name: renamed');
    try {
      const answer = await stack.up();
      expect(answer.code).not.toBe(0);
      expect(saidBy(answer)).toMatch(/protect/);
      const left = new Set(await urns());
      expect(before.filter((urn) => !left.has(urn))).toEqual([]);
    } finally {
      await stack.change('Pulumi.yaml', 'name: renamed', 'name: intake');
    }
  });

  test('destroy is stopped by protection, and what holds data stays', async () => {
    const held = (await stack.resources()).filter(({ protect }) => protect).map(({ urn }) => urn);
    expect(held.length).toBeGreaterThan(5);
    const answer = await stack.pulumi('destroy', '--yes', '--skip-preview');
    expect(answer.code).not.toBe(0);
    expect(saidBy(answer)).toMatch(/protect/);
    const left = new Set(await urns());
    expect(held.filter((urn) => !left.has(urn))).toEqual([]);
  });
});
