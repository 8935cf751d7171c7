/** The foundation's stack in one of the two places that can hold its state: this machine, or the bucket. */
export type FoundationState = 'absent' | 'empty' | 'full';

export type BootstrapStep =
  | 'create-local'
  | 'up-local'
  | 'create-remote'
  | 'migrate'
  | 'encrypt'
  | 'up-remote'
  | 'forget-local';

/**
 * The steps that are left. The program whose state the bucket holds creates that bucket, so the state begins
 * on this machine and is migrated. The next run continues from whatever an interrupted one left; when
 * everything is done, it only runs the program, which then has nothing to change.
 *
 * @param local the state under .lockstep/; wins while the bucket holds none
 * @param encrypted whether a key keeps the secrets of the bucket's state, and no empty passphrase
 */
export function planBootstrap(
  local: FoundationState,
  remote: FoundationState,
  encrypted: boolean,
): readonly BootstrapStep[] {
  if (remote === 'full') {
    if (local !== 'absent') return ['encrypt', 'up-remote', 'forget-local'];
    return encrypted ? ['up-remote'] : ['encrypt', 'up-remote'];
  }
  return [
    ...(local === 'absent' ? (['create-local'] as const) : []),
    'up-local',
    ...(remote === 'absent' ? (['create-remote'] as const) : []),
    'migrate',
    'encrypt',
    'up-remote',
    'forget-local',
  ];
}
