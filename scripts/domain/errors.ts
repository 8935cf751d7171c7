/**
 * What can end a command early. *Refused*: a rule said no. *Failed*: the release or the environment is bad.
 * *Errored*: the machinery broke. *Usage*: the command line or a settings file is wrong.
 */
export type ErrorKind = 'failed' | 'usage' | 'refused' | 'errored' | 'interrupted';

/** Exit code of the process for each kind; 0 is kept for "done". 130 is what a shell gives a SIGINT. */
export const exitCodes: Readonly<Record<ErrorKind, number>> = {
  failed: 1,
  usage: 2,
  refused: 3,
  errored: 4,
  interrupted: 130,
};

export type ErrorOptions = {
  /** What the reader should do now: a command or an edit, in one or two sentences. */
  fix?: string | undefined;
  /** Whether the same command can succeed if it is simply run again. */
  retry?: boolean;
  /** Lines shown under the message: problems, log lines, what was left where. */
  details?: readonly string[];
  cause?: unknown;
};

/**
 * The one error class that commands render; anything else reaching the top is a bug and shown as `errored`.
 */
export class LockstepError extends Error {
  readonly kind: ErrorKind;
  readonly fix: string | undefined;
  readonly retry: boolean;
  readonly details: readonly string[];

  constructor(kind: ErrorKind, message: string, options: ErrorOptions = {}) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.name = 'LockstepError';
    this.kind = kind;
    this.fix = options.fix;
    this.retry = options.retry ?? false;
    this.details = options.details ?? [];
  }
}

const errorOf =
  (kind: ErrorKind) =>
  (message: string, options: ErrorOptions = {}): LockstepError =>
    new LockstepError(kind, message, options);

export const refused = errorOf('refused');
export const failed = errorOf('failed');
export const errored = errorOf('errored');
export const usage = errorOf('usage');
export const interrupted = errorOf('interrupted');

/** The message of anything thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
