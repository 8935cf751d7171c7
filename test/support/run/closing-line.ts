import type { Reporter, TestCase, TestModule, TestSuite } from 'vitest/node';

/** Ends a run with every skipped test by name, with its reason, and the line that counts. */
export default class ClosingLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    const count = { passed: 0, failed: 0, skipped: 0 };
    for (const module of modules) {
      for (const test of module.children.allTests()) {
        const result = test.result();
        if (result.state === 'passed') count.passed++;
        else if (result.state === 'failed') count.failed++;
        else {
          count.skipped++;
          const why = result.state === 'skipped' ? (result.note ?? reasonOf(test)) : 'it did not run';
          console.log(`skipped: ${test.fullName} (${module.relativeModuleId}): ${why}`);
        }
      }
      // A file that can't be loaded has no tests to count, and is a failure all the same.
      if (module.state() === 'failed' && module.errors().length > 0) count.failed++;
    }
    count.failed += errors.length;
    console.log(`${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped`);
  }
}

/** A suite's reason counts for the tests in it. */
function reasonOf(task: TestCase | TestSuite | TestModule): string {
  if (task.type === 'module') return 'no reason given';
  return task.meta().skippedBecause ?? reasonOf(task.parent);
}
