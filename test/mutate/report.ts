import type { Equivalent } from './equivalent.ts';
import type { Verdict } from './lanes.ts';
import type { Mutant } from './mutants.ts';
import { rules } from './rules.ts';

export type Result = Mutant & Verdict;

const wanted = 0.85;

/** Prints what was noticed, kind by kind, and what was not; false where that is not enough. */
export function report(
  results: readonly Result[],
  { equivalents, notTried, whole }: { equivalents: readonly Equivalent[]; notTried: number; whole: boolean },
): boolean {
  const names = new Set(rules.map(({ name }) => name));
  const survivors = results.filter(({ killed }) => !killed);
  const reasonOf = (mutant: Mutant) => equivalents.find((each) => isSame(each, mutant));
  const unexplained = survivors.filter((each) => reasonOf(each) === undefined);
  const alive = survivors.filter(({ kind }) => names.has(kind));
  const triedFiles = new Set(results.map(({ file }) => file));
  const stale = equivalents.filter(
    (each) =>
      (whole || triedFiles.has(each.file)) &&
      notTried === 0 &&
      !survivors.some((mutant) => isSame(each, mutant)),
  );

  console.log(`\n${table(results)}`);
  for (const each of survivors) {
    const why = reasonOf(each)?.why;
    console.log(
      `\nsurvives: ${each.file}:${each.line} ${each.kind}\n  - ${each.was}\n  + ${each.replacement}`,
    );
    console.log(why === undefined ? '  NO REASON GIVEN' : `  equivalent: ${why}`);
  }
  for (const { file, was, replacement } of stale)
    console.log(`\nstale in equivalent.ts: ${file}\n  - ${was}\n  + ${replacement}`);
  const possible = results.length - (survivors.length - unexplained.length);
  const score = (results.length - survivors.length) / Math.max(1, possible);
  const timedOut = results.filter((each) => each.timedOut).length;
  console.log(
    `\n${results.length} mutants: ${results.length - survivors.length} noticed (${timedOut} by a hang), ` +
      `${survivors.length - unexplained.length} equivalent, ${unexplained.length} not noticed, ${notTried} not tried; ` +
      `${(score * 100).toFixed(1)} % of those that change anything`,
  );
  for (const { kind } of alive) console.log(`a rule that no test holds: ${kind}`);
  return score >= wanted && alive.length === 0 && stale.length === 0;
}

const isSame = (one: Equivalent, mutant: Mutant) =>
  one.file === mutant.file && one.was === mutant.was && one.replacement === mutant.replacement;

/** Rules by folder of their file and generated mutants by kind. */
function table(results: readonly Result[]): string {
  const names = new Set(rules.map(({ name }) => name));
  const rows = new Map<string, { all: number; noticed: number }>();
  for (const { kind, killed } of results) {
    const name = names.has(kind) ? `rule: ${kind}` : kind;
    const row = rows.get(name) ?? { all: 0, noticed: 0 };
    rows.set(name, { all: row.all + 1, noticed: row.noticed + Number(killed) });
  }
  const width = Math.max(4, ...[...rows.keys()].map(({ length }) => length));
  return [...rows]
    .map(([name, { all, noticed }]) => `${name.padEnd(width)} ${String(noticed).padStart(5)} of ${all}`)
    .join('\n');
}
