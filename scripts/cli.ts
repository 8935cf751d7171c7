import { systemClock } from './adapters/terminal/system-clock.ts';
import { runCommandLine } from './command-line.ts';
import { listenForInterruption, surviveLostReader } from './console/interruption.ts';
import { exitCodes } from './domain/errors.ts';

/** The process's ends: signals, lost readers and the exit code. */
surviveLostReader(process.stdout);
surviveLostReader(process.stderr);
const interruption = listenForInterruption(process, systemClock.monotonic, {
  onFirst: () =>
    process.stderr.write('\nInterrupted: finishing the current host. Press Ctrl-C again to stop at once.\n'),
  onSecond: () => {
    process.stderr.write(
      '\nStopped at once. The lease will expire by itself; `lockstep status ENV` shows what runs where, ' +
        'and the next deploy, promote or rollback repairs what was left unfinished.\n',
    );
    process.exit(exitCodes.interrupted);
  },
});
process.exitCode = await runCommandLine(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  environment: process.env,
  signal: interruption.signal,
});
interruption.end();
