import { BaseSequencer, type TestSpecification } from 'vitest/node';

/**
 * Files that start many real processes, the longest first among them. They come last: what is quickly told is
 * told first.
 */
const slow = [
  /\/engine\/.*real/,
  /\/e2e\//,
  /\/intake\.test\.ts$/,
  /\/local-twin\.test\.ts$/,
  /\/convergence\.test\.ts$/,
  /\/build-memory\.test\.ts$/,
  /\/build-repeats\.test\.ts$/,
  /\/policies\/pack\.test\.ts$/,
  /\/engine\//,
];

export default class SlowLast extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification) => slow.findIndex((pattern) => pattern.test(moduleId));
    return (await super.sort(files)).toSorted((left, right) => rank(left) - rank(right));
  }
}
