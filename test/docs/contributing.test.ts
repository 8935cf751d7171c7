import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { importsOf } from '../../scripts/checks/imports.ts';

const root = path.join(import.meta.dirname, '../..');
const contributing = await readFile(path.join(root, 'CONTRIBUTING.md'), 'utf8');

function section(title: string): string {
  const [, text] = contributing.split(`## ${title}\n`);
  if (text === undefined) throw new Error(`CONTRIBUTING.md has no section ${title}`);
  return text.split('\n## ')[0] ?? '';
}

const pathsIn = (text: string) =>
  [...text.matchAll(/`((?:scripts|infra|test)\/[\w./-]+)`/g)].flatMap(([, found]) => found ?? []);

describe('CONTRIBUTING', () => {
  it('names no file or folder that is not there', () => {
    const missing = pathsIn(contributing).filter((found) => !existsSync(path.join(root, found)));
    expect(missing).toEqual([]);
  });

  it('answers at least fifteen questions of a newcomer, each with a path', () => {
    const rows = section('Where do I look when …')
      .split('\n')
      .filter((line) => line.startsWith('| ') && !line.startsWith('| I look for'));
    expect(rows.length).toBeGreaterThanOrEqual(15);
    for (const row of rows) expect(pathsIn(row), row).not.toEqual([]);
  });

  it('tells the path of a deploy as it is: at most six files, each leading to the next', async () => {
    const files = section('The path of one deploy')
      .split('\n')
      .flatMap((line) => /^\d\. `([^`]+)`/.exec(line)?.[1] ?? []);
    expect(files.length).toBeLessThanOrEqual(6);
    expect(new Set(files).size).toBe(files.length);
    for (const [index, file] of files.slice(0, -1).entries()) {
      const source = await readFile(path.join(root, file), 'utf8');
      const next = files[index + 1] ?? '';
      const imported = importsOf(file, source).some(({ to }) => to === next);
      const verb = path.basename(next, '.ts');
      const called = next.startsWith('scripts/host/verbs/') && source.includes(`, '${verb}', `);
      expect(imported || called, `${file} leads to ${next}`).toBe(true);
    }
  });

  it('no folder holds more than twenty source files', async () => {
    const folders: string[] = [];
    for (const room of ['infra', 'scripts', 'test', 'bench']) {
      const entries = await readdir(path.join(root, room), { recursive: true, withFileTypes: true });
      const count = Map.groupBy(
        entries.filter((entry) => entry.isFile() && /(?<!\.test)\.ts$/.test(entry.name)),
        ({ parentPath }) => path.relative(root, parentPath),
      );
      for (const [folder, files] of count) if (files.length > 20) folders.push(`${folder}: ${files.length}`);
    }
    expect(folders).toEqual([]);
  });
});
