import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { examine, install } from '../../../scripts/adapters/terminal/machine-doctor.ts';
import type { Prerequisite } from '../../../scripts/domain/prerequisites.ts';

const thing: Prerequisite = {
  name: 'Thing',
  program: 'lockstep-test-thing',
  versionArguments: ['--version'],
  minimum: '2',
  neededFor: 'running',
  packages: { apt: 'thing', brew: 'thing' },
};

/** A PATH whose apt-get, sudo and brew are small scripts: nothing is installed by this test. */
describe('the doctor of a machine', () => {
  let directory: string;
  const machine = (extra: Record<string, string> = {}) => ({
    environment: { PATH: `${directory}:/usr/bin:/bin`, ...extra },
    signal: new AbortController().signal,
  });
  const program = async (name: string, body: string) => {
    await writeFile(path.join(directory, name), `#!/bin/sh\n${body}\n`);
    await chmod(path.join(directory, name), 0o755);
  };
  const log = () => readFile(path.join(directory, 'log'), 'utf8').catch(() => '');

  beforeEach(async () => {
    directory = await mkdtemp(path.join(os.tmpdir(), 'lockstep-doctor-'));
    const record = `test "$1" = --version || echo "$DEBIAN_FRONTEND $@" >> ${directory}/log`;
    const put = `printf '#!/bin/sh\\necho thing 2.1\\n' > ${directory}/${thing.program}; chmod +x ${directory}/${thing.program}`;
    await program('apt-get', `${record}; test "$1" != install || { ${put}; }`);
    await program('sudo', '[ "$1" = -n ] && shift; exec "$@"');
  });
  afterEach(() => rm(directory, { recursive: true }));

  it('installs what is missing without a question and finds it afterwards', async () => {
    const missing = await examine([thing], machine());
    expect(missing).toMatchObject([{ found: null, fine: false, fix: 'install thing' }]);
    expect((await install(missing, machine(), () => undefined)).installed).toBe(true);
    expect(await log()).toBe(
      'noninteractive update -q\nnoninteractive install -y -q --no-install-recommends thing\n',
    );
    expect(await examine([thing], machine())).toMatchObject([{ found: '2.1', fine: true, fix: null }]);
  });

  it('installs nothing when told not to, and gives the line to paste', async () => {
    const missing = await examine([thing], machine());
    const outcome = await install(missing, machine({ LOCKSTEP_NO_INSTALL: '1' }), () => undefined);
    expect(outcome.installed).toBe(false);
    expect(outcome.notes.join()).toContain('apt-get install -y --no-install-recommends thing');
    expect(await log()).toBe('');
  });

  it('shows the last lines of a package manager that fails', async () => {
    await program('apt-get', 'test "$1" = --version || { echo no such package; exit 100; }');
    const missing = await examine([thing], machine());
    await expect(install(missing, machine(), () => undefined)).rejects.toMatchObject({
      kind: 'errored',
      details: ['no such package'],
    });
  });
});
