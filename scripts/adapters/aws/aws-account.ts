import { errored, refused } from '../../domain/errors.ts';
import { elementIn } from '../../store/s3/aws-answer.ts';
import { AwsService, type AwsWorld } from './aws-service.ts';

/**
 * Asks AWS whose credentials these are, before anything is read or written with them: a secret of production
 * must not land in staging's account because somebody was logged in there. Every caller may ask (STS,
 * GetCallerIdentity).
 *
 * @throws LockstepError refused for another account than the environment's.
 */
export async function checkAccount(
  at: { environment: string; account: string; region: string },
  world: AwsWorld,
): Promise<void> {
  const sts = new AwsService('sts', at.region, world);
  const call = {
    action: 'GetCallerIdentity',
    version: '2011-06-15',
    doing: 'asking whose credentials these are',
  };
  const { body } = await sts.query(call, {});
  const account = elementIn(body, 'Account');
  if (!/^[0-9]{12}$/.test(account)) {
    throw errored(`AWS did not say whose credentials these are`, {
      fix: 'Check that AWS_ENDPOINT_URL names the AWS that you mean.',
    });
  }
  if (account === at.account) return;
  throw refused(`these credentials belong to account ${account}; ${at.environment} is in ${at.account}`, {
    fix: `Log in to ${at.account} (AWS_PROFILE names another profile), or correct identity.account in Pulumi.${at.environment}.yaml.`,
  });
}
