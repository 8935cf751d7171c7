import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { hubStore } from '../../../scripts/adapters/aws/hub-store.ts';
import { S3StandIn } from '../../support/servers/s3-stand-in.ts';

/** The SDK's own chain of credentials, of which only its first place and its end are met here. */
describe('the release store of the hub', () => {
  const hub = { account: '999900001111', region: 'eu-central-1' };
  let s3: S3StandIn;
  let home: string;
  let environment: Record<string, string>;

  beforeEach(async () => {
    s3 = new S3StandIn();
    environment = { AWS_ENDPOINT_URL: await s3.start() };
    home = await mkdtemp(path.join(tmpdir(), 'lockstep-hub-'));
    for (const name of Object.keys(process.env)) if (name.startsWith('AWS_')) vi.stubEnv(name, undefined);
    vi.stubEnv('HOME', home);
    vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true');
  });
  afterEach(async () => {
    vi.unstubAllEnvs();
    await s3.stop();
    await rm(home, { recursive: true });
  });

  it('is the bucket that the foundation makes, for whoever is logged in', async () => {
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'somebody');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret');
    expect(await hubStore(hub, { environment }).get('agents/a.mjs')).toBeUndefined();
    expect(s3.seen).toMatchObject([
      {
        path: '/lockstep-store-999900001111-eu-central-1/agents/a.mjs',
        headers: { authorization: expect.stringContaining('Credential=somebody/') },
      },
    ]);
  });

  it('says how to log in, to whoever is not', async () => {
    await expect(hubStore(hub, { environment }).get('agents/a.mjs')).rejects.toMatchObject({
      kind: 'errored',
      message: expect.stringContaining('there are no AWS credentials'),
      fix: expect.stringContaining('aws sso login'),
    });
    expect(s3.seen).toEqual([]);
  });
});
