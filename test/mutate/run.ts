import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { sha256 } from '../../scripts/domain/canonical.ts';
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
/** A mutant hangs when it takes this many times as long as its tests usually do, and at least this long. */
const patience = { times: 5, leastMilliseconds: 20_000 };

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
const isAsked = ({ file, kind }: Mutant) => file.includes(values.only) || kind.includes(values.only);
const generated = decidingFiles(root).flatMap((file) => mutantsOf(file, sources.get(file) ?? ''));
// Rules first; then a shuffled order, the same each time: where the time runs out, what was tried is a fair
// sample.
const chance = ({ file, start, replacement }: Mutant) => sha256(`${file} ${start} ${replacement}`);
const mutants = [
  ...rules.map(listed),
  ...generated.toSorted((left, right) => (chance(left) < chance(right) ? -1 : 1)),
].filter(isAsked);

const lanes = Array.from({ length: lanesAtOnce }, () => new Lane(root));
const results: Result[] = [];
const deadline = performance.now() + minutes * 60_000;
const waiting = [...mutants];
/** File -> milliseconds after which a mutant of it hangs. */
const usual = new Map<string, number>();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, async () => {
    for (const lane of lanes) await lane.close();
    process.exit(130);
  });
}
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
    const { file } = mutant;
    const source = sources.get(file) ?? '';
    const question = { file, source, mutated: applied(mutant, source), tests: testsFor(root, file) };
    const verdict = await lane.ask(question, await patienceFor(lane, file));
    results.push({ ...mutant, ...verdict });
    const place = `${mutant.file}:${mutant.line} ${mutant.kind}`;
    if (!verdict.killed) console.log(`${results.length}/${mutants.length} survives: ${place}`);
    else if (results.length % 50 === 0) console.log(`${results.length}/${mutants.length} tried`);
    if (performance.now() > deadline) return;
  }
}

/** From a run of the tests of the file as it is, which must pass. */
async function patienceFor(lane: Lane, file: string): Promise<number> {
  const known = usual.get(file);
  if (known !== undefined) return known;
  const source = sources.get(file) ?? '';
  const start = performance.now();
  const question = { file, source, mutated: source, tests: testsFor(root, file) };
  const { killed, by } = await lane.ask(question, deadline - start);
  if (killed) throw new Error(`the tests of ${file} fail as it is: ${by}`);
  const milliseconds = Math.round(patience.times * (performance.now() - start));
  usual.set(file, Math.max(patience.leastMilliseconds, milliseconds));
  return usual.get(file) ?? 0;
}

function listed({ name, file, text, replacement }: (typeof rules)[number]): Mutant {
  const source = sources.get(file) ?? '';
  const start = source.indexOf(text);
  if (start < 0 || source.indexOf(text, start + 1) >= 0)
    throw new Error(`rules.ts: not once in ${file}: ${text}`);
  const line = source.slice(0, start).split('\n').length;
  return { file, kind: name, line, start, end: start + text.length, was: text, replacement };
}
