import type { Declared, Props } from '../../../infra/policies/rule/declared.ts';

/** A resource for tests of rules; its short name is its id. */
export function declared(type: string, props: Props = {}, more: Partial<Declared> = {}): Declared {
  const name = more.name ?? type.split(':').at(-1) ?? type;
  return { id: name, type, name, props, protect: false, references: {}, secretInputs: [], ...more };
}

/** One statement as a policy document. */
export function document(statement: object): string {
  return JSON.stringify({ Version: '2012-10-17', Statement: [statement] });
}
