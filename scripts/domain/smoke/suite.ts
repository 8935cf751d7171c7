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

/** A file's content is in the manifest, so that a suite is part of the release. */
const multipartPartSchema = z.union([
  z.string(),
  z.strictObject({
    filename: z.string().describe('Name of the file.'),
    contentType: z.string().default('text/plain').describe('Media type of the file.'),
    content: z.string().describe('Content of the file.'),
  }),
]);

/**
 * `${name}` of a value saved by an earlier step may be used in every text here; `$${name}` is the plain text.
 */
export const suiteRequestSchema = z
  .strictObject({
    method: z
      .enum(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'])
      .default('GET')
      .describe('Method of the request. `GET` and `HEAD` carry no body.'),
    path: z.string().startsWith('/').describe('Path of the request, with its query.'),
    headers: headersSchema
      .default({})
      .describe('Headers of the request. Cookies that the app sets are kept and sent automatically.'),
    json: z
      .json()
      .optional()
      .meta({ description: 'A JSON body, sent with its content type.', unset: 'no JSON body' }),
    form: z
      .record(z.string(), z.string())
      .optional()
      .meta({ description: 'A form body, as browsers encode it: values by field.', unset: 'no form body' }),
    multipart: z.record(z.string(), multipartPartSchema).optional().meta({
      description: 'A multipart form body: a text or a file by field.',
      unset: 'no multipart body',
    }),
  })
  .refine(
    (request) => bodiesOf(request).length <= 1,
    'one body at most: choose one of json, form and multipart',
  )
  .refine(
    (request) => bodiesOf(request).length === 0 || !['GET', 'HEAD'].includes(request.method),
    'a GET or HEAD carries no body: add `method: POST`',
  )
  .describe(
    'The request. `${name}` in any text is a value that an earlier step saved; `$${name}` is the plain text.',
  );

const jsonExpectationSchema = z
  .strictObject({
    path: jsonPathSchema.describe("Path into the answer: `$`, then `.name`, `['any name']` or `[0]`."),
    equals: z.json().optional().meta({
      description: 'The value that must be there.',
      unset: 'any value',
    }),
    matches: z
      .string()
      .refine(isPattern, 'not a regular expression')
      .optional()
      .meta({ description: 'Regular expression that the text there must match.', unset: 'any text' }),
    exists: z
      .boolean()
      .optional()
      .meta({ description: 'Whether there must be a value.', unset: 'not checked' }),
  })
  .refine(
    ({ equals, matches, exists }) => equals !== undefined || matches !== undefined || exists !== undefined,
    'expects nothing: add equals, matches or exists',
  );

const expectationSchema = z
  .strictObject({
    status: z.int().min(100).max(599).default(200).describe('Status that the answer must have.'),
    headers: headersSchema.default({}).describe('Text that each of these headers must contain.'),
    json: z
      .array(jsonExpectationSchema)
      .default([])
      .describe('What a JSON answer must hold; each entry has `equals`, `matches` or `exists`.'),
    contains: z.array(z.string()).default([]).describe('Texts that the body must contain.'),
    absent: z
      .array(z.string())
      .default([])
      .describe('Texts that the body must not contain, such as an error sent with status 200.'),
  })
  .describe('The answer that is expected.');

export const stepSchema = z.strictObject({
  name: z.string().min(1).describe('Name of the step, for messages.'),
  request: suiteRequestSchema,
  expect: expectationSchema.prefault({}),
  save: z
    .record(z.string().regex(/^[A-Za-z_]\w*$/, 'letters, digits and _'), jsonPathSchema)
    .default({})
    .describe('Values of the answer to save; later steps refer to them as `${name}`.'),
});
export type Step = z.infer<typeof stepSchema>;

export const suiteSchema = z
  .strictObject({
    name: z
      .string()
      .regex(/^[a-z][a-z0-9-]*$/, 'lower-case letters, digits and -')
      .describe('Name of the suite, for messages and receipts.'),
    travels: z
      .enum(['each-host', 'crossing', 'through-balancer'])
      .describe(
        "`each-host`: the whole session on every host, before the host is admitted. `crossing`: each step on another host, without the balancer's cookie. `through-balancer`: from the deployer to the public address.",
      ),
    in: z
      .array(z.string())
      .optional()
      .meta({ description: 'Environments that the suite runs in.', unset: 'all' }),
    service: z
      .string()
      .optional()
      .meta({ description: 'The service that gets the requests.', unset: 'the public service' }),
    steps: z
      .array(stepSchema)
      .min(1)
      .describe('The session of one user, in order. A crossing suite needs two steps or more.'),
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
