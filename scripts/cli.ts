import { Command, CommanderError } from 'commander';
import { terminalReporter } from './adapters/terminal-reporter.ts';
import type { Context, Run } from './commands/command.ts';
import { registers } from './commands/index.ts';
import { createProgram, globalOptions } from './commands/program.ts';
import { exitCodes, interrupted, LockstepError, messageOf } from './domain/errors.ts';

/** The one catch, the signals and the exit codes. Verbs are in commands/, one a file. */
async function main(argv: readonly string[]): Promise<number> {
  const interruption = new AbortController();
  let code = 0;
  let verbose = false;
  let json = false;

  const onSignal = (signal: NodeJS.Signals) => {
    if (interruption.signal.aborted) {
      process.stderr.write(
        '\nStopped at once. The lease runs out by itself; `lockstep status ENV` shows what runs where, ' +
          'and the next deploy, promote or rollback puts the rest in order.\n',
      );
      process.exit(exitCodes.interrupted);
    }
    process.stderr.write('\nInterrupted: finishing the host in hand. Press Ctrl-C again to stop at once.\n');
    interruption.abort(interrupted(`interrupted by ${signal}`));
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);

  const run: Run =
    (work) =>
    async (...args) => {
      const command = args.at(-1);
      if (!(command instanceof Command)) throw new TypeError('a commander action ends with its command');
      const options = globalOptions(command);
      verbose = options.verbose;
      json = options.json;
      const colour = !options.json && process.env.NO_COLOR === undefined && process.stdout.isTTY === true;
      const context: Context = {
        options,
        signal: interruption.signal,
        reporter: terminalReporter(process.stderr),
        environment: process.env,
        colour,
      };
      const result = await work(context, ...args);
      if (json) process.stdout.write(`${JSON.stringify(result.json, null, 2)}\n`);
      else if (result.text !== '') process.stdout.write(`${result.text}\n`);
      code = result.exitCode ?? 0;
    };

  const program = createProgram(registers, run);
  try {
    await program.parseAsync(argv, { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : exitCodes.usage;
    const known = asLockstepError(error, interruption.signal);
    if (json) process.stdout.write(`${JSON.stringify({ error: errorDocument(known) }, null, 2)}\n`);
    process.stderr.write(renderError(known, verbose));
    return exitCodes[known.kind];
  } finally {
    process.off('SIGINT', onSignal);
    process.off('SIGTERM', onSignal);
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

if (import.meta.main) process.exitCode = await main(process.argv.slice(2));
