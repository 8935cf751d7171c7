import { globSync } from 'node:fs';
import path from 'node:path';

/**
 * Deciding files, and the fast test files that hold them: those that mirror them first, then who uses them.
 */
const targets: readonly { sources: string; tests: readonly string[] }[] = [
  {
    sources: 'scripts/domain/order/*.ts',
    tests: [
      'test/domain/order/',
      'test/host/orders/',
      'test/workflows/order/',
      'test/workflows/environment/',
    ],
  },
  { sources: 'scripts/domain/release/retention.ts', tests: ['test/domain/release/retention'] },
  { sources: 'scripts/domain/smoke/*.ts', tests: ['test/domain/smoke/', 'test/workflows/smoke/'] },
  { sources: 'scripts/domain/parity/*.ts', tests: ['test/domain/parity/'] },
  {
    sources: 'scripts/domain/app/*.ts',
    tests: ['test/domain/app/', 'test/adapters/settings/app-manifest-file', 'test/host/orders/'],
  },
  { sources: 'scripts/workflows/order/*.ts', tests: ['test/workflows/order/'] },
  { sources: 'scripts/workflows/inspect/*.ts', tests: ['test/workflows/inspect/'] },
  {
    sources: 'scripts/workflows/environment/*.ts',
    tests: ['test/workflows/environment/', 'test/workflows/order/', 'test/workflows/inspect/'],
  },
  {
    sources: 'scripts/store/records.ts',
    tests: ['test/store/records', 'test/store/records-as-stored', 'test/host/orders/'],
  },
  { sources: 'scripts/store/releases.ts', tests: ['test/store/releases', 'test/host/orders/'] },
  { sources: 'scripts/host/orders/*.ts', tests: ['test/host/orders/'] },
];

/** Every deciding file, from the root. */
export function decidingFiles(root: string): readonly string[] {
  return targets.flatMap(({ sources }) => globSync(sources, { cwd: root }).sort());
}

/** The test files for a source; the one of its own name first. */
export function testsFor(root: string, source: string): readonly string[] {
  const target = targets.find(({ sources }) => path.matchesGlob(source, sources));
  const own = path.basename(source, '.ts');
  const found = (target?.tests ?? []).flatMap((prefix) =>
    globSync(`${prefix}${prefix.endsWith('/') ? '**/*' : '*'}.test.ts`, { cwd: root }).sort(),
  );
  const rank = (test: string) => Number(path.basename(test, '.test.ts') !== own);
  return [...new Set(found)].toSorted((left, right) => rank(left) - rank(right));
}
