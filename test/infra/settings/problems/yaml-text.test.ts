import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { z } from 'zod';
import { readYaml, renderProblem } from '../../../../infra/settings/problems/problems.ts';

const schema = z.strictObject({
  list: z.array(z.strictObject({ name: z.string(), size: z.int().positive().default(1) })).default([]),
  mode: z.enum(['many', 'one']).default('many'),
  password: z.int().optional(),
  link: z.string().regex(/^x/, 'something that starts with x').optional(),
  part: z.union([z.string(), z.strictObject({ file: z.string() })]).optional(),
});
const problemsOf = (text: string) => readYaml(text, 'a.yaml', schema).problems;
const linesOf = (text: string) => problemsOf(text).map(renderProblem);

describe('reading YAML', () => {
  test('fills in defaults and answers the value', () => {
    const read = readYaml('list:\n  - name: a\n', 'a.yaml', schema);
    expect(read).toMatchObject({ ok: true, value: { list: [{ name: 'a', size: 1 }], mode: 'many' } });
  });

  test('points at the line and the column of every problem, from top to bottom', () => {
    expect(linesOf('mode: mny\nlist:\n  - nam: a\n    size: 0\n  - name: 1.0\n')).toEqual([
      'a.yaml:1:1 mode: not an allowed value. Got "mny"; allowed: many, one. Fix: write many.',
      'a.yaml:3:5 list[0].name: missing. Got nothing; allowed: text. Fix: add name.',
      'a.yaml:3:5 list[0].nam: unknown key. Got nam; allowed: name, size. Fix: write name, or remove it.',
      'a.yaml:4:5 list[0].size: too small. Got 0; allowed: a whole number, 1 or more. Fix: write a whole number, 1 or more.',
      'a.yaml:5:5 list[1].name: wrong type. Got 1.0; allowed: text. Fix: put it in quotes.',
    ]);
  });

  test('names the branch of a union that was meant', () => {
    expect(linesOf('part: {fil: x}')).toEqual([
      'a.yaml:1:1 part.file: missing. Got nothing; allowed: text. Fix: add file.',
      'a.yaml:1:8 part.fil: unknown key. Got fil; allowed: file. Fix: write file, or remove it.',
    ]);
  });

  test('refuses a key that stands twice, and one that could change every object', () => {
    expect(linesOf('mode: one\nmode: many\n__proto__: {}\n')).toEqual([
      'a.yaml:2:1 mode: this key is there twice. Got mode; allowed: each key once. Fix: keep one of the two (the other is in line 1).',
      'a.yaml:3:1 __proto__: this name is not accepted. Got __proto__; allowed: any other name. Fix: remove it.',
    ]);
  });

  test.each([
    'password: hunter2',
    'link: "https://me:hunter2@example.com"',
    'link: "-----BEGIN KEY hunter2"',
  ])('never shows what may be a secret: %s', (text) => {
    expect(linesOf(text)).toHaveLength(1);
    expect(linesOf(text)[0]).toContain('(hidden: it may be a secret)');
    expect(linesOf(text)[0]).not.toContain('hunter2');
  });

  test.each([
    ['an open bracket', 'a: [1'],
    ['two documents', 'a: 1\n---\nb: 2\n'],
    ['an unknown tag', 'a: !ruby/object x'],
    ['an unknown anchor', 'a: *nobody'],
    ['far too much text', `a: ${'x'.repeat(600_000)}`],
    ['thousands of levels', '['.repeat(5_000) + ']'.repeat(5_000)],
  ])('answers a problem for %s', (_, text) => {
    expect(problemsOf(text).length).toBeGreaterThan(0);
  });

  test('does not let a bomb of aliases go off', () => {
    const levels = Array.from({ length: 12 }, (_, n) => `l${n + 1}: &l${n + 1} [${`*l${n},`.repeat(9)}]`);
    const started = performance.now();
    expect(problemsOf(['l0: &l0 [x]', ...levels].join('\n')).length).toBeGreaterThan(0);
    expect(performance.now() - started).toBeLessThan(2_000);
  });

  test('never throws, and every problem of a readable text has a line', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.jsonValue().map((value) => stringify(value)),
        ),
        (text) => {
          const { ok, problems } = readYaml(text, 'a.yaml', schema);
          expect(ok).toBe(problems.length === 0);
          for (const problem of problems)
            expect(problem.allowed && problem.fix && problem.message).toBeTruthy();
        },
      ),
    );
  });
});
