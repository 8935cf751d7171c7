import { expect, test } from 'vitest';
import { z } from 'zod';
import { configRecordSchema } from '../../scripts/domain/app/app-config.ts';
import { appManifestSchema } from '../../scripts/domain/app/app-manifest.ts';
import { digestOf } from '../../scripts/domain/canonical.ts';
import {
  orderSchema,
  outcomeSchema,
  receiptSchema,
  revocationSchema,
} from '../../scripts/domain/order/order.ts';
import {
  buildRecordSchema,
  releaseManifestSchema,
  releaseSealSchema,
} from '../../scripts/domain/release/release.ts';
import type { SignedKind } from '../../scripts/domain/signature.ts';

/** A kind that is added is missing here until its schema is named. */
const signed = {
  release: releaseSealSchema,
  order: orderSchema,
  outcome: outcomeSchema,
  receipt: receiptSchema,
  revocation: revocationSchema,
} satisfies Record<SignedKind, z.ZodType>;
const hashed = { config: configRecordSchema, build: buildRecordSchema };

/**
 * Where a schema makes something else of a value than what was written: a record whose digest is known
 * would be read with another one. `services.*.workers: default`.
 */
function changesIn(schema: z.core.$ZodType, path: readonly string[] = []): string[] {
  const def = (schema as z.core.$ZodTypes)._zod.def;
  const at = (kind: string) => `${path.join('.') || '(root)'}: ${kind}`;
  const checks = (def.checks ?? []).map((check) => check._zod.def.check);
  const here = [
    ...(checks.includes('overwrite') ? [at('overwrite')] : []),
    ...('coerce' in def && def.coerce === true ? [at('coerce')] : []),
  ];
  const below = (inner: z.core.$ZodType, ...names: string[]) => changesIn(inner, [...path, ...names]);
  switch (def.type) {
    case 'string':
    case 'number':
    case 'boolean':
    case 'null':
    case 'literal':
    case 'enum':
      return here;
    case 'object': {
      // What a schema strips was hashed all the same.
      const open = def.catchall?._zod.def.type === 'never' ? [] : [at('takes unknown keys')];
      return [...here, ...open, ...Object.entries(def.shape).flatMap(([name, inner]) => below(inner, name))];
    }
    case 'array':
      return [...here, ...below(def.element, '[]')];
    case 'record':
      return [...here, ...below(def.keyType, '*key'), ...below(def.valueType, '*')];
    case 'union':
      return [...here, ...def.options.flatMap((option) => below(option))];
    case 'optional':
    case 'nullable':
    case 'readonly':
      return [...here, ...below(def.innerType)];
    case 'lazy':
      // JSON of any shape (`z.json()`), which is made of itself.
      return here;
    case 'default':
    case 'prefault':
    case 'catch':
      return [...here, at(def.type), ...below(def.innerType)];
    default:
      return [...here, at(def.type)];
  }
}

test.each(Object.entries({ ...signed, ...hashed }))(
  '%s records are what was written: no default, nothing changed',
  (_, schema) => {
    expect(changesIn(schema)).toEqual([]);
  },
);

test('a rule of the kind is found wherever it is', () => {
  const nested = z.strictObject({
    a: z.array(z.strictObject({ b: z.string().default('x') })),
    c: z.record(z.string(), z.int().catch(1)),
    d: z.union([z.string().trim(), z.strictObject({ e: z.string().prefault('y').nullable() })]),
    f: z.string().transform(Number).optional(),
    g: z.object({}),
    h: z.coerce.number(),
    i: z.preprocess(String, z.string()),
  });
  expect(changesIn(nested)).toEqual([
    'a.[].b: default',
    'c.*: catch',
    'd: overwrite',
    'd.e: prefault',
    'f: pipe',
    'g: takes unknown keys',
    'h: coerce',
    'i: pipe',
  ]);
});

/**
 * A release's manifest is hashed as bytes, and holds the app's manifest with its defaults filled in. One
 * more default would stand in every manifest that is built from then on: the same source would get another
 * digest.
 */
