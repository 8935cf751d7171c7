import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readSecrets } from '../../../scripts/host/orders/secrets.ts';

/**
 * `aws` is a stand-in that records how it was called and answers as the AWS CLI does; what the real one and
 * IAM say is not shown here.
 */
const standIn = `#!/bin/sh
here=$(dirname "$0")
echo "$* pager=[$AWS_PAGER]" >>"$here/calls"
for each; do case $before in --secret-id) id=$each;; --version-stage) stage=$each;; esac; before=$each; done
file="$here/$(basename "$id")-$stage"
[ -e "$here/broken" ] && { cat "$here/broken" >&2; exit 254; }
[ -e "$file" ] || {
  printf '\\nAn error occurred (ResourceNotFoundException) when calling the GetSecretValue operation: no such\\n' >&2
  exit 254
}
cat "$file"
`;

describe('secrets of a host on AWS', () => {
  let directory: string;
  let signal = new AbortController().signal;
  const put = (name: string, text: string) => writeFile(path.join(directory, name), text);
  const read = (...references: [string, number][]) => {
    const secrets = { kind: 'aws', path: '/lockstep/sample/here/secrets', region: 'eu-central-1' } as const;
    const environment = { PATH: `${directory}:${process.env.PATH}` };
    return readSecrets(
      { secrets, environment, signal },
      references.map(([name, version]) => ({ name, version })),
    );
  };

  beforeEach(async () => {
    directory = await mkdtemp(path.join(os.tmpdir(), 'lockstep-aws-'));
    await put('aws', standIn);
    await chmod(path.join(directory, 'aws'), 0o755);
  });
  afterEach(() => rm(directory, { recursive: true, force: true }));

  test('asks for each by name and version, and keeps every sign of its value', async () => {
    const value = 'two\nlines "and" $signs 🔑\n';
    await put('API_KEY-v3', JSON.stringify({ Name: 'x', SecretString: value, VersionStages: ['v3'] }));
    await put('OTHER-v1', JSON.stringify({ SecretString: '' }));
    expect(await read(['API_KEY', 3], ['OTHER', 1])).toEqual({
      values: { API_KEY: value, OTHER: '' },
      missing: [],
    });
    expect((await readFile(path.join(directory, 'calls'), 'utf8')).split('\n').slice(0, -1)).toEqual(
      ['API_KEY --version-stage v3', 'OTHER --version-stage v1'].map(
        (which) =>
          `secretsmanager get-secret-value --region eu-central-1 --output json --secret-id /lockstep/sample/here/secrets/${which} pager=[]`,
      ),
    );
  });

  test('names what is unknown or retired, all at once', async () => {
    await put('API_KEY-v2', JSON.stringify({ SecretString: 'x' }));
    expect(await read(['API_KEY', 1], ['API_KEY', 2], ['LOST', 1])).toEqual({
      values: { API_KEY: 'x' },
      missing: ['API_KEY version 1', 'LOST version 1'],
    });
  });

  test('says what AWS said when it refuses, and that another try may help', async () => {
    await put(
      'broken',
      '\nAn error occurred (AccessDeniedException) when calling the GetSecretValue operation: not you\n',
    );
    await expect(read(['API_KEY', 1])).rejects.toMatchObject({
      kind: 'errored',
      retry: true,
      message: expect.stringContaining('secret API_KEY version 1'),
    });
    await expect(read(['API_KEY', 1])).rejects.toThrow('AccessDeniedException');
  });

  test('never shows what came instead of a text', async () => {
    await put('API_KEY-v1', '{"SecretBinary": "aHVzaA=="}');
    await expect(read(['API_KEY', 1])).rejects.toThrow('secret API_KEY version 1 is not text');
    await put('API_KEY-v1', 'half a {"SecretString": "hush');
    await expect(read(['API_KEY', 1])).rejects.not.toThrow('hush');
  });

  test('ends with what interrupted it, not with a complaint of the CLI', async () => {
    signal = AbortSignal.abort(new Error('interrupted by SIGTERM'));
    await expect(read(['API_KEY', 1])).rejects.toThrow('interrupted by SIGTERM');
    signal = new AbortController().signal;
  });

  test('says that there is no CLI, or what its last line says, and never more than 500 characters of it', async () => {
    await put('broken', `\nsomething\n${'!'.repeat(2000)}\n\n`);
    const error = await read(['API_KEY', 1]).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ message: `secret API_KEY version 1 can't be read: ${'!'.repeat(500)}` });
    await put('broken', '\n');
    await expect(read(['API_KEY', 1])).rejects.toThrow("can't be read: no answer");
    await rm(path.join(directory, 'aws'));
    const secrets = { kind: 'aws', path: '/lockstep/sample/here/secrets', region: 'eu-central-1' } as const;
    const host = { secrets, environment: { PATH: directory }, signal };
    await expect(readSecrets(host, [{ name: 'API_KEY', version: 1 }])).rejects.toThrow(
      'is not installed on this host',
    );
  });

  test('asks nobody where there are no secrets', async () => {
    expect(await read()).toEqual({ values: {}, missing: [] });
    await expect(readFile(path.join(directory, 'calls'))).rejects.toThrow('ENOENT');
  });
});
