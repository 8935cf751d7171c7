import { errored, type LockstepError } from '../../domain/errors.ts';
import { codeIn, elementIn, hasExpired, mayPass } from './aws-answer.ts';
import type { WebAnswer } from './round-trip.ts';

export type S3Place = { bucket: string; region: string };

/** What S3 refused, in the words of this project. `doing`: such as `reading packs/a.pack`. */
export function explained(answer: WebAnswer, place: S3Place, doing: string): LockstepError {
  const { status, headers } = answer;
  const { bucket, region } = place;
  const code = codeIn(answer);
  const home = headers['x-amz-bucket-region'] ?? elementIn(answer.body, 'Region');
  if (typeof home === 'string' && home !== '' && home !== region) {
    return errored(`the release store's bucket ${bucket} lies in ${home}, not in ${region}`, {
      fix: `Correct hub.region: the settings and infra/foundation/Pulumi.hub.yaml must name ${home}.`,
    });
  }
  if (code === 'NoSuchBucket') {
    return errored(`there is no bucket ${bucket}, which the settings name as the release store`, {
      fix: 'Make it: lockstep bootstrap. If it stands, correct hub.account and hub.region in the settings.',
    });
  }
  if (hasExpired(code)) {
    return errored(`AWS credentials have expired (${doing} in ${bucket})`, {
      fix: 'Log in again, then run the command once more.',
      retry: true,
    });
  }
  if (code === 'RequestTimeTooSkewed') {
    return errored(`the clock of this machine is wrong: S3 refuses its signatures (${doing} in ${bucket})`, {
      fix: 'Set the clock by NTP (AWS allows 15 minutes), then run the command once more.',
      retry: true,
    });
  }
  if (['InvalidAccessKeyId', 'SignatureDoesNotMatch', 'InvalidToken', 'AuthFailure'].includes(code)) {
    return errored(`AWS doesn't know these credentials: ${code} (${doing} in ${bucket})`, {
      fix: 'Check AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN, or log in again.',
    });
  }
  if (status === 403) {
    return errored(`S3 doesn't allow ${doing} in ${bucket}`, {
      fix: "Use credentials of a role that the store's policy names (infra/foundation), or run lockstep bootstrap to renew the policy.",
      details: [elementIn(answer.body, 'Message')].filter((line) => line !== ''),
    });
  }
  const why = [code, elementIn(answer.body, 'Message')].filter((text) => text !== '').join(': ');
  const passes = mayPass(status, code);
  return errored(`S3 answered ${status} to ${doing} in ${bucket}${why === '' ? '' : `: ${why}`}`, {
    fix: passes ? 'S3 was busy for all tries: run the command again in a while.' : undefined,
    retry: passes,
  });
}
