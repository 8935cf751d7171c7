/** A stack of the foundation in one of the two places where its state can stand. */
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
 * What is left to do. The bucket that holds the state is made by the program whose state it holds, so that
 * begins on this machine and moves. Whatever an interrupted run left, the next one goes on from there; when
 * all is done it only runs the program, which then has nothing to change.
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
