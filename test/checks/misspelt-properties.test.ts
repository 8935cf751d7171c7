import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openLiterals } from '../../scripts/checks/open-literals.ts';
import { parseSource } from '../../scripts/checks/syntax-tree.ts';

const root = path.join(import.meta.dirname, '../..');

const right = 'transitEncryptionMode';
const wrong = 'transitEncryptionMdoe';

/** Every place of a property that feeds a resource; `mode` is its name, well spelt or not. */
const places = {
  'the arguments themselves': (mode: string) => cacheOf(`${mode}: 'required'`),
  'the literal that a plan function returns': (mode: string) => `
    function planCache(): Partial<Args> { return { ${mode}: 'required' }; }
    ${cacheOf('...planCache()')}`,
  'a literal inside a spread': (mode: string) =>
    cacheOf(`...({ ${mode}: 'required' } satisfies Partial<Args>)`),
  'a conditional spread': (mode: string) =>
    cacheOf(`...((strict ? { ${mode}: 'required' } : {}) satisfies Partial<Args>)`),
  'a constant that is spread': (mode: string) => `
    const shared: Partial<Args> = { ${mode}: 'required' };
    ${cacheOf('...shared')}`,
  'a nested literal': (mode: string) => targetsOf(`stickiness: { type: 'lb_cookie', ${nested(mode)}: 60 }`),
  'a nested literal behind a name': (mode: string) => `
    const stickiness: aws.types.input.lb.TargetGroupStickiness = { type: 'lb_cookie', ${nested(mode)}: 60 };
    ${targetsOf('stickiness')}`,
  "a callback's literal": (mode: string) => `
    new aws.autoscaling.Group('fleet', { minSize: 1, maxSize: 1, tags: ['a'].map(
      (key): aws.types.input.autoscaling.GroupTag =>
        ({ key, value: key, propagateAtLaunch: true, ${mode === right ? '' : `${mode}: 'required'`} })) });`,
} as const;

/** The same without a type beside the literal: the compiler lets them pass, so the check must not. */
const open = {
  'a bare literal inside a spread': (mode: string) => cacheOf(`...{ ${mode}: 'required' }`),
  'a bare conditional spread': (mode: string) => cacheOf(`...(strict ? { ${mode}: 'required' } : {})`),
  'a constant without a type': (mode: string) => `
    const shared = { ${mode}: 'required' };
    ${cacheOf('...shared')}`,
  'a plan function without a return type': (mode: string) => `
    function planCache() { return { ${mode}: 'required' }; }
    ${cacheOf('...planCache()')}`,
  'arguments behind a name': (mode: string) => `
    const args = { description: 'sessions', ${mode}: 'required' };
    new aws.elasticache.ReplicationGroup('redis', args);`,
  'a callback without a return type': (mode: string) => `
    new aws.autoscaling.Group('fleet', { minSize: 1, maxSize: 1, tags: ['a'].map(
      (key) => ({ key, value: key, propagateAtLaunch: true, ${mode}: 'required' })) });`,
} as const;

/** A project of its own with the rules of ours, inside the repository, so that its packages are found. */
describe('a misspelt property', () => {
  let directory: string;
  let said: string;
  const fileOf = (group: string, index: number, mode: string) =>
    `${group}-${index}-${mode === right ? 'right' : 'wrong'}.ts`;

  beforeAll(() => {
    directory = mkdtempSync(path.join(root, 'node_modules/.misspelt-'));
    writeFileSync(
      path.join(directory, 'tsconfig.json'),
      JSON.stringify({ extends: path.join(root, 'tsconfig.json'), include: ['*.ts'] }),
    );
    for (const [group, members] of Object.entries({ places, open })) {
      for (const [index, text] of Object.values(members).entries()) {
        for (const mode of [right, wrong]) {
          writeFileSync(path.join(directory, fileOf(group, index, mode)), sourceOf(text(mode)));
        }
      }
    }
    const compiler = path.join(root, 'node_modules/.bin/tsc');
    const ran = spawnSync(compiler, ['-p', directory, '--pretty', 'false'], {
      cwd: directory,
      encoding: 'utf8',
    });
    said = ran.stdout + ran.stderr;
  });

  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  test.each(Object.entries(places).map(([where, text], index) => ({ where, text, index })))(
    'is refused by the compiler in $where, and passes well spelt',
    ({ text, index }) => {
      expect(linesOf(said, fileOf('places', index, wrong))).toContainEqual(
        expect.stringMatching(/error TS\d+: Object literal may only specify known properties/),
      );
      expect(linesOf(said, fileOf('places', index, right))).toEqual([]);
      expect(checked(text(right))).toEqual([]);
    },
  );

  test.each(Object.entries(open).map(([where, text], index) => ({ where, text, index })))(
    'would pass the compiler in $where, which the check refuses',
    ({ text, index }) => {
      expect(linesOf(said, fileOf('open', index, wrong))).toEqual([]);
      expect(checked(text(wrong))).not.toEqual([]);
    },
  );
});

function sourceOf(text: string): string {
  return `import * as aws from '@pulumi/aws';
export type Args = aws.elasticache.ReplicationGroupArgs;
export function declare(strict: boolean): boolean {
  ${text}
  return strict;
}
`;
}

function cacheOf(properties: string): string {
  return `new aws.elasticache.ReplicationGroup('redis', { description: 'sessions', ${properties} });`;
}

function targetsOf(properties: string): string {
  return `new aws.lb.TargetGroup('targets', { port: 80, ${properties} });`;
}

function nested(mode: string): string {
  return mode === right ? 'cookieDuration' : 'cookieDuratoin';
}

function checked(text: string): readonly string[] {
  const file = 'infra/misspelt.ts';
  return openLiterals(new Map([[file, parseSource(file, sourceOf(text))]])).map(({ message }) => message);
}

function linesOf(text: string, file: string): readonly string[] {
  return text.split('\n').filter((line) => line.includes(`${file}(`));
}
