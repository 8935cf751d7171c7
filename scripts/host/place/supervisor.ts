import { z } from 'zod';
import { type ProcessStatus, processStatusSchema } from '../../domain/order/attestation.ts';

/**
 * A service as a supervisor runs it: one process group, its output appended to a file. Paths are absolute.
 */
export const unitSchema = z.strictObject({
  service: z.string(),
  /** Program and arguments, expanded; no shell looks at them. */
  command: z.array(z.string()).min(1),
  workingDirectory: z.string(),
  /** JSON object of strings, mode 0600: the process's whole environment. */
  environmentFile: z.string(),
  /**
   * Digest of what the process runs with: release, command, environment. Another digest is another process.
   */
  content: z.string(),
  stopSignal: z.enum(['SIGTERM', 'SIGINT', 'SIGQUIT', 'SIGHUP', 'SIGUSR1', 'SIGUSR2']),
  stopTimeoutSeconds: z.int().positive(),
  logFile: z.string(),
  /** Directories that the service writes to; a supervisor may keep it from all others. */
  writable: z.array(z.string()).default([]),
});
export type Unit = z.infer<typeof unitSchema>;

export const unitStatusSchema = z.strictObject({ content: z.string(), process: processStatusSchema });
export type UnitStatus = { content: string; process: ProcessStatus };

/** A service's log is bounded: one file that is written, and one before it, of so many bytes each. */
export const logLimitBytes = 10 * 1024 * 1024;

/**
 * Keeps a host's services running. It knows nothing of releases: what it starts has been verified by the
 * agent. test/support/contracts/supervisor-contract.ts says what every implementation must do.
 */
export interface Supervisor {
  /**
   * Makes exactly these units run: one that runs with an equal definition is left alone, others are stopped
   * first. Resolves when each has been started once, healthy or not; crashed ones start again after a pause.
   */
  start(units: readonly Unit[]): Promise<void>;
  /**
   * Stops everything: stopSignal to the main process, SIGKILL to the whole group after stopTimeoutSeconds.
   * Answers the names of the services that it stopped; nothing of the supervisor itself stays.
   */
  stop(): Promise<string[]>;
  /** Lets services write to a directory, as whoever they run. `directory`: its real path. */
  giveToServices(directory: string): Promise<void>;
  /** Every unit that should run, whether it does or not, sorted by service. */
  status(): Promise<UnitStatus[]>;
}
