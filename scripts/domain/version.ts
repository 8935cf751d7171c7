/** The version in what `<program> --version` prints, exactly: `v24.9.0` and `Python 3.11.2` alike. */
export function versionIn(output: string): string | undefined {
  return /\d+(?:\.\d+)+[\w.+-]*/.exec(output)?.[0];
}

/** Numbers between dots; a missing one counts as 0, and so does what is not a number. */
export function compareVersions(left: string, right: string): number {
  const numbers = (version: string) => version.split('.').map((part) => Number.parseInt(part, 10) || 0);
  const [lefts, rights] = [numbers(left), numbers(right)];
  for (let index = 0; index < Math.max(lefts.length, rights.length); index++) {
    const difference = (lefts[index] ?? 0) - (rights[index] ?? 0);
    if (difference !== 0) return Math.sign(difference);
  }
  return 0;
}
