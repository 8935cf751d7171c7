import type { Rule } from '../rule/rule.ts';
import { noAdministrators, noOpenPolicies } from './access-policies.ts';
import { encrypted } from './encrypted.ts';
import { instanceMetadataTokens } from './instance-metadata.ts';
import { noSecretInputs } from './no-secret-inputs.ts';
import { noPublicAddress, worldOnlyOnWebPorts, worldOnlyToPublicBalancers } from './open-to-the-world.ts';
import { bucketsAreLocked, bucketsStayPrivate } from './private-buckets.ts';
import { nothingForced, protectedState } from './protected-state.ts';
import { tagged } from './tagged.ts';
import { plainListenersOnlyRedirect, tlsListeners } from './tls-listeners.ts';

/**
 * What every environment keeps to; the pack enforces it on whatever a team adds, tests on whatever is here.
 */
export const rules: readonly Rule[] = [
  tlsListeners,
  plainListenersOnlyRedirect,
  worldOnlyOnWebPorts,
  worldOnlyToPublicBalancers,
  noPublicAddress,
  protectedState,
  nothingForced,
  encrypted,
  bucketsStayPrivate,
  bucketsAreLocked,
  instanceMetadataTokens,
  tagged,
  noSecretInputs,
  noAdministrators,
  noOpenPolicies,
];
