import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { Command } from 'commander';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { secretFileOf } from '../../../scripts/adapters/local/secret-file.ts';
import { secret } from '../../../scripts/commands/secret/secret.ts';
import type { Context, Result } from '../../../scripts/console/command.ts';
import { skippedBecause, whyMissing } from '../../support/run/skipped-because.ts';

const root = path.join(import.meta.dirname, '../../..');
const cli = path.join(root, 'scripts', 'cli.ts');
let project: string;
beforeAll(async () => {
  project = await mkdtemp(path.join(os.tmpdir(), 'lockstep-secret-verb-'));
  for (const file of ['Pulumi.yaml', 'Pulumi.staging.yaml']) {
    await copyFile(path.join(root, file), path.join(project, file));
  }
});
afterAll(() => rm(project, { recursive: true }));

/** The verb inside this process: what it answers, before anything is rendered. */
async function answerOf(...args: readonly string[]): Promise<Result | undefined> {
  let result: Result | undefined;
  const context: Context = {
    options: { json: false, verbose: false, project, target: 'local' },
    signal: new AbortController().signal,
    reporter: { step: (_, work) => work(() => {}), info: () => {}, warn: () => {} },
    environment: {},
    colour: false,
  };
  const program = new Command();
  secret(program, (work) => async (...rest) => {
    result = await work(context, ...rest);
  });
  await program.parseAsync(['secret', ...args], { from: 'user' });
  return result;
}

describe('lockstep secret', () => {
  test('takes a value from standard input and lists names and versions, never values', async () => {
    const child = spawn(process.execPath, [
      cli,
      'secret',
      'set',
      'staging',
      'SESSION_KEY',
      '--project',
      project,
    ]);
    child.stdin.end('hunter2\n');
    const [out, err, [code]] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, 'exit'),
    ]);
    expect([code, out, err]).toEqual([
      0,
      'staging: SESSION_KEY is now version 1. Hosts get it with `lockstep deploy staging`.\n',
      '',
    ]);
    expect(await answerOf('list', 'staging')).toEqual({
      json: { environment: 'staging', secrets: [{ name: 'SESSION_KEY', version: 1 }] },
      text: 'name         version\nSESSION_KEY  1',
    });
    const stored = JSON.parse(await readFile(secretFileOf(project, 'staging'), 'utf8'));
    expect(stored).toEqual({ SESSION_KEY: { 1: 'hunter2' } });
  });

  test('refuses an unknown environment and an invalid name before it reads anything', async () => {
    await expect(answerOf('set', 'stagin', 'SESSION_KEY')).rejects.toMatchObject({ fix: 'Write staging.' });
    await expect(answerOf('list', '../staging')).rejects.toMatchObject({ kind: 'usage' });
    await expect(answerOf('set', 'staging', 'session-key')).rejects.toMatchObject({
      kind: 'usage',
      message: '"session-key" is not a valid secret name',
    });
  });
});

/**
 * Runs a program on a terminal of its own, types a line when it asks, and prints all that the terminal
 * showed.
 */
const onTerminal = `
import os, pty, sys
pid, terminal = pty.fork()
if pid == 0: os.execv(sys.argv[1], sys.argv[1:])
shown, typed = b'', False
while True:
    try: data = os.read(terminal, 1024)
    except OSError: break
    if not data: break
    shown += data
    if not typed and b'not shown' in shown:
        typed = True
        os.write(terminal, os.environ['TYPED'].encode())
os.write(1, shown)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
`;
const python = '/usr/bin/python3';
describe('lockstep secret set on a terminal', skippedBecause(whyMissing(python)), () => {
  async function type(name: string, typed: string): Promise<{ code: number; shown: string }> {
    const script = path.join(project, 'terminal.py');
    await writeFile(script, onTerminal);
    const args = [process.execPath, cli, 'secret', 'set', 'staging', name, '--project', project];
    const child = spawn(python, [script, ...args], { env: { ...process.env, TYPED: typed } });
    const [shown, [code]] = await Promise.all([text(child.stdout), once(child, 'exit')]);
    return { code, shown };
  }

  test('shows nothing of what is typed, and Backspace takes back a character', async () => {
    const { code, shown } = await type('TYPED_KEY', 'hunter3\u007f\u00fc\u007f2\r');
    expect(code).toBe(0);
    expect(shown).toContain('Value of TYPED_KEY in staging (not shown)');
    expect(shown).not.toContain('hunter');
    const stored = JSON.parse(await readFile(secretFileOf(project, 'staging'), 'utf8'));
    expect(stored).toMatchObject({ TYPED_KEY: { 1: 'hunter2' } });
  });

  test('Ctrl-C stores nothing and exits with 130', async () => {
    expect((await type('LOST_KEY', 'half\u0003')).code).toBe(130);
    expect(await readFile(secretFileOf(project, 'staging'), 'utf8')).not.toContain('LOST_KEY');
  });
});
