import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { wideComments } from '../../scripts/checks/comment-width.ts';

const root = path.join(import.meta.dirname, '../..');
const words = (columns: number) =>
  'word '
    .repeat(columns)
    .slice(0, columns - 1)
    .concat('x');
const linesOf = (file: string, text: string) => wideComments(file, text).map(({ line }) => line);

describe('a comment wider than 110 columns', () => {
  it('stands in no file of the tree', () => {
    const checked = spawnSync(process.execPath, ['scripts/checks/comment-width.ts'], {
      cwd: root,
      encoding: 'utf8',
    });
    expect(checked.stderr.replaceAll(/.*ExperimentalWarning.*\n.*\n/g, '')).toBe('');
    expect(checked.status).toBe(0);
  });

  it('may be 110 wide, and no wider', () => {
    expect(wideComments('a.ts', `// ${words(107)}\n`)).toEqual([]);
    expect(wideComments('a.ts', `\n// ${words(108)}\n`)).toEqual([
      { file: 'a.ts', line: 2, message: 'the comment reaches column 111, and wraps at 110' },
    ]);
  });

  it.each([
    ['a line of its own', `const a = 1;\n  // ${words(110)}`, [2]],
    ['after code', `const a = 1;\nconst b = 2; // ${words(100)}`, [2]],
    ['one line that documents', `\n/** ${words(110)} */`, [2]],
    ['a line of several', `/**\n * ${words(50)}\n * ${words(110)}\n */`, [3]],
    ['an item of a list', `/**\n * - ${words(110)}\n */`, [2]],
    ['a comment within code', `f(1, /* ${words(110)} */ 2);`, [1]],
  ])('is refused in TypeScript: %s', (_, text, lines) => {
    expect(linesOf('a.ts', `${text}\n`)).toEqual(lines);
    expect(linesOf('a.mjs', `#!/usr/bin/env node\n${text}\n`)).toEqual(lines.map((line) => line + 1));
  });

  it.each([
    ['a line of its own', `set -e\n# ${words(110)}`],
    ['an indented line', `f() {\n  # ${words(110)}`],
    ['after code', `set -e\necho "a # b" '# c' $# # ${words(100)}`],
  ])('is refused in a program of the shell: %s', (_, text) => {
    expect(linesOf('a.sh', `${text}\n`)).toEqual([2]);
  });

  it.each([
    ['a text', 'a.ts', `const text = '// ${words(110)}';`],
    ['a template of several lines', 'a.ts', `const text = \`\n# ${words(110)}\n// ${words(110)}\n\`;`],
    ['an expression', 'a.ts', `const found = /\\/\\/ ${words(110)}/;`],
    ['an address', 'a.ts', `// https://example.com/${'a'.repeat(110)}`],
    ['a row of a table', 'a.ts', `/**\n * | ${words(110)} | a |\n */`],
    ['what the linter is told', 'a.ts', `// biome-ignore lint/rule: ${words(110)}`],
    ['a text of the shell', 'a.sh', `echo "# ${words(110)}"`],
    ['part of a word of the shell', 'a.sh', `echo a#${words(110)}`],
    ['the line that names the shell', 'a.sh', `#!/bin/bash ${words(110)}`],
  ])('is not %s', (_, file, text) => {
    expect(wideComments(file, `${text}\n`)).toEqual([]);
  });
});
