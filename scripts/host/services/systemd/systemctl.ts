import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { errored, messageOf } from '../../../domain/errors.ts';
import { parseShown, shownProperties } from './systemd-state.ts';

const run = promisify(execFile);

/** Of the system's own programs, whoever started the agent. */
export const systemEnvironment = { PATH: '/usr/bin:/bin', LC_ALL: 'C' };

/**
 * Answers what it printed. It waits until systemd has done it.
 * @throws LockstepError errored with its own words.
 */
export async function systemctl(args: readonly string[]): Promise<string> {
  try {
    const { stdout } = await run('systemctl', args, { env: systemEnvironment });
    return stdout;
  } catch (error) {
    throw errored(`systemctl ${args[0]} failed: ${messageOf(error)}`, { retry: true, cause: error });
  }
}

/** Of units by name, whether they are there or not. */
export async function show(names: readonly string[]): Promise<ReturnType<typeof parseShown>> {
  if (names.length === 0) return new Map();
  const options = ['--timestamp=us+utc', `--property=${shownProperties.join(',')}`];
  return parseShown(await systemctl(['show', ...options, ...names]));
}

/** Names of variables that the manager gives to every process: a machine's own settings. */
export async function managerNames(): Promise<string[]> {
  const block = await systemctl(['show-environment']);
  return block.split('\n').flatMap((line) => /^([A-Za-z_][A-Za-z0-9_]*)=/.exec(line)?.[1] ?? []);
}
