import { LockstepError } from '../../../scripts/domain/errors.ts';
import type { ChangeRequest } from '../../../scripts/domain/order/change-request.ts';
import { changeEnvironment } from '../../../scripts/workflows/order/change.ts';
import type { FakeEnvironment } from './fake-environment.ts';

let runs = 0;

/** What ann asks of an environment of the fake world. */
export function change(
  environment: FakeEnvironment,
  request: ChangeRequest,
  signal = new AbortController().signal,
) {
  runs += 1;
  return changeEnvironment({ environment, actor: { owner: 'ann', run: `run-${runs}` }, signal, request });
}

export const deploy = (environment: FakeEnvironment, tag: string | null, signal?: AbortSignal) =>
  change(environment, { kind: 'deploy', tag, overrideReason: null }, signal);

export const promote = (environment: FakeEnvironment) =>
  change(environment, { kind: 'promote', overrideReason: null });

export const rollback = (environment: FakeEnvironment, withSecrets = false) =>
  change(environment, { kind: 'rollback', withSecrets });

/** What a work that fails throws. */
export async function errorOf(work: Promise<unknown>): Promise<LockstepError> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof LockstepError)) throw new Error(`expected a LockstepError, got ${String(error)}`);
  return error;
}
