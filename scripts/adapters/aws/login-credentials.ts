import { defaultProvider } from '@aws-sdk/credential-provider-node';
import { errored, messageOf } from '../../domain/errors.ts';
import type { CredentialSource } from '../../store/s3/aws-credentials.ts';

/**
 * What people and workflows sign with: the SDK's own chain (environment, profiles, single sign-on, roles).
 * Too large for the agent, which has `hostCredentials`.
 *
 * @throws LockstepError errored where the chain finds none.
 */
export function loginCredentials(): CredentialSource {
  const provider = defaultProvider();
  return async (renew = false) => {
    try {
      return await provider({ forceRefresh: renew });
    } catch (cause) {
      throw errored(`there are no AWS credentials: ${messageOf(cause)}`, {
        fix: 'Log in (aws sso login), name a profile (AWS_PROFILE), or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.',
        cause,
      });
    }
  };
}
