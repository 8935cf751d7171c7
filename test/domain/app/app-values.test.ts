import { describe, expect, test } from 'vitest';
import { nearest } from '../../../infra/settings/problems/nearest.ts';
import { appManifestSchema } from '../../../scripts/domain/app/app-manifest.ts';
import { checkValues, factsProblems } from '../../../scripts/domain/app/app-values.ts';
import { factsOf, publicService } from '../../../scripts/domain/app/manifest-names.ts';

const manifest = appManifestSchema.parse({
  name: 'shop',
  services: {
    web: { command: ['node', 'main.js'], port: 8080, health: { path: '/health' } },
    worker: { command: ['node', 'worker.js'] },
  },
  env: {
    MODE: { pattern: '^(fast|slow)$' },
    NAME: { perEnvironment: true },
    HINT: { required: false },
    API_TOKEN_TYPE: { required: false, pattern: '^x$' },
  },
  secrets: { API_KEY: {} },
});

describe('env values', () => {
  test('that fit the manifest have no problems', () => {
    expect(checkValues(manifest, { MODE: 'fast', NAME: 'Shop' })).toEqual([]);
  });

  test('that are missing, undeclared, not as their pattern, or secrets are named all at once', () => {
    expect(checkValues(manifest, { MOED: 'fast', MODE: 'quick', API_KEY: 'hunter2' }, { nearest })).toEqual([
      'env value NAME is required and missing; set it under lockstep:env in Pulumi.<environment>.yaml',
      'env value MOED is not declared; declared: API_TOKEN_TYPE, HINT, MODE, NAME; write MODE',
      'env value MODE is "quick"; allowed: text that matches ^(fast|slow)$',
      'API_KEY is declared as a secret: remove its env value and run `lockstep secret set ENV API_KEY`',
    ]);
  });

  test('are not shown where they may be secrets', () => {
    const values = { NAME: 'Shop', MODE: 'redis://me:hunter2@host', API_TOKEN_TYPE: 'hunter2' };
    const problems = checkValues(manifest, values);
    expect(problems).toHaveLength(2);
    expect(problems.join()).not.toContain('hunter2');
  });

  test("of one environment's own file are per-environment ones only", () => {
    expect(checkValues(manifest, { NAME: 'Shop' }, { perEnvironmentOnly: true })).toEqual([]);
    expect(checkValues(manifest, { MODE: 'fast' }, { perEnvironmentOnly: true })).toEqual([
      'env value MODE is shared by all environments: set it under app.env in Pulumi.yaml, or declare it perEnvironment',
    ]);
  });

  test('by names that every object has are undeclared like any other', () => {
    expect(checkValues(manifest, { MODE: 'fast', NAME: 'x', constructor: 'y' })).toHaveLength(1);
  });
});

describe('the facts that infrastructure was built from', () => {
  const usual = { replicas: 'many', stopTimeoutSeconds: 10, graceSeconds: 60 } as const;
  const facts = {
    name: 'shop',
    public: null,
    services: {
      web: { ...usual, port: 8080, healthPath: '/health', longestRequestSeconds: 60 },
      worker: { ...usual, port: null, healthPath: null, longestRequestSeconds: 900 },
    },
    secrets: ['API_KEY'],
  };

  test('agree with a manifest that says the same; a service without a port has no requests', () => {
    expect(factsProblems(manifest, facts)).toEqual([]);
    expect(factsProblems(manifest, factsOf(manifest))).toEqual([]);
  });

  test('are named one by one where they disagree', () => {
    const other = {
      ...facts,
      public: 'api',
      services: {
        web: { ...usual, port: 8081, healthPath: '/', longestRequestSeconds: 30, stopTimeoutSeconds: 5 },
        api: { ...usual, port: 9000, healthPath: '/', longestRequestSeconds: 30 },
      },
      secrets: ['OLD_KEY'],
    };
    expect(factsProblems(manifest, other)).toEqual([
      'public is "web" in lockstep.yaml and "api" in Pulumi.yaml',
      'the port of web is 8080 in lockstep.yaml and 8081 in Pulumi.yaml',
      'the health path of web is "/health" in lockstep.yaml and "/" in Pulumi.yaml',
      'the longest request, in seconds, of web is 60 in lockstep.yaml and 30 in Pulumi.yaml',
      'the stop time-out, in seconds, of web is 10 in lockstep.yaml and 5 in Pulumi.yaml',
      'the service worker is in lockstep.yaml but not in Pulumi.yaml',
      'the service api is in Pulumi.yaml but not in lockstep.yaml',
      'the secret API_KEY is in lockstep.yaml but not in Pulumi.yaml',
      'the secret OLD_KEY is in Pulumi.yaml but not in lockstep.yaml',
    ]);
  });
});

test('requests of a service are compared as soon as one side gives it a port', () => {
  const facts = factsOf(manifest);
  const { worker } = facts.services;
  if (worker === undefined) throw new Error('there is a worker');
  const services = { ...facts.services, worker: { ...worker, port: 9000, longestRequestSeconds: 30 } };
  expect(factsProblems(manifest, { ...facts, services })).toEqual([
    'the port of worker is absent in lockstep.yaml and 9000 in Pulumi.yaml',
    expect.stringContaining('of worker is'),
  ]);
});

test('the public service is the one named, or the only one with a port', () => {
  expect(publicService(manifest)).toBe('web');
  expect(publicService({ public: 'b', services: { a: { port: 1 }, b: { port: 2 } } })).toBe('b');
  expect(publicService({ services: { a: { port: 1 }, b: { port: 2 } } })).toBeNull();
  expect(publicService({ services: { a: {} } })).toBeNull();
});
