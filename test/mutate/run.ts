import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { measureFactor } from '../support/run/machine-factor.ts';
import { equivalents } from './equivalent.ts';
import { Lane } from './lanes.ts';
import { applied, type Mutant, mutantsOf } from './mutants.ts';
import { type Result, report } from './report.ts';
import { rules } from './rules.ts';
import { decidingFiles, testsFor } from './targets.ts';

/**
 * `npm run test:mutate [-- --only TEXT]`: breaks every decision on purpose, one at a time, in copies of the
 * repository, and sees whether a test fails. Two at a time; ends after half an hour, and says what it did not
 * come to. Exits 1 where a rule of rules.ts goes untested, less than 85 % are noticed, or a reason in
 * equivalent.ts is stale.
 */
const minutes = 30;
const lanesAtOnce = 2;
/** One run of the tests of one file takes seconds; a mutant that needs ten times as long hangs. */
const patienceMilliseconds = 60_000;

const { values } = parseArgs({
  options: { only: { type: 'string', default: '' }, all: { type: 'boolean' } },
});
const root = path.join(import.meta.dirname, '../..');
const sources = new Map(
  [...new Set([...decidingFiles(root), ...rules.map(({ file }) => file)])].map((file) => [
    file,
    readFileSync(path.join(root, file), 'utf8'),
  ]),
);
const mutants = [
  ...rules.map(listed),
  ...decidingFiles(root).flatMap((file) => mutantsOf(file, sources.get(file) ?? '')),
].filter(({ file, kind }) => file.includes(values.only) || kind.includes(values.only));

const factor = await measureFactor();
const lanes = Array.from({ length: lanesAtOnce }, () => new Lane(root, factor));
const results: Result[] = [];
const deadline = performance.now() + minutes * 60_000;
const waiting = [...mutants];
try {
  await Promise.all(lanes.map(work));
} finally {
  for (const lane of lanes) await lane.close();
}
process.exitCode = report(results, { equivalents, notTried: waiting.length, whole: values.only === '' })
  ? 0
  : 1;

async function work(lane: Lane): Promise<void> {
  for (let mutant = waiting.shift(); mutant !== undefined; mutant = waiting.shift()) {
    const source = sources.get(mutant.file) ?? '';
    const tests = testsFor(root, mutant.file);
    const mutated = applied(mutant, source);
    const question = { file: mutant.file, mutated, source, tests };
    const verdict = await lane.ask(question, Math.round(patienceMilliseconds * factor));
    results.push({ ...mutant, ...verdict });
    if (!verdict.killed || process.stdout.isTTY)
      console.log(
        `${results.length}/${mutants.length} ${verdict.killed ? 'noticed' : 'SURVIVES'} ${mutant.file}:${mutant.line} ${mutant.kind}`,
      );
    if (performance.now() > deadline) return;
  }
}

function listed({ name, file, text, replacement }: (typeof rules)[number]): Mutant {
  const source = sources.get(file) ?? '';
  const start = source.indexOf(text);
  if (start < 0 || source.indexOf(text, start + 1) >= 0)
    throw new Error(`rules.ts: not once in ${file}: ${text}`);
  const line = source.slice(0, start).split('\n').length;
  return { file, kind: name, line, start, end: start + text.length, was: text, replacement };
}
