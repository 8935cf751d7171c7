import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { hostCredentials } from '../../../scripts/store/s3/aws-credentials.ts';

/** Answers as the EC2 user guide documents instance metadata, version 2; that EC2 does is not proved here. */
describe('credentials of a host', () => {
  let server: http.Server;
  let environment: Record<string, string>;
  let calls: string[];
  let broken: number | undefined;
  let role: string | undefined;
  let now: Date;
  let made: number;

  beforeEach(async () => {
    calls = [];
    broken = undefined;
    role = 'intake-staging-hosts';
    now = new Date('2026-03-01T12:00:00Z');
    made = 0;
    server = http.createServer((request, response) => {
      const { method = '', url = '', headers } = request;
      calls.push(`${method} ${url}`);
      const answer = (status: number, text = '') => response.writeHead(status).end(text);
      if (broken !== undefined) return answer(broken);
      if (method === 'PUT' && url === '/latest/api/token') {
        return headers['x-aws-ec2-metadata-token-ttl-seconds'] === '300'
          ? answer(200, 'the-token')
          : answer(400);
      }
      if (headers['x-aws-ec2-metadata-token'] !== 'the-token') return answer(401);
      if (role === undefined) return answer(404);
      if (url.endsWith('/security-credentials/')) return answer(200, role);
      if (role === 'damaged') return answer(200, '{"Code":"Failed","SecretAccessKey":"hush"');
      made += 1;
      const Expiration = new Date(now.getTime() + 60 * 60_000).toISOString();
      const secret = { AccessKeyId: `id-${made}`, SecretAccessKey: 'hush', Token: 'session' };
      return answer(200, JSON.stringify({ Code: 'Success', ...secret, Expiration }));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    environment = { AWS_EC2_METADATA_SERVICE_ENDPOINT: base };
  });
  afterEach(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  const source = () => hostCredentials({ environment, now: () => now });
  const later = (minutes: number) => {
    now = new Date(now.getTime() + minutes * 60_000);
  };

  it('come from the environment where it has them, and nothing is asked', async () => {
    Object.assign(environment, { AWS_ACCESS_KEY_ID: 'given', AWS_SECRET_ACCESS_KEY: 'secret' });
    expect(await source()()).toEqual({ accessKeyId: 'given', secretAccessKey: 'secret' });
    Object.assign(environment, { AWS_SESSION_TOKEN: 'session' });
    expect(await source()()).toMatchObject({ sessionToken: 'session' });
    expect(calls).toEqual([]);
  });

  it("come from the instance's role, by metadata of version 2", async () => {
    expect(await source()()).toEqual({
      accessKeyId: 'id-1',
      secretAccessKey: 'hush',
      sessionToken: 'session',
      expiration: new Date('2026-03-01T13:00:00Z'),
    });
    const path = '/latest/meta-data/iam/security-credentials/';
    expect(calls).toEqual(['PUT /latest/api/token', `GET ${path}`, `GET ${path}intake-staging-hosts`]);
  });

  it('are asked for once, however many need them, and anew five minutes before they run out', async () => {
    const credentials = source();
    await Promise.all([credentials(), credentials(), credentials()]);
    later(54);
    expect(await credentials()).toMatchObject({ accessKeyId: 'id-1' });
    later(2);
    expect(await credentials()).toMatchObject({ accessKeyId: 'id-2' });
    expect(made).toBe(2);
  });

  it('are asked for anew when AWS has refused the last ones', async () => {
    const credentials = source();
    await credentials();
    expect(await credentials(true)).toMatchObject({ accessKeyId: 'id-2' });
  });

  it('stay in use while the metadata service fails, but not past their end', async () => {
    const credentials = source();
    await credentials();
    broken = 500;
    later(57);
    expect(await credentials()).toMatchObject({ accessKeyId: 'id-1' });
    later(4);
    await expect(credentials()).rejects.toThrow('there are no AWS credentials');
    broken = undefined;
    expect(await credentials()).toMatchObject({ accessKeyId: 'id-2' });
  });

  it('are missing with what to do: no role, no metadata, an answer that is none', async () => {
    role = undefined;
    await expect(source()()).rejects.toMatchObject({
      kind: 'errored',
      message: expect.stringContaining('its instance has no role'),
      fix: expect.stringContaining('profile'),
    });
    role = 'damaged';
    await expect(source()()).rejects.toMatchObject({
      message: 'the instance metadata service has no credentials of the role damaged',
      details: [],
    });
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await expect(source()()).rejects.toThrow(/127\.0\.0\.1:\d+ gives none/);
    server.listen(0);
  });
});
