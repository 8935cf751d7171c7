import { isReleasePath } from './release.ts';

/**
 * What is wrong with the paths of a tree, one line each: names that a release can't carry, and names that
 * differ by case only, since some file systems keep just one of them.
 */
export function pathProblems(paths: readonly string[]): string[] {
  const problems = paths
    .filter((path) => !isReleasePath(path))
    .map((path) => `${JSON.stringify(path)} has a control character or a backslash`);
  const seen = new Map<string, string>();
  for (const path of paths) {
    const segments = path.split('/');
    for (let depth = 1; depth <= segments.length; depth++) {
      const name = segments.slice(0, depth).join('/');
      const folded = name.toLowerCase().normalize('NFC');
      const other = seen.get(folded) ?? name;
      if (other !== name) {
        problems.push(`${other} and ${name} differ by case only`);
        break;
      }
      seen.set(folded, name);
    }
  }
  return problems;
}
