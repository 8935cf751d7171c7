import { nearest } from './nearest.ts';

export type Path = readonly (string | number)[];

/**
 * Something wrong with a value, before anyone knows in which file and line it stands. Rules make findings,
 * also those of `scripts/domain`, whose type of the same shape is kept equal by the compiler.
 */
export type Finding = {
  path: Path;
  /** What is wrong, without the value. */
  message: string;
  /** Said instead of the value at `path`; for values that are composed or computed. */
  got?: string;
  allowed: string;
  fix: string;
  /**
   * A name that nobody knows, and the names that would have been known: the fix then starts with the nearest.
   */
  unknownName?: { word: string; known: readonly string[] };
};

/** A finding with its place. `line` and `column` count from 1; null where there is no file to point into. */
export type Problem = {
  file: string;
  line: number | null;
  column?: number;
  /** As written in the file: `services.web.port`, `smoke[0].name`. */
  key: string;
  got: string;
  allowed: string;
  fix: string;
  message: string;
};

export type Place = {
  file: string;
  /** The whole value in which paths are looked up. */
  root: unknown;
  /** Line and column of a path, and the scalar's own spelling where it has one (`1.0` rather than 1). */
  locate?: (path: Path) => { line: number; column: number; source?: string } | undefined;
};

export function problemOf(finding: Finding, place: Place): Problem {
  const found = place.locate?.(finding.path);
  const value = valueAt(place.root, finding.path);
  const written = typeof value === 'string' || found?.source === undefined ? showValue(value) : found.source;
  const near = finding.unknownName && nearest(finding.unknownName.word, finding.unknownName.known);
  return {
    file: place.file,
    line: found?.line ?? null,
    ...((found && { column: found.column }) satisfies Partial<Problem> | undefined),
    key: keyOf(finding.path),
    got: finding.got ?? (isSecretPath(finding.path) && value !== undefined ? hidden : written),
    allowed: finding.allowed,
    fix: near === undefined ? finding.fix : `write ${near}, or ${finding.fix}`,
    message: finding.message,
  };
}

/** One line: `Pulumi.yaml:4:7 config.x: what is wrong. Got …; allowed: …. Fix: …` */
export function renderProblem(problem: Problem): string {
  const place = [problem.file, problem.line, problem.column].filter((part) => part != null).join(':');
  const key = problem.key === '' ? '' : `${problem.key}: `;
  return `${place} ${key}${problem.message}. Got ${problem.got}; allowed: ${problem.allowed}. Fix: ${problem.fix}.`;
}

/** By file, then from top to bottom. */
export function byPlace(left: Problem, right: Problem): number {
  if (left.file !== right.file) return left.file < right.file ? -1 : 1;
  return (left.line ?? 0) - (right.line ?? 0) || (left.column ?? 0) - (right.column ?? 0);
}

/** `a.b[0].c`; names that hold a dot or a blank are quoted, so that a key is never two. */
export function keyOf(path: Path): string {
  return path
    .map((part, index) => {
      if (typeof part === 'number') return `[${part}]`;
      const name = /[.\s[\]]/.test(part) || part === '' ? JSON.stringify(part) : part;
      return index === 0 ? name : `.${name}`;
    })
    .join('');
}

export function valueAt(root: unknown, path: Path): unknown {
  let value = root;
  for (const part of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return undefined;
    value = Reflect.get(value, part);
  }
  return value;
}

const hidden = '(hidden: it may be a secret)';
const secretName =
  /secret|secure|passw(or)?d|passphrase|token|credential|(api|private|access|signing)[-_]?key/i;
/** A password in a URL, a PEM block, an AWS access key: secrets by their look, wherever they stand. */
const secretValue = /:\/\/[^/@\s]*:[^/@\s]+@|-----BEGIN |\b(AKIA|ASIA)[A-Z0-9]{16}\b/;

/** True when the key's name says that its value must not be shown. */
export function isSecretPath(path: Path): boolean {
  return path.some((part) => typeof part === 'string' && secretName.test(part));
}

/** A value as messages show it: one line, at most 80 characters, never a secret. */
export function showValue(value: unknown): string {
  if (value === undefined || value === null) return 'nothing';
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : `a list of ${value.length}`;
  if (typeof value === 'object') return 'a map';
  if (typeof value !== 'string') return String(value);
  if (secretValue.test(value)) return hidden;
  return JSON.stringify(value.length > 80 ? `${value.slice(0, 79)}…` : value);
}
