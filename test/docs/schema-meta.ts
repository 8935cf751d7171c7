import { z } from 'zod';

/** What a schema says of itself; what is wrapped around it (a default, "may be absent") may say more. */
export function metaOf(schema: z.core.$ZodType): {
  description: string | undefined;
  unset: string | undefined;
} {
  const own = z.globalRegistry.get(schema) ?? {};
  const inside =
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodNullable ||
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodPrefault
      ? metaOf(schema.unwrap())
      : { description: undefined, unset: undefined };
  return {
    description: own.description ?? inside.description,
    unset: typeof own.unset === 'string' ? own.unset : inside.unset,
  };
}
