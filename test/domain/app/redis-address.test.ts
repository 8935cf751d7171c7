import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { appManifestSchema } from '../../../scripts/domain/app/app-manifest.ts';
import { redisProblem, withRedisLogin } from '../../../scripts/domain/app/redis-address.ts';

const manifest = (more: object) =>
  appManifestSchema.parse({
    name: 'sample',
    services: { web: { command: ['x'], port: 8080 } },
    bindings: ['REDIS_URL'],
    ...more,
  });
const here = { REDIS_URL: 'redis://127.0.0.1:6379', REDIS_USER: 'sample-here-app' };

describe('the address of Redis', () => {
  it('names user and password as any client reads them, whatever signs the password holds', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), (password) => {
        const { REDIS_URL = '' } = withRedisLogin(here, here, { REDIS_PASSWORD: password });
        const url = new URL(REDIS_URL);
        expect([url.username, decodeURIComponent(url.password)]).toEqual(['sample-here-app', password]);
        expect([url.protocol, url.host, url.pathname]).toEqual(['redis:', '127.0.0.1:6379', '']);
      }),
    );
  });

  it('stays as it is where Redis knows no user, and is not added for an app that does not ask', () => {
    const local = { REDIS_URL: 'redis://127.0.0.1:6379' };
    expect(withRedisLogin(local, local, { REDIS_PASSWORD: 'x' })).toEqual(local);
    expect(withRedisLogin({}, here, { REDIS_PASSWORD: 'x' })).toEqual({});
    expect(withRedisLogin(here, here, {})).toEqual(here);
  });

  it('is refused where the app could not log in with it, before anything is changed', () => {
    expect(redisProblem(manifest({}), here)).toContain('declare the secret REDIS_PASSWORD');
    expect(redisProblem(manifest({ secrets: { REDIS_PASSWORD: {} } }), here)).toBeNull();
    expect(redisProblem(manifest({ bindings: [] }), here)).toBeNull();
    expect(redisProblem(manifest({}), { REDIS_URL: here.REDIS_URL })).toBeNull();
  });
});
