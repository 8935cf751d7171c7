import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { type Finding, type Path, valueAt } from './problems/problem.ts';
import { leafPaths, schemaAt } from './problems/schema-path.ts';
import { findingsOf } from './problems/zod-findings.ts';
import { baseSchema, differenceSchema } from './schema/settings-schema.ts';

/**
 * What an environment may change: every leaf of the base but `app` and `hub`, which are the same everywhere.
 */
export const differencePaths: readonly string[] = leafPaths(baseSchema).filter(
  (path) => !isUnderApp(path) && !path.startsWith('hub'),
);

/** A listed difference: allowed, with its reason, and shown wherever environments are compared. */
export type Difference = {
  path: string;
  value: unknown;
  base: unknown;
  reason: string;
  until: string | null;
};

type Found = { differences: Difference[]; merged: unknown; findings: Finding[]; warnings: string[] };

/**
 * Judges `differences` entry by entry, also where other parts of the settings are wrong, and applies those
 * that hold.
 *
 * @param base with defaults filled in where it is valid
 * @param today YYYY-MM-DD
 */
export function findDifferences(options: {
  base: unknown;
  environment: unknown;
  today: string;
  lenient: boolean;
}): Found {
  const found: Found = { differences: [], merged: structuredClone(options.base), findings: [], warnings: [] };
  const entries = valueAt(options.environment, ['differences']);
  if (!Array.isArray(entries)) return found;
  const seen = new Set<string>();
  for (const [index, entry] of entries.entries()) {
    const at: Path = ['differences', index];
    const path = valueAt(entry, ['path']);
    if (typeof path !== 'string') continue;
    const again = seen.has(path);
    seen.add(path);
    const findings = [
      ...(again ? [repeated(at)] : findWrongPath(path, at)),
      ...(again || !differencePaths.includes(path) ? [] : findWrongValue(path, entry, at, options.base)),
    ];
    const late = pastDate(entry, options.today);
    if (late !== undefined && !options.lenient) findings.push(expired(at, options.today));
    if (late !== undefined) found.warnings.push(`the difference ${path} was to end on ${late}`);
    found.findings.push(...findings);
    const parsed = differenceSchema.safeParse(entry);
    if (findings.length > 0 || !parsed.success) continue;
    found.differences.push({ ...parsed.data, base: valueAt(options.base, path.split('.')) });
    put(found.merged, path.split('.'), parsed.data.value);
  }
  return found;
}

function isUnderApp(path: string): boolean {
  return path === 'app' || path.startsWith('app.');
}

function repeated(at: Path): Finding {
  const fix = 'keep one of the two';
  return { path: [...at, 'path'], message: 'this path is listed twice', allowed: 'each path once', fix };
}

function findWrongPath(path: string, at: Path): Finding[] {
  const allowed = differencePaths.join(', ');
  if (isUnderApp(path)) {
    const fix =
      'declare the value perEnvironment in lockstep.yaml and set it under lockstep:env, or change the base';
    return [{ path: [...at, 'path'], message: 'the app is the same in every environment', allowed, fix }];
  }
  if (differencePaths.includes(path)) return [];
  const unknownName = { word: path, known: differencePaths };
  const fix = 'name a path that the base has';
  return [{ path: [...at, 'path'], message: 'no such path in the base', allowed, fix, unknownName }];
}

function findWrongValue(path: string, entry: unknown, at: Path, base: unknown): Finding[] {
  const value = valueAt(entry, ['value']);
  const schema = schemaAt(baseSchema, path.split('.'));
  if (value === undefined || schema === undefined) return [];
  const where = [...at, 'value'];
  const parsed = z.safeParse(schema, value);
  if (!parsed.success) {
    return findingsOf(parsed.error, schema, value).map((finding) => ({
      ...finding,
      path: [...where, ...finding.path],
    }));
  }
  if (!isDeepStrictEqual(value, valueAt(base, path.split('.')))) return [];
  const message = `equals the base value of ${path}, so it is not a difference`;
  return [{ path: where, message, allowed: 'a value that differs from the base', fix: 'remove this entry' }];
}

/** The entry's last day where it has passed. */
function pastDate(entry: unknown, today: string): string | undefined {
  const until = differenceSchema.shape.until.safeParse(valueAt(entry, ['until']));
  return until.success && until.data !== null && until.data < today ? until.data : undefined;
}

function expired(at: Path, today: string): Finding {
  return {
    path: [...at, 'until'],
    message: 'this difference has ended',
    allowed: `${today} or later`,
    fix: 'remove the entry, or give it a new date with a reason that still holds',
  };
}

function put(root: unknown, path: readonly string[], value: unknown): void {
  const parent = valueAt(root, path.slice(0, -1));
  const key = path.at(-1);
  if (typeof parent === 'object' && parent !== null && key !== undefined) Reflect.set(parent, key, value);
}
