import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { openLiterals } from '../../scripts/checks/open-literals.ts';
import { parseSource } from '../../scripts/checks/syntax-tree.ts';

const root = path.join(import.meta.dirname, '../..');

/** What the check says of files of ours. */
function messages(texts: Readonly<Record<string, string>>): readonly string[] {
  const sources = new Map(Object.entries(texts).map(([file, text]) => [file, parseSource(file, text)]));
  return openLiterals(sources).map(({ file, line, message }) => `${file}:${line} ${message}`);
}

const inInfra = (text: string) => messages({ 'infra/a.ts': text });

describe('a literal that nothing compares with a type', () => {
  it('stands in no file of the tree', () => {
    const checked = spawnSync(process.execPath, ['scripts/checks/open-literals.ts'], {
      cwd: root,
      encoding: 'utf8',
    });
    expect(checked.stderr.replaceAll(/.*ExperimentalWarning.*\n.*\n/g, '')).toBe('');
    expect(checked.status).toBe(0);
  });

  it.each([
    ['a literal to save lines', 'const args = { ...{ a: 1, b: 2 }, c: 3 };'],
    ['a literal under a condition', 'const args = { c: 3, ...(some ? {} : { a: 1 }) };'],
    ['a literal after &&', 'const args = { c: 3, ...(some && { a: 1 }) };'],
    ['a literal after ??', 'const args = { c: 3, ...(some ?? { a: 1 }) };'],
    ['a literal that is called const', 'const args = { c: 3, ...({ a: 1 } as const) };'],
    ['a literal that is called something else', 'const args = { c: 3, ...({ a: 1 } as Args) };'],
    ['a literal in one of two conditions', 'const args = { ...(one ? {} : two ? {} : { a: 1 }) };'],
    ['a shorthand', 'const args = { ...(some ? {} : { signal }) };'],
    ['a list of literals', 'const rules = [first, ...(some ? [] : [{ a: 1 }])];'],
  ])('is refused in a spread, also in a test: %s', (_, text) => {
    const said = 'write the properties out, or let the spread literal satisfy a type';
    expect(messages({ 'infra/a.ts': text })).toEqual([`infra/a.ts:1 ${said}`]);
    expect(messages({ 'test/a.test.ts': text })).toEqual([`test/a.test.ts:1 ${said}`]);
  });

  it.each([
    ['a constant', 'const base = { a: 1 };\nconst args = { ...base };', 'declare the type of base'],
    ['a constant', 'const base = { a: 1 } as const;\nf({ ...base });', 'declare the type of base'],
    [
      'a constant of a function',
      'function f() {\n  const b = { a: 1 }; return { ...b };\n}',
      'declare the type of b',
    ],
    ['a list', 'const rules = [{ a: 1 }];\nf([...rules]);', 'declare the type of rules'],
    ['a function', 'function of() { return { a: 1 }; }\nf({ ...of() });', 'declare what of returns'],
    ['an arrow', 'const of = () => ({ a: 1 });\nf({ ...of() });', 'declare what of returns'],
    [
      'a promise',
      'async function of() { return { a: 1 }; }\nf({ ...(await of()) });',
      'declare what of returns',
    ],
    [
      'a callback',
      'const ports = [1];\nf([...ports.map((port) => ({ port }))]);',
      'declare what the callback returns',
    ],
  ])('is refused behind a name that is spread: %s', (_, text, said) => {
    expect(inInfra(text)).toEqual([`infra/a.ts:2 ${said}`]);
    expect(messages({ 'test/a.test.ts': text })).toEqual([]);
  });

  it('is found behind an import', () => {
    const shared = 'export const shared = { a: 1 };\nexport const of = () => ({ a: 1 });\n';
    const user = "import { of, shared as base } from './shared.ts';\nf({ ...base });\nf({ ...of() });\n";
    expect(messages({ 'infra/shared.ts': shared, 'infra/a.ts': user })).toEqual([
      'infra/a.ts:2 declare the type of base',
      'infra/a.ts:3 declare what of returns',
    ]);
  });

  it('is another name where an inner one hides it', () => {
    const text = 'const base = { a: 1 };\nconst f = (base: Args) => ({ ...base });\nuse(base, f);\n';
    expect(inInfra(text)).toEqual([]);
  });

  it.each([
    [
      'a constant as arguments',
      "const args = { a: 1 };\nnew aws.lb.Listener('a', args);",
      'declare the type of args',
    ],
    [
      'a call as arguments',
      "const of = () => ({ a: 1 });\nnew aws.lb.Listener('a', of());",
      'declare what of returns',
    ],
    [
      'a constant',
      "const check = { a: 1 };\nnew aws.lb.TargetGroup('a', { check });",
      'declare the type of check',
    ],
    [
      'a constant under a condition',
      "const check = { a: 1 };\nnew awsx.ec2.Vpc('a', { check: c ? check : b });",
      'declare the type of check',
    ],
    [
      'a constant further in',
      "const r = { a: 1 };\nnew aws.lb.Listener('a', { actions: [{ redirect: r }] });",
      'declare the type of r',
    ],
    [
      'a callback',
      "const names = ['a'];\nnew aws.lb.Listener('a', { tags: names.map((key) => ({ key })) });",
      'declare what the callback returns',
    ],
  ])('is refused in what a resource gets: %s', (_, text, said) => {
    expect(inInfra(text)).toEqual([`infra/a.ts:2 ${said}`]);
  });

  it.each([
    ['function planHosts() {\n  return { a: 1 };\n}'],
    ['export const planHosts = () => ({ a: 1 });'],
    ['const planHosts = function () { return { a: 1 }; };'],
  ])('is refused in a plan that does not declare what it returns: %s', (text) => {
    expect(inInfra(text)).toEqual(['infra/a.ts:1 declare what a plan function returns']);
    expect(messages({ 'scripts/a.ts': text })).toEqual([]);
  });

  it.each([
    ['a literal in place', "new aws.lb.Listener('a', { port: 80, defaultActions: [{ type: 'forward' }] });"],
    [
      'a condition that satisfies a type',
      'const args = { ...((some ? {} : { a: 1 }) satisfies Partial<Args>) };',
    ],
    [
      'a branch that satisfies a type',
      'const args = { ...(some ? {} : ({ a: 1 } satisfies Partial<Args>)) };',
    ],
    ['an empty literal', 'const args = { ...(some ? given : {}) };'],
    ['a copy', 'const args = { ...(some ? { ...given } : {}) };'],
    ['a constant with a type', 'const base: Partial<Args> = { a: 1 };\nconst args = { ...base };'],
    [
      'a constant that satisfies a type',
      'const base = { a: 1 } satisfies Partial<Args>;\nconst args = { ...base };',
    ],
    ['a function that says what it returns', 'const of = (): Args => ({ a: 1 });\nf({ ...of() });'],
    ['a function of a declared type', 'const of: () => Args = () => ({ a: 1 });\nf({ ...of() });'],
    ['a callback that says what it returns', 'f([...ports.map((port): Rule => ({ port }))]);'],
    ['a parameter', 'const f = ({ base }: Given) => ({ ...base });'],
    ["a package's own", "import { base } from 'package';\nf({ ...base });"],
    ['texts in a list', "const flags = [...(some ? [] : ['--port', '1'])];"],
    ['words in a text and a comment', "const text = '...{ a: 1 }'; // ...{ a: 1 }"],
  ])('is not %s', (_, text) => {
    expect(inInfra(text)).toEqual([]);
  });
});
