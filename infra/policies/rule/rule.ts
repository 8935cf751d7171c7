import type { Declared } from './declared.ts';

type Common = {
  /** Unique in the pack; part of what the engine prints. */
  name: string;
  /** What is asked, and why. */
  description: string;
  /** `mandatory` stops the update. */
  level: 'mandatory' | 'advisory';
};

/**
 * Judges a resource by itself, from its inputs. The engine asks before the resource is made, in a preview and
 * once more in the update: a breach means that nothing was made. Each message says what is wrong and the fix.
 */
export type ResourceRule = Common & { judge: (resource: Declared) => readonly string[] };

/**
 * Judges what only shows between resources. The engine asks once, at the end, with outputs instead of inputs:
 * a preview stops in time, but an update without a preview has made the resources when it is told.
 */
export type StackRule = Common & { judgeStack: (stack: readonly Declared[]) => readonly Breach[] };

export type Rule = ResourceRule | StackRule;

export type Breach = { id: string; message: string };

/** Every breach of every rule in a whole stack. */
export function findBreaches(
  rules: readonly Rule[],
  stack: readonly Declared[],
): readonly (Breach & { rule: string })[] {
  return rules.flatMap((rule) => {
    const breaches =
      'judge' in rule
        ? stack.flatMap((resource) => rule.judge(resource).map((message) => ({ id: resource.id, message })))
        : rule.judgeStack(stack);
    return breaches.map((breach) => ({ rule: rule.name, ...breach }));
  });
}
