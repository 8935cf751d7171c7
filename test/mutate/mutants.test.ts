import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { equivalents } from './equivalent.ts';
import { applied, mutantsOf } from './mutants.ts';
import { rules } from './rules.ts';
import { decidingFiles, testsFor } from './targets.ts';

const root = path.join(import.meta.dirname, '../..');
const changes = (source: string) =>
  mutantsOf('a.ts', source).map(({ kind, was, replacement }) => `${kind}: ${was} -> ${replacement}`);

describe('what a decision may get wrong', () => {
  it('a condition, and the branch that it guards', () => {
    expect(changes('if (a > 1) b();')).toEqual([
      'negated condition: a > 1 -> !(a > 1)',
      'removed branch: a > 1 -> false',
      'boundary: a > 1 -> a >= 1',
      'removed statement: b(); -> ;',
    ]);
  });

  it('a throw, once: without its condition it is gone already', () => {
    expect(changes('if (a) throw b;')).toEqual([
      'negated condition: a -> !(a)',
      'removed branch: a -> false',
    ]);
    expect(changes('throw b;')).toEqual(['removed throw: throw b; -> ;']);
  });

  it('what is awaited, a comparison, an operand, the order of a list, and which of its members is meant', () => {
    expect(changes('await a(b && c, d === e);')).toEqual([
      'removed statement: await a(b && c, d === e); -> ;',
      'dropped operand: b && c -> b',
      'dropped operand: b && c -> c',
      'negated comparison: d === e -> d !== e',
    ]);
    expect(changes('f(a.toSorted(), b.at(-1), c.some(d), Math.max(e, f))')).toEqual([
      'removed statement: f(a.toSorted(), b.at(-1), c.some(d), Math.max(e, f)) -> ;',
      'without order: a.toSorted() -> a',
      'swapped method: -1 -> 0',
      'swapped method: some -> every',
      'swapped method: max -> min',
    ]);
  });

  it('keeps the brackets around what is compared or added up', () => {
    expect(changes('a = ((b - 1) * c) === (d ?? e);')).toContain(
      'negated comparison: ((b - 1) * c) === (d ?? e) -> ((b - 1) * c) !== (d ?? e)',
    );
    expect(changes('a = (b - 1) * c;')).toContain('flipped arithmetic: (b - 1) * c -> (b - 1) / c');
  });

  it('what is answered, where it is a truth or a list', () => {
    expect(changes('const a = (b: string) => !b;')).toEqual([
      'constant return: !b -> true',
      'constant return: !b -> false',
    ]);
    expect(changes('function a() { return b.map(c); }')).toEqual(['constant return: b.map(c) -> []']);
  });

  it('never a type, a text for people, or the hint whether to try again', () => {
    expect(changes('type A = B extends C ? true : false; const a: { b: true } = `${c ? 1 : 2}`;')).toEqual(
      [],
    );
    expect(changes('a = f({ retry: true });')).toEqual(['removed statement: a = f({ retry: true }); -> ;']);
  });

  it('is put in its place in the source', () => {
    const source = 'const a = 1;\nif (b) c();\n';
    const [first] = mutantsOf('a.ts', source);
    expect(first?.line).toBe(2);
    expect(first === undefined ? '' : applied(first, source)).toBe('const a = 1;\nif (!(b)) c();\n');
  });
});

const source = (file: string) => readFileSync(path.join(root, file), 'utf8');

it.each(rules)('rules.ts: "$name" says what stands in $file, once', ({ file, text, replacement }) => {
  expect(source(file).split(text)).toHaveLength(2);
  expect(replacement).not.toBe(text);
});

it('equivalent.ts: what is said to change nothing is still there', () => {
  const gone = equivalents.filter(
    ({ file, was, replacement }) =>
      !mutantsOf(file, source(file)).some((each) => each.was === was && each.replacement === replacement),
  );
  expect(gone).toEqual([]);
});

it('every deciding file has tests to be held by', () => {
  const files = decidingFiles(root);
  expect(files.length).toBeGreaterThan(40);
  expect(
    [...files, ...rules.map(({ file }) => file)].filter((file) => testsFor(root, file).length === 0),
  ).toEqual([]);
});
