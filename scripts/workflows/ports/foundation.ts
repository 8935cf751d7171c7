import type { FoundationState } from '../../domain/bootstrap-plan.ts';
import type { CommittedKey, StateKey } from '../../domain/state-key.ts';

/** The engine that runs the foundation, with its state on this machine or in the bucket. */
export interface FoundationEngine {
  /** @throws LockstepError `errored`, with what to install, where the engine is missing. */
  check(): Promise<void>;
  state(place: 'local' | 'remote'): Promise<FoundationState>;
  /** By what the bucket's stack keeps its secrets. */
  stateKey(): Promise<StateKey>;
  /** By what the committed file of settings lets the engine keep them. */
  committedKey(): Promise<CommittedKey>;
  create(place: 'local' | 'remote'): Promise<void>;
  /** Runs the program; says whether it changed anything. */
  up(place: 'local' | 'remote'): Promise<{ changed: boolean }>;
  /** Copies the state from this machine into the bucket. */
  migrate(): Promise<void>;
  /** From here on the bucket's stack encrypts its secrets with the state's own key. */
  encrypt(): Promise<void>;
  forgetLocal(): Promise<void>;
}
