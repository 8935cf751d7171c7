import { z } from 'zod';

const headersSchema = z.record(z.string(), z.string());

/** A file of a multipart body: its content stands in the manifest, so that a suite is part of the release. */
const multipartPartSchema = z.union([
  z.string(),
  z.strictObject({
    filename: z.string(),
    contentType: z.string().default('text/plain'),
    content: z.string(),
  }),
]);

export const suiteRequestSchema = z.strictObject({
  method: z.enum(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']).default('GET'),
  /** May hold `${name}` of a value saved by an earlier step. */
  path: z.string().startsWith('/'),
  headers: headersSchema.default({}),
  json: z.json().optional(),
  form: z.record(z.string(), z.string()).optional(),
  multipart: z.record(z.string(), multipartPartSchema).optional(),
});

const jsonExpectationSchema = z.strictObject({
  path: z.string().startsWith('$'),
  equals: z.json().optional(),
  matches: z.string().optional(),
  exists: z.boolean().optional(),
});

export const expectationSchema = z.strictObject({
  status: z.int().default(200),
  headers: headersSchema.default({}),
  json: z.array(jsonExpectationSchema).default([]),
  contains: z.array(z.string()).default([]),
  absent: z.array(z.string()).default([]),
});

export const stepSchema = z.strictObject({
  name: z.string().min(1),
  request: suiteRequestSchema,
  expect: expectationSchema.prefault({}),
  /** name -> JSON path into the answer; usable as `${name}` in later steps. */
  save: z.record(z.string(), z.string().startsWith('$')).default({}),
});
export type Step = z.infer<typeof stepSchema>;

/**
 * `each-host` and `crossing` travel through the agent's `probe`; `through-balancer` goes from the deployer.
 * `in`: the environments it may run in; absent = all.
 */
export const suiteSchema = z.strictObject({
  name: z.string().regex(/^[a-z][a-z0-9-]*$/),
  travels: z.enum(['each-host', 'crossing', 'through-balancer']),
  in: z.array(z.string()).optional(),
  /** Default: the manifest's `public` service. */
  service: z.string().optional(),
  steps: z.array(stepSchema).min(1),
});
export type Suite = z.infer<typeof suiteSchema>;
