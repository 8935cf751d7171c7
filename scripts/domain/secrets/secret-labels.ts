import { refused } from '../errors.ts';

/** Staging labels of a secret in Secrets Manager: id of a version -> its labels. */
export type SecretLabels = Readonly<Record<string, readonly string[]>>;
export type NumberedVersion = { version: number; id: string };

/** All labels of one secret together (Secrets Manager, "Quotas"). */
const maximumLabels = 20;
/** Secrets Manager keeps these two by itself. */
const ofAws: readonly string[] = ['AWSCURRENT', 'AWSPREVIOUS'];
/**
 * Never retired: orders to go back to, and hosts that boot by the last committed order, still refer to them.
 */
const newestKept = 5;

/** The label by which a host asks for version n. */
export const labelOf = (version: number) => `v${version}`;

/** The versions that a host can ask for, oldest first. */
export function numberedVersions(labels: SecretLabels): NumberedVersion[] {
  return Object.entries(labels)
    .flatMap(([id, attached]) => attached.map((label) => ({ version: numberIn(label), id })))
    .filter(({ version }) => version > 0)
    .sort((left, right) => left.version - right.version);
}

/** Number of the newest version; 0 where there is none. */
export function newestVersion(labels: SecretLabels): number {
  return numberedVersions(labels).at(-1)?.version ?? 0;
}

/**
 * The versions, oldest first, whose labels must go before one more can be given: of 20, AWS's own AWSCURRENT
 * and AWSPREVIOUS take two, so that 18 versions stay. Labels of others (AWSPENDING of a rotation) leave room
 * for fewer.
 *
 * @throws LockstepError refused rather than retire one of the newest five
 */
export function versionsToRetire(name: string, labels: SecretLabels): NumberedVersion[] {
  const numbered = numberedVersions(labels);
  const foreign = Object.values(labels)
    .flat()
    .filter((label) => numberIn(label) === 0 && !ofAws.includes(label));
  const room = maximumLabels - ofAws.length - foreign.length - 1;
  const retired = numbered.slice(0, Math.max(0, numbered.length - room));
  if (numbered.length - retired.length >= Math.min(newestKept, numbered.length)) return retired;
  throw refused(
    `${name} has ${foreign.length} staging labels that are not Lockstep's: ${foreign.join(', ')}`,
    {
      fix: `Remove them in Secrets Manager: a secret can have ${maximumLabels} labels, and none is left for versions.`,
    },
  );
}

function numberIn(label: string): number {
  return /^v[1-9][0-9]*$/.test(label) ? Number(label.slice(1)) : 0;
}
