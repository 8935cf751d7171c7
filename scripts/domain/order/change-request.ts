/** What a verb asks for. A change is data: `decide` says what becomes of it. */
export type ChangeRequest =
  /** Null as tag: the release that was committed last, with the values and secrets of now. */
  | { kind: 'deploy'; tag: string | null; overrideReason: string | null }
  | { kind: 'promote'; overrideReason: string | null }
  /** `withSecrets`: the secret versions of then, too. */
  | { kind: 'rollback'; withSecrets: boolean };
