import { z } from 'zod';
import { parseJsonPath } from './json-path.ts';
import { referencesIn, referencesInJson } from './saved-values.ts';

const headersSchema = z.record(z.string().regex(/^[A-Za-z0-9-]+$/, 'a header name'), z.string());
const jsonPathSchema = z
  .string()
  .refine(
    (text) => parseJsonPath(text) !== undefined,
    "a path such as $.result.rows[0]['first name']; no wildcards or filters",
  );

/** A file of a multipart body: its content stands in the manifest, so that a suite is part of the release. */
const multipartPartSchema = z.union([
  z.string(),
  z.strictObject({
    filename: z.string(),
    contentType: z.string().default('text/plain'),
    content: z.string(),
  }),
]);

/** `${name}` of a value saved by an earlier step may stand in every text here; `$${name}` is the plain text. */
export const suiteRequestSchema = z
  .strictObject({
    method: z.enum(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']).default('GET'),
    path: z.string().startsWith('/'),
    headers: headersSchema.default({}),
    json: z.json().optional(),
    form: z.record(z.string(), z.string()).optional(),
    multipart: z.record(z.string(), multipartPartSchema).optional(),
  })
  .refine(
    (request) => bodiesOf(request).length <= 1,
    'one body at most: choose one of json, form and multipart',
  )
  .refine(
    (request) => bodiesOf(request).length === 0 || !['GET', 'HEAD'].includes(request.method),
    'a GET or HEAD carries no body: add `method: POST`',
  );

const jsonExpectationSchema = z
  .strictObject({
    path: jsonPathSchema,
    equals: z.json().optional(),
    matches: z.string().refine(isPattern, 'not a regular expression').optional(),
    exists: z.boolean().optional(),
  })
  .refine(
    ({ equals, matches, exists }) => equals !== undefined || matches !== undefined || exists !== undefined,
    'expects nothing: add equals, matches or exists',
  );

const expectationSchema = z.strictObject({
  status: z.int().min(100).max(599).default(200),
  /** Name -> text that the header must contain. */
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
  save: z.record(z.string().regex(/^[A-Za-z_]\w*$/, 'letters, digits and _'), jsonPathSchema).default({}),
});
export type Step = z.infer<typeof stepSchema>;

/**
 * `each-host` and `crossing` travel through the agent's `probe`; `through-balancer` goes from the deployer.
 * `in`: the environments it may run in; absent = all.
 */
export const suiteSchema = z
  .strictObject({
    name: z.string().regex(/^[a-z][a-z0-9-]*$/, 'lower-case letters, digits and -'),
    travels: z.enum(['each-host', 'crossing', 'through-balancer']),
    in: z.array(z.string()).optional(),
    /** Default: the manifest's `public` service. */
    service: z.string().optional(),
    steps: z.array(stepSchema).min(1),
  })
  .superRefine((suite, context) => {
    if (suite.travels === 'crossing' && suite.steps.length < 2) {
      context.addIssue({
        code: 'custom',
        path: ['steps'],
        message: 'a crossing suite needs two steps or more: a session has to move from one host to another',
      });
    }
    const saved = new Set<string>();
    suite.steps.forEach((step, index) => {
      for (const name of referencesOf(step)) {
        if (saved.has(name)) continue;
        const known =
          saved.size === 0 ? 'nothing is saved by then' : `saved by then: ${[...saved].join(', ')}`;
        context.addIssue({
          code: 'custom',
          path: ['steps', index],
          message: `\${${name}} is not saved by an earlier step (${known})`,
        });
      }
      for (const name of Object.keys(step.save)) saved.add(name);
    });
  });
export type Suite = z.infer<typeof suiteSchema>;

function bodiesOf(request: { json?: unknown; form?: unknown; multipart?: unknown }): unknown[] {
  return [request.json, request.form, request.multipart].filter((body) => body !== undefined);
}

/** Names of saved values that a step needs: each once. */
function referencesOf({ request, expect }: Step): Set<string> {
  const parts = Object.values(request.multipart ?? {}).map((part) =>
    typeof part === 'string' ? part : part.content,
  );
  const texts = [
    request.path,
    ...Object.values(request.headers),
    ...Object.values(request.form ?? {}),
    ...parts,
    ...Object.values(expect.headers),
    ...expect.contains,
    ...expect.absent,
  ];
  const values = [request.json ?? null, ...expect.json.map(({ equals }) => equals ?? null)];
  return new Set([...texts.flatMap(referencesIn), ...values.flatMap((value) => referencesInJson(value))]);
}

function isPattern(text: string): boolean {
  try {
    new RegExp(text, 'u');
    return true;
  } catch {
    return false;
  }
}
