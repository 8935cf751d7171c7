import { describe, expect, test } from 'vitest';
import { renderProblem } from '../../../../infra/settings/problems/problems.ts';
import { pulumiYaml } from '../../../../scripts/adapters/settings/settings-text.ts';

const read = (text: string) => pulumiYaml(text, 'Pulumi.staging.yaml');
const problemsOf = (text: string) => read(text).problems.map(renderProblem);
const inEnv = (value: string) => `config:\n  lockstep:env:\n    A: ${value}\n`;

describe('values that Pulumi reads as something else are refused, with line and column', () => {
  test('in one sentence: where, who reads what, what was written, how to write it', () => {
    expect(problemsOf(inEnv('010'))).toEqual([
      'Pulumi.staging.yaml:3:8 config.lockstep:env.A: Pulumi reads it as the number 8. Got 010; ' +
        'allowed: text in quotes, plain decimal numbers, true, false. Fix: put it in quotes.',
    ]);
  });

  test.each([
    ['-010', 'Pulumi reads it as the number -8'],
    ['08', 'Pulumi reads it as the number 8'],
    ['1_000', 'Pulumi reads it as the number 1000'],
    ['.1_5', 'Pulumi reads it as the number 0.15'],
    ['0o17', 'Pulumi reads it as the number 15'],
    ['0x1F', 'Pulumi reads it as the number 31'],
    ['0b11', 'Pulumi reads it as the number 3'],
    ['+5', 'Pulumi reads it as the number 5'],
    ['1e3', 'Pulumi reads it as the number 1000'],
    ['1.5e400', 'Pulumi reads it as text'],
    ['99999999999999999999', 'Pulumi reads it as the number 100000000000000000000'],
    ['.inf', 'Pulumi reads it as a number that is not finite'],
    ['.NaN', 'Pulumi reads it as a number that is not finite'],
    ['2027-03-31', 'Pulumi reads it as a time'],
    ['2027-3-1 10:00:00', 'Pulumi reads it as a time'],
    ['2027-03-31T10:00:00.5+02:00', 'Pulumi reads it as a time'],
    ['yes', 'YAML 1.1 reads it as true'],
    ['On', 'YAML 1.1 reads it as true'],
    ['no', 'YAML 1.1 reads it as false'],
    ['off', 'YAML 1.1 reads it as false'],
    ['N', 'YAML 1.1 reads it as false'],
    ['1:30', 'YAML 1.1 reads it as a number to the base of 60'],
    ['!!str 10', 'a tag, which not every reader follows'],
    ['! a', 'a tag, which not every reader follows'],
    ['&a.b c', 'an anchor whose name Pulumi does not read'],
    ['"\\/"', 'an escape that Pulumi does not read'],
    ['"\\ud83d\\ude00"', 'an escape that Pulumi does not read'],
    ['"\\n a"', 'Pulumi loses line breaks and blanks before a text of several lines'],
    ['|\n\n      a\n', 'Pulumi loses line breaks and blanks before a text of several lines'],
    ['{?: a}', 'Pulumi reads it as a sign of YAML itself'],
    ['{a: http://b/?c}', 'Pulumi reads it as a sign of YAML itself'],
    ['[a:]', 'Pulumi takes the colon for a part of the name'],
    ['{10: a}', 'Pulumi reads it as a number'],
    ['{true: a}', 'Pulumi reads it as a boolean'],
    ['{[a]: b}', 'a key that is not a plain name'],
    ['{a\n      b: c}', 'a key of several lines'],
    ['{"a\n      b": c}', 'a key of several lines'],
    ['{<<: {a: b}}', 'Pulumi merges the map that stands there into the one around it'],
    ['a\tb', 'a tab, which not every reader takes for a blank'],
    ['\ta', 'a tab, which not every reader takes for a blank'],
    ['"a\u2028b"', 'a line end that not every reader takes for one'],
    ['"a\u0085b"', 'a line end that not every reader takes for one'],
    ['"a\u0007b"', 'a character that cannot be seen, and that Pulumi does not read'],
    ['"a\ufeffb"', 'a character that cannot be seen, and that Pulumi does not read'],
    ['&x [*x]', 'an alias inside the very value that it names'],
  ])('%j: %s', (value, message) => {
    const { problems } = read(inEnv(value));
    expect(problems.map((problem) => problem.message)).toContain(message);
    for (const { line, fix } of problems) expect([line !== null, fix !== '']).toEqual([true, true]);
  });

  test('wherever an alias leads', () => {
    expect(problemsOf('other: &x 010\nconfig:\n  lockstep:env:\n    A: *x\n')[0]).toMatch(
      /^Pulumi\.staging\.yaml:1:11 config\.lockstep:env\.A: Pulumi reads it as the number 8/,
    );
  });

  test('and a value that may be a secret is not shown', () => {
    const [problem = ''] = problemsOf(inEnv('{API_TOKEN: 0123_4567}'));
    expect(problem).toContain('Pulumi reads it as something else. Got (hidden: it may be a secret)');
    expect(problem).not.toMatch(/0123|342391/);
  });
});

test.each([
  ['a directive', '%YAML 1.1\n---\nconfig: {}\n', 1],
  ['a directive for tags', '# first\n%TAG !e! tag:e.org,2000:\n---\nconfig: {}\n', 2],
  ['a tab that indents', 'config:\n\tlockstep:env: {}\n', 2],
  ['a carriage return alone', 'config: {}\rlockstep: {}\n', 1],
  ['two documents', 'config: {}\n---\nconfig: {}\n', 2],
  ['a key that stands twice', 'config: {}\nconfig: {}\n', 2],
  ['a merge key at the top', 'x: &x {config: {}}\n<<: *x\n', 2],
  ['a merge key among the settings', 'x: &x {a: 1}\nconfig:\n  <<: *x\n', 3],
])('refuses %s', (_, text, line) => {
  const { problems } = read(text);
  expect(problems.length).toBeGreaterThan(0);
  expect(problems[0]?.line).toBe(line);
});

test.each([
  '0',
  '30',
  '-1',
  '0.5',
  '1.50',
  'true',
  'False',
  '~',
  '',
  'null',
  'm7i.large',
  '10.20.0.0/16',
  '03:00-04:00',
  'sun:05:00-sun:06:00',
  '24.9.0',
  '3-tier',
  'https://a.example/b?c=d#e',
  "'010'",
  '"yes"',
  '"2027-03-31"',
  '2027-03-31 00:00:00 +0000 UTC',
  '"\\u2028 \\x07 \\\\/"',
  '{ a: 1, "10": b }',
  '[a, "b", 3]',
  '>-\n      two lines,\n      one text',
  '|\n      a\n       b\n',
  '&a-1 x\n    B: *a-1',
  'three\t# after a tab',
])('lets stand what every reader reads alike: %j', (value) => {
  expect(problemsOf(inEnv(value))).toEqual([]);
});

test('lets stand Windows line ends and a byte order mark at the start, which Pulumi takes off', () => {
  const text = `\ufeff${inEnv('x\n    B: >-\n      a\n      b')}`.replaceAll('\n', '\r\n');
  expect(read(text)).toMatchObject({
    problems: [],
    value: { config: { 'lockstep:env': { A: 'x', B: 'a b' } } },
  });
});

test('leaves what is not read by Lockstep to those who read it', () => {
  expect(problemsOf('config:\n  aws:retries: 010\n  other:a: {on: yes}\nencryptionsalt: v1:1_0\n')).toEqual(
    [],
  );
});
