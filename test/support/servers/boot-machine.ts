import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as wait } from 'node:timers/promises';

/** Raise the number when what is inside changes: a cached root is never altered. */
const cached = path.join(homedir(), '.cache', 'lockstep', 'boot-root-bookworm-1');
const include = 'systemd,systemd-sysv,dbus,stunnel4';
const mirror = 'http://deb.debian.org/debian';

/** Why no machine can be booted here, in words for the name of a skipped test; null where one can. */
export function whyNoMachine(): string | null {
  // Minutes, and a root of its own: `npm run test:machine` asks for it.
  if (process.env.LOCKSTEP_MACHINE_TESTS !== '1') return 'takes minutes: npm run test:machine';
  if (process.platform !== 'linux') return 'needs Linux';
  if (process.getuid?.() !== 0) return 'needs root';
  const missing = ['systemd-nspawn', 'nsenter', ...(existsSync(cached) ? [] : ['debootstrap'])].filter(
    (program) => spawnSync(program, ['--version']).error !== undefined,
  );
  if (missing.length > 0) return `needs ${missing.join(', ')}: apt-get install debootstrap systemd-container`;
  const probe = mkdtempSync(path.join(tmpdir(), 'lockstep-overlay-'));
  for (const name of ['lower', 'upper', 'work', 'root']) mkdirSync(path.join(probe, name));
  const mounted = mountOverlay(path.join(probe, 'lower'), probe);
  if (mounted) spawnSync('umount', [path.join(probe, 'root')]);
  rmSync(probe, { recursive: true, force: true });
  return mounted ? null : 'needs overlay mounts';
}

function mountOverlay(lower: string, at: string): boolean {
  const options = `lowerdir=${lower},upperdir=${at}/upper,workdir=${at}/work`;
  return spawnSync('mount', ['-t', 'overlay', 'overlay', '-o', options, `${at}/root`]).status === 0;
}

/** Makes the root once a machine (a minute, 300 MB); several at once don't meet, the first to finish wins. */
export function prepareRoot(): void {
  if (existsSync(cached)) return;
  mkdirSync(path.dirname(cached), { recursive: true });
  const partial = mkdtempSync(`${cached}.`);
  try {
    const options = ['--variant=minbase', `--include=${include}`];
    execFileSync('debootstrap', [...options, 'bookworm', partial, mirror], { stdio: 'pipe' });
    if (!existsSync(cached)) renameSync(partial, cached);
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
}

/**
 * A whole system of its own: processes, mounts, network, and its own init; an overlay over the cached root.
 */
export class BootMachine {
  readonly directory = mkdtempSync(path.join(tmpdir(), 'lockstep-machine-'));
  readonly root = path.join(this.directory, 'root');
  readonly #binds: readonly string[];
  readonly #cgroups = controlGroups();
  #nspawn: ChildProcess | undefined;
  #leader = 0;

  /** @param binds read-only, as systemd-nspawn writes them: `from:to`. */
  constructor(binds: readonly string[]) {
    this.#binds = binds;
    for (const name of ['upper', 'work', 'root']) mkdirSync(path.join(this.directory, name));
    if (!mountOverlay(cached, this.directory)) throw new Error('the overlay could not be mounted');
  }

  /**
   * What came out at the console. A file of its own: tests read it while nothing else of this process runs.
   */
  get console(): string {
    return readFileSync(path.join(this.directory, 'console'), 'utf8');
  }

  async start(): Promise<void> {
    const console = openSync(path.join(this.directory, 'console'), 'a');
    const options = ['-D', this.root, '--register=no', '--keep-unit', '-b', '--private-network', '--quiet'];
    const binds = this.#binds.map((bind) => `--bind-ro=${bind}`);
    const nspawn = spawn('systemd-nspawn', [...options, ...binds, '--console=read-only'], {
      stdio: ['ignore', console, console],
    });
    this.#nspawn = nspawn;
    closeSync(console);
    for (;;) {
      if (nspawn.exitCode !== null) throw new Error(`systemd-nspawn ended: ${this.console}`);
      this.#leader = childOf(nspawn.pid ?? 0);
      const state = this.#leader === 0 ? '' : this.run('systemctl is-system-running').output;
      if (/running|degraded/.test(state)) return;
      await wait(100);
    }
  }

  /** Runs a line of the shell inside. */
  run(command: string, input = ''): { status: number | null; output: string } {
    const inside = ['-t', String(this.#leader), '-a', '/bin/bash', '-c', command];
    const { status, stdout, stderr } = spawnSync('nsenter', inside, { encoding: 'utf8', input });
    return { status, output: `${stdout}${stderr}` };
  }

  /** As `run`, while this process goes on: for what takes long. */
  async runAside(command: string): Promise<{ status: number | null; output: string }> {
    const inside = ['-t', String(this.#leader), '-a', '/bin/bash', '-c', `exec 2>&1; ${command}`];
    const child = spawn('nsenter', inside, { stdio: ['ignore', 'pipe', 'ignore'] });
    const [output] = await Promise.all([text(child.stdout), once(child, 'close')]);
    return { status: child.exitCode, output };
  }

  /** As the power button does, or at once where that takes long. */
  async stop(): Promise<void> {
    const nspawn = this.#nspawn;
    if (nspawn === undefined) return;
    const ended = nspawn.exitCode === null ? once(nspawn, 'exit') : undefined;
    this.run('systemctl poweroff');
    const patience = setTimeout(() => process.kill(this.#leader, 'SIGKILL'), 20_000);
    await ended;
    clearTimeout(patience);
    this.#nspawn = undefined;
  }

  async remove(): Promise<void> {
    await this.stop();
    execFileSync('umount', [this.root]);
    rmSync(this.directory, { recursive: true, force: true });
    // nspawn leaves the groups that it made.
    for (const group of controlGroups())
      if (!this.#cgroups.includes(group))
        spawnSync('find', [group, '-depth', '-type', 'd', '-exec', 'rmdir', '{}', ';']);
  }
}

function childOf(pid: number): number {
  try {
    return Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ')[0] ?? 0);
  } catch {
    return 0;
  }
}

function controlGroups(): string[] {
  const found = spawnSync('find', [
    '/sys/fs/cgroup',
    '-depth',
    '-type',
    'd',
    '-regex',
    '.*/\\(payload\\|supervisor\\)',
  ]);
  return found.stdout
    .toString('utf8')
    .split('\n')
    .filter((line) => line !== '');
}

/** What the machine's directory still holds of mounts, for a test that nothing is left. */
export function mountsUnder(directory: string): string[] {
  return readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .filter((line) => line.includes(directory));
}
