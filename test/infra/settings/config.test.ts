import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import {
  baseSchema,
  differencePaths,
  hostCount,
  nameSchema,
  resolve,
  type Settings,
  valuesFor,
} from '../../../infra/settings/config.ts';
import { keyOf } from '../../../infra/settings/problems/problems.ts';
import { schemaAt } from '../../../infra/settings/problems/schema-path.ts';

const today = new Date('2026-06-01T00:00:00Z');
const base = {
  app: {
    name: 'shop',
    services: { web: { port: 8080, healthPath: '/health' }, worker: {} },
    env: { MODE: 'fast' },
  },
};
const identity = {
  account: '111122223333',
  region: 'eu-central-1',
  cidr: '10.20.0.0/16',
  domain: 'a.example.com',
};
type Values = Record<string, unknown>;
const resolveStaging = (values: Values = {}, shared: unknown = base) =>
  resolve(shared, { name: 'staging', values: { identity, ...values } }, today);
const findingsOf = (values: Values, shared: unknown = base) =>
  resolveStaging(values, shared).findings.map(({ source, path, message }) => [source, keyOf(path), message]);

function settingsOf(values: Values = {}): Settings {
  const resolved = resolveStaging(values);
  if (!resolved.ok) throw new Error(JSON.stringify(resolved.findings));
  return resolved.settings;
}

test('names are what AWS takes in the middle of its own: no hyphen at an end, nor two in a row', () => {
  for (const name of ['a', 'shop', 'shop-2-eu', 'a'.repeat(31)]) {
    expect(nameSchema.safeParse(name).success, name).toBe(true);
  }
  for (const name of ['', 'shop-', '-shop', 'a--b', '2nd', 'Shop', 'a'.repeat(32), 'a_b', 'shop\n']) {
    expect(nameSchema.safeParse(name).success, name).toBe(false);
  }
});

describe('resolving settings', () => {
  test('fills in the defaults that the rollout counts on', () => {
    expect(settingsOf()).toMatchObject({
      environment: 'staging',
      identity: { certificate: null, alarmAddress: null },
      upstream: null,
      soakMinutes: 0,
      app: {
        public: null,
        services: { worker: { port: null, healthPath: null, longestRequestSeconds: 60 } },
      },
      rollout: {
        batchSize: 1,
        drainTimeoutSeconds: 30,
        healthyTimeoutSeconds: 60,
        leaseSeconds: 60,
        keepReleases: 5,
        allowDowntime: false,
      },
      differences: [],
      warnings: [],
      local: { hosts: null, env: {}, llm: null },
    });
  });

  test('applies every listed difference, and nothing else differs from the base', () => {
    const numbers = fc.integer({ min: 2, max: 6 });
    const paths = differencePaths.filter((path) => {
      const schema = schemaAt(baseSchema, path.split('.'));
      return schema !== undefined && [2, 3, 4, 5, 6].every((value) => z.safeParse(schema, value).success);
    });
    expect(paths.length).toBeGreaterThan(8);
    const changes = fc.uniqueArray(fc.tuple(fc.constantFrom(...paths), numbers), {
      selector: ([path]) => path,
    });
    const plain = settingsOf();
    fc.assert(
      fc.property(changes, (list) => {
        const at = (settings: Settings, path: string) =>
          path.split('.').reduce((value: unknown, key) => Reflect.get(Object(value), key), settings);
        const listed = list.filter(([path, value]) => at(plain, path) !== value);
        const changed = settingsOf({
          differences: listed.map(([path, value]) => ({ path, value, reason: 'because' })),
        });
        for (const path of differencePaths) {
          const wanted = listed.find(([name]) => name === path)?.[1] ?? at(plain, path);
          expect(at(changed, path)).toEqual(wanted);
        }
        expect(changed.differences.map(({ path, value, base: was }) => [path, value, was])).toEqual(
          listed.map(([path, value]) => [path, value, at(plain, path)]),
        );
      }),
    );
  });

  test('never throws, whatever the files hold', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (shared, values) => {
        const resolved = resolve(shared, { name: 'x', values }, today);
        expect(resolved.ok).toBe(resolved.findings.length === 0);
      }),
    );
  });

  test('leaves the base as it was', () => {
    const before = structuredClone(base);
    settingsOf({ differences: [{ path: 'fleet.hosts', value: 5, reason: 'a sale' }] });
    expect(base).toEqual(before);
  });
});

