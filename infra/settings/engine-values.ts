import type { z } from 'zod';

/**
 * A value that Pulumi's configuration holds, as the engine hands it on; undefined: the key stands nowhere.
 */
export type ReadText = (key: string) => string | undefined;

/**
 * The raw values of a schema's keys, out of Pulumi's configuration. The engine hands on nothing but text:
 * lists and maps as JSON, text, numbers and booleans as they stand. What stands for a number is told by
 * `resolve`, for stack files too.
 */
export function engineValues(schema: z.ZodObject, read: ReadText): Record<string, unknown> {
  return Object.fromEntries(
    Object.keys(schema.shape).flatMap((key) => {
      const text = read(key);
      return text === undefined ? [] : [[key, handedOn(text)]];
    }),
  );
}

/** Text that is no JSON of a list or a map stays as it is: the schema says what is wrong with it. */
function handedOn(text: string): unknown {
  if (!/^[[{]/.test(text)) return text;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
