import { expect, test } from 'vitest';
import { appManifestSchema } from '../../../scripts/domain/app/app-manifest.ts';
import {
  expandCommand,
  type HostFacts,
  resolveBindings,
  serviceEnvironment,
  serviceUrls,
} from '../../../scripts/domain/app/service-environment.ts';

const manifest = appManifestSchema.parse({
  name: 'sample',
  services: { web: { command: ['x'], port: 8080, workers: 3 }, 'price-feed': { command: ['x'], port: 8081 } },
  env: { TZ: {}, PORT: {} },
  bindings: ['REDIS_URL', 'SHARED_DIR'],
});
const facts: HostFacts = {
  address: '0.0.0.0',
  ports: { web: 9000 },
  bindings: { REDIS_URL: 'redis://r', LLM_MODEL: 'not asked for' },
  releaseDirectory: '/r',
  sharedDirectory: '/s',
  home: '/h',
  temporaryDirectory: '/t',
  inherited: { PATH: '/bin' },
};

test('names services the same everywhere, at the port that this host gave them', () => {
  expect(serviceUrls(manifest, facts)).toEqual({
    WEB_URL: 'http://127.0.0.1:9000',
    PRICE_FEED_URL: 'http://127.0.0.1:8081',
  });
});

test('gives only the bindings that the app asks for, and names the missing', () => {
  expect(resolveBindings(manifest, facts)).toEqual({
    values: { REDIS_URL: 'redis://r', SHARED_DIR: '/s' },
    missing: [],
  });
  expect(resolveBindings(manifest, { ...facts, bindings: {} }).missing).toEqual(['REDIS_URL']);
});

test('lets an app choose its time zone, but not where it listens', () => {
  const values = { TZ: 'Europe/Berlin', PORT: '1' };
  const environment = serviceEnvironment({ manifest, service: 'web', facts, values, secrets: {} });
  expect(environment).toMatchObject({ TZ: 'Europe/Berlin', PORT: '9000', WORKERS: '3', PATH: '/bin' });
  expect(environment).not.toHaveProperty('LLM_MODEL');
});

test('expands what it knows and nothing else, once', () => {
  const environment = { PORT: '1', HOST: '$&${PORT}', SECRET: 'x' };
  // biome-ignore-start lint/suspicious/noTemplateCurlyInString: what a manifest writes
  expect(expandCommand(['a:${PORT}/${PORT}', '${SECRET} $PORT'], environment)).toEqual([
    'a:1/1',
    '${SECRET} $PORT',
  ]);
  expect(expandCommand(['${HOST}'], environment)).toEqual(['$&${PORT}']);
  // biome-ignore-end lint/suspicious/noTemplateCurlyInString: what a manifest writes
});
