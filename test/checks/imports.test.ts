import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { forbiddenImports, importsOf } from '../../scripts/checks/imports.ts';

const root = path.join(import.meta.dirname, '../..');

describe('who may import whom', () => {
  it('is kept by every file of the tree', () => {
    const checked = spawnSync(process.execPath, ['scripts/check-imports.ts'], {
      cwd: root,
      encoding: 'utf8',
    });
    expect(checked.stderr.replaceAll(/.*ExperimentalWarning.*\n.*\n/g, '')).toBe('');
    expect(checked.status).toBe(0);
  });

  it.each([
    ['the domain reads a file', 'scripts/domain/a.ts', `import { readFile } from 'node:fs/promises';`],
    [
      'the domain reaches a workflow',
      'scripts/domain/a.ts',
      `import { deploy } from '../workflows/deploy.ts';`,
    ],
    [
      'a workflow reaches an adapter',
      'scripts/workflows/a.ts',
      `import { run } from '../adapters/shell.ts';`,
    ],
    ['an adapter reaches a command', 'scripts/adapters/a.ts', `import { plan } from '../commands/plan.ts';`],
    ['a second file runs programs', 'scripts/adapters/a.ts', `import { $ } from 'zx';`],
    ['the agent reaches the deployer', 'scripts/host/a.ts', `import { roll } from '../workflows/roll.ts';`],
    ['the agent takes a package', 'scripts/host/a.ts', `import yaml from 'yaml';`],
    [
      'infrastructure reaches the pipeline',
      'infra/a.ts',
      `import { short } from '../scripts/domain/content.ts';`,
    ],
    ['a re-export', 'scripts/domain/a.ts', `export { run } from '../adapters/shell.ts';`],
    ['a type', 'scripts/domain/a.ts', `import type { Ports } from '../workflows/ports.ts';`],
    ['an import that waits', 'scripts/domain/a.ts', `const late = await import('../../adapters/shell.ts');`],
    ['an import for its effect', 'scripts/domain/a.ts', `import '../adapters/shell.ts';`],
    [
      'an import over several lines',
      'scripts/domain/a.ts',
      `import {\n  one,\n  two,\n} from '../adapters/shell.ts';`,
    ],
  ])('is broken when %s', (_, file, source) => {
    expect(forbiddenImports(importsOf(file, `// first line\n${source}\n`))).toHaveLength(1);
  });

  it('is not broken by words in a text or a comment', () => {
    const source = "const text = 'from node:fs';\n// the zx package\nexport const sum = 1;\n";
    expect(importsOf('scripts/domain/a.ts', source)).toEqual([]);
  });
});
