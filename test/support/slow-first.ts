import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Files that start many real processes. Begun last, one of them alone would keep everybody waiting at the end. */
const slow = [/\/e2e\//, /\/intake\.test\.ts$/, /\/local-twin\.test\.ts$/, /\/build(-repeats)?\.test\.ts$/];

export default class SlowFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification) => {
      const found = slow.findIndex((pattern) => pattern.test(moduleId));
      return found === -1 ? slow.length : found;
    };
    return (await super.sort(files)).toSorted((left, right) => rank(left) - rank(right));
  }
}
