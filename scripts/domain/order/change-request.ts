/** The change that a verb asks for, as data; `decide` turns it into a proposal or a refusal. */
export type ChangeRequest =
  /** `tag` null: the last committed release again, with the current env values and secrets. */
  | { kind: 'deploy'; tag: string | null; overrideReason: string | null }
  | { kind: 'promote'; overrideReason: string | null }
  /** `withSecrets`: restores the secret versions of that order too. */
  | { kind: 'rollback'; withSecrets: boolean };
