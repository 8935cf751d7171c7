import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { rooms } from '../../scripts/checks/import-rules.ts';
import { forbiddenImports, importsOf } from '../../scripts/checks/imports.ts';

const root = path.join(import.meta.dirname, '../..');

describe('who may import whom', () => {
  it('is kept by every file of the tree', () => {
    const checked = spawnSync(process.execPath, ['scripts/checks/imports.ts'], {
      cwd: root,
      encoding: 'utf8',
    });
    expect(checked.stderr.replaceAll(/.*ExperimentalWarning.*\n.*\n/g, '')).toBe('');
    expect(checked.status).toBe(0);
  });

  it('goes one way: a room imports only what is listed before it', () => {
    const before = new Set<string>();
    for (const { room, imports, folders } of rooms) {
      const wanted = [...imports, ...Object.values(folders ?? {}).flatMap((own) => own.imports ?? [])];
      for (const folder of wanted) {
        expect(
          [...before].some((one) => folder === one || folder.startsWith(`${one}/`)),
          folder,
        ).toBe(true);
      }
      before.add(room);
    }
  });

  it.each([
    ['the domain reads a file', 'scripts/domain/a.ts', `import { readFile } from 'node:fs/promises';`],
    [
      'the domain reaches a workflow',
      'scripts/domain/app/a.ts',
      `import { deploy } from '../../workflows/order/b.ts';`,
    ],
    ['an app knows of orders', 'scripts/domain/app/a.ts', `import type { Order } from '../order/order.ts';`],
    [
      'a workflow reaches an adapter',
      'scripts/workflows/order/a.ts',
      `import { run } from '../../adapters/processes/shell.ts';`,
    ],
    [
      'what smoke needs is fetched from the order above it',
      'scripts/workflows/smoke/a.ts',
      `import { roll } from '../order/roll.ts';`,
    ],
    [
      'an adapter reaches a command',
      'scripts/adapters/local/a.ts',
      `import { plan } from '../../commands/plan.ts';`,
    ],
    [
      'an adapter reaches into a workflow beyond its ports',
      'scripts/adapters/local/a.ts',
      `import { roll } from '../../workflows/order/roll.ts';`,
    ],
    ['a second folder runs programs', 'scripts/adapters/local/a.ts', `import { $ } from 'zx';`],
    [
      'an adapter loads the cloud program beside the plan',
      'scripts/adapters/local/a.ts',
      `import { declare } from '../../../infra/declare.ts';`,
    ],
    [
      'the agent reaches the deployer',
      'scripts/host/verbs/a.ts',
      `import { roll } from '../../workflows/order/roll.ts';`,
    ],
    ['the agent takes a package', 'scripts/host/disk/a.ts', `import yaml from 'yaml';`],
    [
      'the store knows of workflows',
      'scripts/store/a.ts',
      `import type { Fleet } from '../workflows/ports/hosts.ts';`,
    ],
    ['settings load an SDK', 'infra/settings/schema/a.ts', `import * as pulumi from '@pulumi/pulumi';`],
    ['settings load a resource', 'infra/settings/a.ts', `import { Llm } from '../model/llm.ts';`],
    [
      'infrastructure reaches the pipeline',
      'infra/hosts/a.ts',
      `import { short } from '../../scripts/domain/order/content.ts';`,
    ],
    ['a folder has no entry', 'scripts/helpers/a.ts', `import { short } from '../domain/order/content.ts';`],
    ['a re-export', 'scripts/domain/a.ts', `export { run } from '../adapters/processes/shell.ts';`],
    ['a type', 'scripts/domain/a.ts', `import type { Fleet } from '../workflows/ports/hosts.ts';`],
    [
      'an import that waits',
      'scripts/domain/a.ts',
      `const late = await import('../adapters/processes/shell.ts');`,
    ],
    ['an import for its effect', 'scripts/domain/a.ts', `import '../adapters/processes/shell.ts';`],
    [
      'an import over several lines',
      'scripts/domain/a.ts',
      `import {\n  one,\n  two,\n} from '../adapters/processes/shell.ts';`,
    ],
  ])('is broken when %s', (_, file, source) => {
    expect(forbiddenImports(importsOf(file, `// first line\n${source}\n`))).toHaveLength(1);
  });

  it('is not broken by words in a text or a comment', () => {
    const source = "const text = 'from node:fs';\n// the zx package\nexport const sum = 1;\n";
    expect(importsOf('scripts/domain/a.ts', source)).toEqual([]);
  });
});
