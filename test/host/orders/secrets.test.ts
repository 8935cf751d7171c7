import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readSecrets } from '../../../scripts/host/orders/secrets.ts';

let directory = '';
beforeEach(async () => {
  directory = await mkdtemp(path.join(os.tmpdir(), 'lockstep-secrets-'));
});
afterEach(() => rm(directory, { recursive: true }));

const read = (...references: [string, number][]) =>
  readSecrets(
    {
      secrets: { kind: 'file', path: path.join(directory, 'secrets.json') },
      environment: {},
      signal: new AbortController().signal,
    },
    references.map(([name, version]) => ({ name, version })),
  );
const write = (text: string) => writeFile(path.join(directory, 'secrets.json'), text);

test('values come by name and version, and what is not there is named', async () => {
  await write(JSON.stringify({ KEY: { '1': 'one', '2': 'two' } }));
  expect(await read(['KEY', 2], ['KEY', 3], ['OTHER', 1])).toEqual({
    values: { KEY: 'two' },
    missing: ['KEY version 3', 'OTHER version 1'],
  });
});

test('without a file there are no secrets', async () => {
  expect(await read(['KEY', 1])).toEqual({ values: {}, missing: ['KEY version 1'] });
});

test('the file is not looked at where no secret is asked for', async () => {
  await write('not a file of secrets');
  expect(await read()).toEqual({ values: {}, missing: [] });
});

test('a file that is not one of secrets is an error, and nothing of it is shown', async () => {
  for (const text of ['{"KEY": "hush"', '{"KEY": "hush"}', '["hush"]']) {
    await write(text);
    const error = await read(['KEY', 1]).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ kind: 'errored', message: expect.stringContaining('secrets.json') });
    expect(String(error)).not.toContain('hush');
  }
});

test('a file that can not be read is an error of the machine, not an absence of secrets', async () => {
  await mkdir(path.join(directory, 'secrets.json'));
  await expect(read(['KEY', 1])).rejects.toMatchObject({ code: 'EISDIR' });
});
