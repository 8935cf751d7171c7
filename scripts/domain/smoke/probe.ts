import { z } from 'zod';

/** A request that the agent sends to a service on its own machine, or the deployer through the balancer. */
export const probeRequestSchema = z.strictObject({
  method: z.string(),
  path: z.string().startsWith('/'),
  headers: z.record(z.string(), z.string()),
  /** Base64, because bodies may be multipart with any bytes. Null: no body. */
  body: z.base64().nullable(),
  timeoutSeconds: z.int().positive(),
});
export type ProbeRequest = z.infer<typeof probeRequestSchema>;

export const probeResponseSchema = z.strictObject({
  status: z.int(),
  /** Lower-case names; `set-cookie` is kept apart. */
  headers: z.record(z.string(), z.string()),
  setCookies: z.array(z.string()),
  /** Base64, cut at 1 MiB. */
  body: z.base64(),
  truncated: z.boolean(),
});
export type ProbeResponse = z.infer<typeof probeResponseSchema>;

/** Why there was no response. */
export const probeErrorSchema = z.strictObject({ error: z.string() });
export type ProbeError = z.infer<typeof probeErrorSchema>;
