import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { BaseSequencer, createVitest, type TestSpecification } from 'vitest/node';

/** What a lane is asked: does one of these test files fail with this source? And what it answers. */
export type Question = { file: string; mutated: string; source: string; tests: readonly string[] };
export type Answer = { killed: boolean; by: string | null };

/**
 * A process of its own for run.ts, in a copy of the repository (its first argument): runs the test files of
 * one mutant after another, in the order asked, until one fails.
 */
const [root = ''] = process.argv.slice(2);
process.chdir(root);

let order: readonly string[] = [];
class AsAsked extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return files.toSorted((left, right) => order.indexOf(left.moduleId) - order.indexOf(right.moduleId));
  }
}

const vitest = await createVitest('test', {
  root,
  config: false,
  watch: false,
  isolate: false,
  maxWorkers: 1,
  bail: 1,
  reporters: [{}],
  include: ['test/**/*.test.ts'],
  sequence: { sequencer: AsAsked },
  // The tests of decisions take milliseconds: what takes so long hangs.
  testTimeout: 10_000,
  hookTimeout: 20_000,
  provide: { machineFactor: 1, runner: process.pid, whyNoMinistack: 'left out' },
});
await vitest.standalone();
process.on('disconnect', () => process.exit());
process.on('message', async ({ file, mutated, source, tests }: Question) => {
  const place = path.join(root, file);
  const put = (text: string) => {
    writeFileSync(place, text);
    vitest.invalidateFile(place);
  };
  put(mutated);
  order = tests.map((test) => path.join(root, test));
  const specifications = (await vitest.globTestSpecifications([...tests])).filter(({ moduleId }) =>
    order.includes(moduleId),
  );
  const { testModules, unhandledErrors } = await vitest.runTestSpecifications(specifications);
  put(source);
  // Vitest answers the modules of earlier runs as well.
  const failed = testModules.find((each) => order.includes(each.moduleId) && each.state() === 'failed');
  const test = failed === undefined ? undefined : [...failed.children.allTests('failed')][0];
  const by =
    failed === undefined
      ? null
      : `${failed.relativeModuleId}${test === undefined ? '' : `: ${test.fullName}`}`;
  process.send?.({ killed: failed !== undefined || unhandledErrors.length > 0, by } satisfies Answer);
});
process.send?.('ready');
