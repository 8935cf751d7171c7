import { StringDecoder } from 'node:string_decoder';
import { $, type Options } from 'zx';
import { errored, messageOf } from '../../domain/errors.ts';

/**
 * The one place that runs programs (git, build steps, system tools). Commands are lists: nothing is parsed by
 * a shell.
 */

export type Command = readonly string[];

export type RunOptions = {
  cwd: string;
  /** The whole environment of the program; nothing of ours is added. */
  environment: Readonly<Record<string, string | undefined>>;
  /** Text on its standard input; without it the input is empty. */
  input?: string;
  /** Standard output as it comes. Whatever it does is done before more is read, so nothing piles up. */
  onOutput?: (bytes: Buffer) => void;
  /** Both outputs, line by line. Standard output is left out where `onOutput` takes it. */
  onLine?: ((line: string) => void) | undefined;
  /** Ends the whole process group: SIGTERM, then SIGKILL after five seconds. */
  signal?: AbortSignal;
};

/** `tail`: the last 30 lines of both outputs. `exitCode`: null when a signal ended it. */
export type RunResult = { exitCode: number | null; signal: string | null; tail: readonly string[] };

export const tailLines = 30;
const pipes: readonly 'pipe'[] = ['pipe', 'pipe', 'pipe'];
const patienceMilliseconds = 5_000;

/**
 * Runs a program to its end and ends whatever it left running in its process group.
 *
 * @throws the signal's reason when it was aborted; LockstepError `errored` when the program can't be started.
 */
export async function run(command: Command, options: RunOptions): Promise<RunResult> {
  options.signal?.throwIfAborted();
  const lines = new Tail(options.onLine);
  const child = $({
    cwd: options.cwd,
    env: { ...options.environment },
    input: options.input ?? '',
    // `exec`: the program replaces the shell, so that the group's leader is the program itself.
    shell: '/bin/sh',
    prefix: 'exec ',
    // A pipe of our own for output that passes through: zx would put each chunk through four listeners and a
    // stream.
    postfix: options.onOutput === undefined ? '' : ' >&3',
    ...(options.onOutput === undefined ? {} : ({ stdio: [...pipes, 'pipe'] } satisfies Partial<Options>)),
    quote: (argument: string) => `'${argument.replaceAll("'", `'\\''`)}'`,
    detached: true,
    quiet: true,
    nothrow: true,
    store: { stdout: new Discard(), stderr: new Discard(), stdall: new Discard() },
  })`${[...command]}`;
  const [out, err] = [lines.reader(), lines.reader()];
  child.stdout.on('data', out.take);
  if (options.onOutput !== undefined) child.child?.stdio[3]?.on('data', options.onOutput);
  child.stderr.on('data', err.take);
  const group = child.pid;
  const kill = (signal: NodeJS.Signals) => group !== undefined && killGroup(group, signal);
  // At once, not when its outputs are closed: what it left running may hold them open for ever.
  child.child?.once('exit', () => kill('SIGKILL'));
  let patience: NodeJS.Timeout | undefined;
  const onAbort = () => {
    kill('SIGTERM');
    patience = setTimeout(() => kill('SIGKILL'), patienceMilliseconds);
  };
  options.signal?.addEventListener('abort', onAbort, { once: true });
  try {
    const { exitCode, signal } = await child;
    out.end();
    err.end();
    options.signal?.throwIfAborted();
    // zx gives the number of the system's error where nothing was started: a directory that is not there.
    if (exitCode !== null && exitCode < 0) throw new Error(`error ${exitCode} in ${options.cwd}`);
    return { exitCode, signal, tail: lines.lines };
  } catch (error) {
    if (options.signal?.aborted === true) throw options.signal.reason;
    throw errored(`${command[0]} can't be run: ${messageOf(error)}`, { cause: error });
  } finally {
    clearTimeout(patience);
    options.signal?.removeEventListener('abort', onAbort);
  }
}

/**
 * What a program prints on standard output, whole: for small answers.
 * @throws LockstepError `errored` with its last lines when it fails.
 */
export async function outputOf(command: Command, options: RunOptions): Promise<string> {
  const chunks: Buffer[] = [];
  const { exitCode, tail } = await run(command, { ...options, onOutput: (bytes) => chunks.push(bytes) });
  if (exitCode !== 0) {
    throw errored(`${command.join(' ')} failed with ${exitCode ?? 'a signal'}`, { details: tail });
  }
  return Buffer.concat(chunks).toString('utf8');
}

function killGroup(group: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-group, signal);
  } catch {
    // Nobody is left in it.
  }
}

/** zx keeps all output of a program in memory; a list that keeps nothing lets 500 MB pass through. */
class Discard extends Array<string | Buffer> {
  override push(): number {
    return 0;
  }
}

class Tail {
  readonly lines: string[] = [];
  readonly #onLine: ((line: string) => void) | undefined;

  constructor(onLine: ((line: string) => void) | undefined) {
    this.#onLine = onLine;
  }

  reader(): { take: (bytes: Buffer) => void; end: () => void } {
    const decoder = new StringDecoder('utf8');
    let rest = '';
    return {
      take: (bytes) => {
        const parts = (rest + decoder.write(bytes)).split('\n');
        // A line without an end is cut, or a step that prints dots would fill the memory.
        rest = (parts.pop() ?? '').slice(-10_000);
        for (const part of parts) this.#add(part);
      },
      end: () => {
        rest += decoder.end();
        if (rest !== '') this.#add(rest);
      },
    };
  }

  #add(text: string): void {
    const line = text.replace(/\r$/, '').replace(/^.*\r/, '');
    this.lines.push(line);
    if (this.lines.length > tailLines) this.lines.shift();
    this.#onLine?.(line);
  }
}
