import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { outputOf, run, tailLines } from '../../../scripts/adapters/processes/shell.ts';
import { isAlive } from '../../support/contracts/supervisor-contract.ts';
import { seenIn } from '../../support/run/seen-in.ts';

let cwd: string;
const environment = { PATH: process.env.PATH };
beforeAll(() => {
  cwd = mkdtempSync(path.join(tmpdir(), 'lockstep-shell-'));
});
afterAll(() => rmSync(cwd, { recursive: true, force: true }));

describe('running a program', () => {
  it('passes arguments as they are: no shell reads them', async () => {
    const given = ['$HOME', 'a b', "it's", '`id`', '* ?', '', 'ä\n'];
    const printed = await outputOf(['printf', '%s|', ...given], { cwd, environment });
    expect(printed).toBe(given.map((each) => `${each}|`).join(''));
  });

  it('gives the program the environment that was given and none of ours', async () => {
    const printed = await outputOf(['env'], { cwd, environment: { ...environment, ONLY: 'this' } });
    const names = printed.split('\n').map((line) => line.split('=')[0]);
    expect(names).toContain('ONLY');
    expect(names).not.toContain('HOME');
  });

  it(`keeps the last ${tailLines} lines and says how it ended`, async () => {
    const result = await run(['sh', '-c', 'seq 1 100; echo bad >&2; exit 3'], { cwd, environment });
    expect(result.exitCode).toBe(3);
    expect(result.tail).toHaveLength(tailLines);
    expect(result.tail).toContain('100');
    expect(result.tail).toContain('bad');
  });

  it('says which program is not there', async () => {
    const missing = run(['lockstep-no-such-program'], { cwd: path.join(cwd, 'nowhere'), environment });
    await expect(missing).rejects.toThrow('lockstep-no-such-program');
  });

  it('ends the whole group when it is interrupted, also what ignores SIGTERM', async () => {
    const stop = new AbortController();
    const reason = new Error('interrupted');
    // The inner program is in the group, outlives a SIGTERM, and tells its pid.
    const inner = `trap '' TERM; echo $$ > pid.part; mv pid.part pid; while :; do sleep 60 & wait; done`;
    writeFileSync(path.join(cwd, 'inner.sh'), inner);
    const running = run(['sh', '-c', 'sh inner.sh & wait'], { cwd, environment, signal: stop.signal });
    const ended = expect(running).rejects.toBe(reason);
    // Written whole by a rename, so that its name is its end.
    await seenIn(cwd, () => existsSync(path.join(cwd, 'pid')));
    const pid = Number(await outputOf(['cat', 'pid'], { cwd, environment }));
    expect(isAlive(pid)).toBe(true);
    stop.abort(reason);
    await ended;
    expect(isAlive(pid)).toBe(false);
  });

  it('leaves nothing behind of a program that ended by itself', async () => {
    await run(['sh', '-c', 'sleep 600 & echo $! > left'], { cwd, environment });
    expect(isAlive(Number(await outputOf(['cat', 'left'], { cwd, environment })))).toBe(false);
  });

  it('does not begin when it was interrupted before', async () => {
    const reason = new Error('too late');
    const signal = AbortSignal.abort(reason);
    await expect(run(['touch', 'begun'], { cwd, environment, signal })).rejects.toBe(reason);
    expect(existsSync(path.join(cwd, 'begun'))).toBe(false);
  });
});
