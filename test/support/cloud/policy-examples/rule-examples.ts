import type { Declared } from '../../../../infra/policies/rule/declared.ts';

/** By rule: what it refuses (with words of what it says) and what it accepts. Each is a whole stack. */
export type RuleExamples = Record<
  string,
  {
    refuses: readonly [what: string, stack: readonly Declared[], words: RegExp][];
    accepts: readonly [what: string, stack: readonly Declared[]][];
  }
>;
