import type { Rule } from './rule.ts';
import { noAdministrators, noOpenPolicies } from './rules/access-policies.ts';
import { encrypted } from './rules/encrypted.ts';
import { instanceMetadataTokens } from './rules/instance-metadata.ts';
import { noSecretInputs } from './rules/no-secret-inputs.ts';
import {
  noPublicAddress,
  worldOnlyOnWebPorts,
  worldOnlyToPublicBalancers,
} from './rules/open-to-the-world.ts';
import { bucketsAreLocked, bucketsStayPrivate } from './rules/private-buckets.ts';
import { nothingForced, protectedState } from './rules/protected-state.ts';
import { tagged } from './rules/tagged.ts';
import { plainListenersOnlyRedirect, tlsListeners } from './rules/tls-listeners.ts';

/** What every environment keeps to; the pack enforces it on whatever a team adds, tests on whatever is here. */
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
