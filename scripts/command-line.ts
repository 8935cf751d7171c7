import { Command, CommanderError } from 'commander';
import { terminalReporter } from './adapters/terminal/terminal-reporter.ts';
import { registers } from './commands/index.ts';
import type { Context, Run } from './console/command.ts';
import { createProgram, globalOptions } from './console/program.ts';
import { exitCodes, LockstepError, messageOf } from './domain/errors.ts';

/** Where a command line runs: what a process gives it, or a test. */
export type Terminal = {
  stdout: NodeJS.WritableStream & { isTTY?: boolean };
  stderr: NodeJS.WritableStream & { isTTY?: boolean };
  environment: Readonly<Record<string, string | undefined>>;
  /** Aborted by SIGINT and SIGTERM; its reason is a LockstepError of kind `interrupted`. */
  signal: AbortSignal;
};

/** Parses, runs one verb and renders what it answers or throws: the one catch. @returns the exit code. */
export async function runCommandLine(argv: readonly string[], terminal: Terminal): Promise<number> {
  const { stdout, stderr, environment, signal } = terminal;
  let code = 0;
  let verbose = false;
  let json = false;

  const run: Run =
    (work) =>
    async (...args) => {
      const command = args.at(-1);
      if (!(command instanceof Command)) throw new TypeError('a commander action ends with its command');
      const options = globalOptions(command);
      verbose = options.verbose;
      json = options.json;
      const mayColour = (stream: { isTTY?: boolean }) =>
        stream.isTTY === true && (environment.NO_COLOR ?? '') === '';
      const colour = !options.json && mayColour(stdout);
      const context: Context = {
        options,
        signal,
        reporter: terminalReporter(stderr, mayColour(stderr)),
        environment,
        colour,
      };
      const result = await work(context, ...args);
      if (json) stdout.write(`${JSON.stringify(result.json, null, 2)}\n`);
      else if (result.text !== '') stdout.write(`${result.text}\n`);
      code = result.exitCode ?? 0;
    };

  const program = createProgram(registers, run, {
    writeOut: (text) => void stdout.write(text),
    writeErr: (text) => void stderr.write(text),
  });
  try {
    await program.parseAsync(argv, { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : exitCodes.usage;
    const known = asLockstepError(error, signal);
    if (json) stdout.write(`${JSON.stringify({ error: errorDocument(known) }, null, 2)}\n`);
    stderr.write(renderError(known, verbose));
    return exitCodes[known.kind];
  }
  return code;
}

function asLockstepError(error: unknown, signal: AbortSignal): LockstepError {
  if (error instanceof LockstepError) return error;
  if (signal.aborted && signal.reason instanceof LockstepError) return signal.reason;
  return new LockstepError('errored', messageOf(error), { cause: error });
}

function errorDocument(error: LockstepError) {
  return {
    kind: error.kind,
    message: error.message,
    fix: error.fix ?? null,
    retry: error.retry,
    details: error.details,
  };
}

function renderError(error: LockstepError, verbose: boolean): string {
  const lines = [`lockstep: ${error.kind}: ${error.message}`, ...error.details.map((line) => `  ${line}`)];
  if (error.fix !== undefined) lines.push(`  fix: ${error.fix}`);
  if (error.retry) lines.push('  Running the same command again can help.');
  if (verbose) lines.push(String(error.cause instanceof Error ? error.cause.stack : error.stack));
  return `${lines.join('\n')}\n`;
}
