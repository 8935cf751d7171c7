import type { Command } from 'commander';
import type { Reporter } from '../workflows/ports/reporter.ts';

/** The result of a verb: one document for machines, one text for people, and the exit code of the process. */
export type Result = { json: unknown; text: string; exitCode?: number };

export type GlobalOptions = {
  json: boolean;
  verbose: boolean;
  /** Directory that holds Pulumi.yaml and .lockstep/; absolute. */
  project: string;
  target: 'local' | 'aws';
};

/** What every verb gets. Nothing ambient is read below this. */
export type Context = {
  options: GlobalOptions;
  /** Aborted by SIGINT and SIGTERM; its reason is a LockstepError of kind `interrupted`. */
  signal: AbortSignal;
  reporter: Reporter;
  environment: Readonly<Record<string, string | undefined>>;
  /** Colours and tables: a terminal, no NO_COLOR, no --json. */
  colour: boolean;
};

/**
 * Wraps a verb's work so that it becomes a commander action; one catch (scripts/cli.ts) renders what it
 * throws.
 */
export type Run = <A extends unknown[]>(
  work: (context: Context, ...args: A) => Promise<Result>,
) => (...args: A) => Promise<void>;

/** Each file in commands/ exports one of these. */
export type Register = (program: Command, run: Run) => void;
