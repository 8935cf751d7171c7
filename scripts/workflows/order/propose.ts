import { nearest } from '../../../infra/settings/config.ts';
import { LockstepError } from '../../domain/errors.ts';
import type { ChangeRequest } from '../../domain/order/change-request.ts';
import { decide, type Proposal } from '../../domain/order/decide.ts';
import type { Chain } from '../environment/chain.ts';
import type { Environment } from '../environment/environment.ts';
import { readStanding } from './read-standing.ts';

/**
 * Reads where the environment stands and decides on the request.
 * @throws LockstepError refused or usage, naming every value, secret or fact that is missing.
 */
export async function propose(
  environment: Environment,
  chain: Chain,
  request: ChangeRequest,
): Promise<Proposal> {
  const decision = decide(await readStanding(environment, chain, request), request, nearest);
  if (decision instanceof LockstepError) throw decision;
  for (const warning of decision.warnings) environment.ports.reporter.warn(warning);
  return decision.proposal;
}
