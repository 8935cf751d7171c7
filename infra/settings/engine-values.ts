import type { z } from 'zod';

/**
 * A value that Pulumi's configuration holds, as the engine hands it on; undefined: the key stands nowhere.
 */
export type ReadText = (key: string) => string | undefined;

/**
 * The raw values of a schema's keys, out of Pulumi's configuration. The engine hands on nothing but text:
 * what was text stays as it is, numbers, booleans, lists and maps become JSON. Which of both it is, the key's
 * own schema says.
 */
export function engineValues(schema: z.ZodObject, read: ReadText): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(schema.shape).flatMap(([key, type]) => {
      const text = read(key);
      return text === undefined ? [] : [[key, handedOn(type, text)]];
    }),
  );
}

/**
 * Text that is neither what the schema takes nor JSON stays as it is: the schema says what is wrong with it.
 */
function handedOn(type: z.core.SomeType & { safeParse(value: unknown): { success: boolean } }, text: string) {
  if (type.safeParse(text).success) return text;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