describe('refused', () => {
  test('a difference that is listed twice, names a group, or has no value', () => {
    const entry = { path: 'fleet.hosts', value: 5, reason: 'a sale' };
    expect(findingsOf({ differences: [entry, entry] })).toEqual([
      ['environment', 'differences[1].path', 'this path is listed twice'],
    ]);
    expect(findingsOf({ differences: [{ ...entry, path: 'fleet' }] })).toEqual([
      ['environment', 'differences[0].path', 'no such path in the base'],
    ]);
    expect(findingsOf({ differences: [{ path: 'fleet.hosts', reason: 'a sale' }] })).toEqual([
      ['environment', 'differences[0].value', 'missing'],
    ]);
  });

  test('a date that is none', () => {
    const entry = { path: 'fleet.hosts', value: 5, reason: 'a sale', until: '2026-02-30' };
    expect(findingsOf({ differences: [entry] })).toEqual([
      ['environment', 'differences[0].until', 'not an allowed value'],
    ]);
  });

  test('an encrypted value, once, wherever it stands', () => {
    const secure = { secure: 'AAAB' };
    const shared = { ...base, app: { ...base.app, env: { TOKEN: secure } } };
    expect(findingsOf({ local: { llm: { baseUrl: secure, model: 'm' } }, upstream: secure }, shared)).toEqual(
      [
        ['base', 'app.env.TOKEN', 'an encrypted value'],
        ['environment', 'local.llm.baseUrl', 'an encrypted value'],
        ['environment', 'upstream', 'an encrypted value'],
      ],
    );
  });

  test('an environment or its twin that overrides a shared value', () => {
    expect(findingsOf({ env: { MODE: 'slow' }, local: { env: { MODE: 'slower' } } })).toEqual([
      ['environment', 'env.MODE', 'overrides a value that all environments share'],
      ['environment', 'local.env.MODE', 'overrides a value that all environments share'],
    ]);
  });

  test('numbers and booleans as env values, and values of several lines', () => {
    expect(findingsOf({ env: { A: 1, B: true, C: 'one\ntwo' } })).toEqual([
      ['environment', 'env.A', 'wrong type'],
      ['environment', 'env.B', 'wrong type'],
      ['environment', 'env.C', 'not an allowed value'],
    ]);
  });

  test('a public service without a port, and a port that nobody can check', () => {
    const app = { name: 'shop', public: 'wrker', services: { web: { port: 8080 }, worker: {} } };
    expect(findingsOf({}, { app })).toEqual([
      ['base', 'app.services.web.healthPath', 'missing for a service with a port'],
      ['base', 'app.public', 'names no service with a port'],
    ]);
  });

  test('a certificate of another account', () => {
    const certificate = 'arn:aws:acm:eu-central-1:999988887777:certificate/0000';
    expect(findingsOf({ identity: { ...identity, certificate } })).toEqual([
      ['environment', 'identity.certificate', 'a certificate of another account or region'],
    ]);
  });
});

describe('the local twin', () => {
  const twin = { env: { NAME: 'real' }, local: { hosts: 3, env: { NAME: 'twin' } } };

  test('uses its own values and hosts; the cloud never sees them', () => {
    const settings = settingsOf(twin);
    expect(valuesFor(settings, 'local')).toEqual({ MODE: 'fast', NAME: 'twin' });
    expect(valuesFor(settings, 'aws')).toEqual({ MODE: 'fast', NAME: 'real' });
    expect([hostCount(settings, 'local'), hostCount(settings, 'aws')]).toEqual([3, 2]);
  });

  test('has as many hosts as the real one where nothing else is said', () => {
    expect(hostCount(settingsOf(), 'local')).toBe(2);
  });
});
