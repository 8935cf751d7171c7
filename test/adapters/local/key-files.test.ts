import { chmod, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FileSigner } from '../../../scripts/adapters/local/key-files.ts';
import { isSignedBy } from '../../../scripts/domain/signature.ts';

describe('key files', () => {
  let directory: string;
  beforeEach(async () => {
    directory = path.join(await mkdtemp(path.join(os.tmpdir(), 'lockstep-keys-')), 'keys');
  });
  afterEach(() => rm(path.dirname(directory), { recursive: true }));

  it('makes one key for each role, whoever asks first, and signs with it', async () => {
    const signers = Array.from({ length: 6 }, () => new FileSigner(directory));
    const keys = await Promise.all(signers.map((signer) => signer.publicKey({ role: 'build' })));
    expect(new Set(keys).size).toBe(1);
    const [key = ''] = keys;
    const orders = { role: 'orders', environment: 'staging' } as const;
    expect(await new FileSigner(directory).publicKey(orders)).not.toBe(key);
    const signature = await new FileSigner(directory).sign({ role: 'build' }, 'release', 'd');
    expect(isSignedBy(key, 'release', 'd', signature)).toBe(true);
    expect(isSignedBy(key, 'order', 'd', signature)).toBe(false);
    expect((await readdir(directory)).sort()).toEqual([
      'build.key',
      'build.pub',
      'orders-staging.key',
      'orders-staging.pub',
    ]);
    expect((await stat(path.join(directory, 'build.key'))).mode & 0o777).toBe(0o600);
  });

  it('refuses a private key that others may read', async () => {
    await new FileSigner(directory).publicKey({ role: 'build' });
    await chmod(path.join(directory, 'build.key'), 0o640);
    await expect(new FileSigner(directory).publicKey({ role: 'build' })).rejects.toMatchObject({
      kind: 'refused',
      message: expect.stringContaining('0640'),
    });
  });
});