const defaultsOfManifest = `
platform: prefault, platform.runtimes: default, build: prefault, build.steps: default,
services.*.health.expect: default, services.*.health.timeoutSeconds: default,
services.*.health.graceSeconds: default, services.*.workers: default, services.*.replicas: default,
services.*.stopSignal: default, services.*.stopTimeoutSeconds: default, env: default, env.*.required: default,
env.*.perEnvironment: default, secrets: default, secrets.*.perEnvironment: default, bindings: default,
directories: prefault, directories.shared: default, directories.scratch: default, limits: prefault,
limits.bodyMiB: default, limits.requestSeconds: default, smoke: default,
smoke.[].steps.[].request.method: default, smoke.[].steps.[].request.headers: default,
smoke.[].steps.[].request.multipart.*.contentType: default, smoke.[].steps.[].expect: prefault,
smoke.[].steps.[].expect.status: default, smoke.[].steps.[].expect.headers: default,
smoke.[].steps.[].expect.json: default, smoke.[].steps.[].expect.contains: default,
smoke.[].steps.[].expect.absent: default, smoke.[].steps.[].save: default`;

test('the manifest of a release has the defaults that it was born with, and no more', () => {
  expect(changesIn(appManifestSchema)).toEqual(defaultsOfManifest.trim().split(/,\s/));
  expect(changesIn(releaseManifestSchema)).toEqual(changesIn(appManifestSchema, ['app']));
});

test('an app that leaves everything to its defaults is built into the release that it always was', () => {
  const request = { path: '/', method: 'POST', multipart: { file: { filename: 'a', content: 'b' } } };
  const app = {
    name: 'sample',
    services: { web: { command: ['node', 'server.js'], port: 8080, health: { path: '/health' } } },
    env: { GREETING: {} },
    secrets: { API_KEY: {} },
    smoke: [{ name: 'suite', travels: 'each-host', steps: [{ name: 'step', request }] }],
  };
  expect(digestOf(appManifestSchema.parse(app)).slice(0, 12)).toBe('4ef2a5937501');
});

/** As version 0.1.0 wrote them: every later version reads them, and knows them by the same digests. */
const [some, other] = ['1'.repeat(64), '2'.repeat(64)];
const here = {
  app: 'sample',
  environment: 'staging',
  order: 2,
  release: some,
  at: '2026-01-02T03:04:05.678Z',
};
const suite = { suite: 'pages', travels: 'crossing', passed: true, requests: 3, failure: null };
const { order: number, ...place } = here;
const { release: _, ...decided } = here;
const order = { ...place, number, previous: other, tag: 'v1', config: other, sharedConfig: other, by: 'ann' };
const ofFirstVersion: readonly [string, z.ZodType, unknown, string][] = [
  ['seal', releaseSealSchema, { release: some, build: other, app: 'sample' }, 'c17ce7c9e581'],
  [
    'order',
    orderSchema,
    { ...order, secrets: [{ name: 'API_KEY', version: 3 }], basis: { kind: 'rollback', order: 1 } },
    '5ec702684365',
  ],
  [
    'outcome',
    outcomeSchema,
    { ...decided, orderDigest: other, result: 'committed', reason: null, suites: [suite] },
    '3c85649c0528',
  ],
  ['receipt', receiptSchema, { ...here, sharedConfig: other, suites: [suite] }, '7a179b53c76c'],
  ['revocation', revocationSchema, { ...here, reason: 'smoke failed: pages' }, 'bfa7f36be70f'],
  [
    'config',
    configRecordSchema,
    { app: 'sample', environment: 'staging', values: { GREETING: 'hi' } },
    'd493041eaf27',
  ],
  [
    'build',
    buildRecordSchema,
    { app: 'sample', tag: 'v1', commit: 'c', commitTime: 1, builtBy: 'ann', tools: { npm: '10.9.0' } },
    'f42c9c6b7b6a',
  ],
];

test.each(ofFirstVersion)(
  'a record of the first version is read as it was: %s',
  (_, schema, record, digest) => {
    expect(schema.parse(record)).toEqual(record);
    expect(digestOf(schema.parse(record)).slice(0, 12)).toBe(digest);
  },
);
