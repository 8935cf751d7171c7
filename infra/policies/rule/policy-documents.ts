import { isProps, isUnknown, type Props } from './declared.ts';

/**
 * The statements of a policy document, written as a text or as a value; null where a preview doesn't know it
 * yet. Text that is not JSON has none: the provider refuses it.
 */
export function statementsOf(document: unknown): readonly Props[] | null {
  const parsed = typeof document === 'string' ? parse(document) : document;
  if (isProps(parsed)) return [parsed.Statement].flat().filter(isProps);
  return isUnknown(document) ? null : [];
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
