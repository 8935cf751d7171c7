import { runCommandLine } from './command-line.ts';
import { exitCodes, interrupted } from './domain/errors.ts';

/** The process's ends: signals and the exit code. */
const interruption = new AbortController();
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
process.exitCode = await runCommandLine(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  environment: process.env,
  signal: interruption.signal,
});
process.off('SIGINT', onSignal);
process.off('SIGTERM', onSignal);
