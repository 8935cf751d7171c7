import { type LockstepError, refused } from '../errors.ts';
import type { Basis, Receipt, Revocation } from './order.ts';

/** What is known of a release in the upstream environment. Receipts oldest first. */
export type UpstreamEvidence = {
  environment: string;
  receipts: readonly { receipt: Receipt; revocation: Revocation | undefined }[];
  /** The upstream's last committed order and its release; null where nothing was committed. */
  committed: { order: number; release: string } | null;
};

export type PromotionQuestion = {
  /** The environment that is to take the release. */
  environment: string;
  release: string;
  /** Shown to people instead of the digest. */
  label: string;
  sharedConfig: string;
  /** Names of shared values that differ from the upstream's; for the message only. */
  differingNames: readonly string[];
  soakMinutes: number;
  now: Date;
};

/**
 * Rule 2: a release may enter an environment with an upstream only on a receipt from there: same digest, same
 * shared config, not revoked, soaked long enough. The newest fitting receipt counts, but soak runs from the
 * receipt of the upstream's last committed order when that order holds this release, so that a repaired or
 * re-ordered upstream soaks again.
 */
export function decideBasis(question: PromotionQuestion, evidence: UpstreamEvidence): Basis | LockstepError {
  const { environment, label, soakMinutes, now } = question;
  const upstream = evidence.environment;
  if (evidence.receipts.length === 0) {
    return refused(
      `${label} has not been verified in ${upstream}: ${environment} takes only what ${upstream} has verified`,
      {
        fix: `Run \`lockstep deploy ${upstream} ${label}\` first.`,
      },
    );
  }
  const standing = evidence.receipts.filter(({ revocation }) => revocation === undefined);
  if (standing.length === 0) {
    const revocation = evidence.receipts.at(-1)?.revocation;
    return refused(
      `the receipt of ${label} in ${upstream} was revoked: ${revocation?.reason ?? 'no reason given'}`,
      {
        fix: `Repair ${upstream} and run \`lockstep deploy ${upstream} ${label}\`, or promote another release.`,
      },
    );
  }
  const fitting = standing.filter(({ receipt }) => receipt.sharedConfig === question.sharedConfig);
  if (fitting.length === 0) {
    const names = question.differingNames.join(', ');
    return refused(
      `${label} was verified in ${upstream} with another shared config${names === '' ? '' : ` (differs: ${names})`}`,
      { fix: `Run \`lockstep deploy ${upstream}\` to verify the new values there first.` },
    );
  }
  const current = evidence.committed;
  const ofCurrent = fitting.find(
    ({ receipt }) => current?.release === question.release && receipt.order === current.order,
  );
  const chosen = (ofCurrent ?? fitting.at(-1))?.receipt;
  if (chosen === undefined) throw new TypeError('a fitting receipt was found above');
  const readyAt = new Date(Date.parse(chosen.at) + soakMinutes * 60_000);
  if (readyAt > now) {
    const minutes = Math.ceil((readyAt.getTime() - now.getTime()) / 60_000);
    return refused(
      `${label} has been verified in ${upstream} for less than ${soakMinutes} min (order ${chosen.order}, ${chosen.at})`,
      {
        retry: true,
        fix: `Wait ${minutes} more min (until ${readyAt.toISOString()}), or give --override-reason.`,
      },
    );
  }
  return { kind: 'receipt', environment: upstream, order: chosen.order };
}
