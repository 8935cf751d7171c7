import { type LockstepError, refused } from '../errors.ts';

/** The state of a host before a roll. */
export type HostState = {
  name: string;
  /** Healthy and in rotation now: taking it out costs capacity. */
  serving: boolean;
};

/**
 * Batches in the order in which they are switched: one host as the canary, then `batchSize` at a time. Hosts
 * that serve nothing come first: they cost nothing, and one of them is then the canary. A batch never holds
 * all hosts that serve, unless `allowDowntime`.
 */
export function planBatches(
  hosts: readonly HostState[],
  options: { batchSize: number; allowDowntime: boolean },
): readonly (readonly string[])[] | LockstepError {
  const ordered = hosts.toSorted(
    (left, right) => Number(left.serving) - Number(right.serving) || (left.name < right.name ? -1 : 1),
  );
  // The canary goes alone, whatever the batch size.
  const batches: HostState[][] = ordered.length === 0 ? [] : [ordered.slice(0, 1)];
  for (let start = 1; start < ordered.length; start += options.batchSize) {
    batches.push(ordered.slice(start, start + options.batchSize));
  }
  if (!options.allowDowntime) {
    const refusal = refuseLossOfCapacity(hosts, batches);
    if (refusal !== undefined) return refusal;
  }
  return batches.map((batch) => batch.map(({ name }) => name));
}

/**
 * Hosts switched in earlier batches serve again, so each batch must leave one host that serves or was
 * switched.
 */
function refuseLossOfCapacity(
  hosts: readonly HostState[],
  batches: readonly (readonly HostState[])[],
): LockstepError | undefined {
  const serving = hosts.filter((host) => host.serving).length;
  if (serving === 0) return undefined;
  let switched = 0;
  for (const batch of batches) {
    const left = hosts.filter((host) => host.serving && !batch.includes(host)).length;
    const someServe = left > 0 || switched > 0;
    if (!someServe) {
      return refused(
        `this roll would leave no host in rotation: ${serving} of ${hosts.length} hosts serve, and ` +
          `${batch.map(({ name }) => name).join(', ')} would be switched together`,
        {
          fix: 'Lower rollout.batchSize, add a host, or allow downtime (rollout.allowDowntime: true, or --allow-downtime).',
        },
      );
    }
    switched += batch.length;
  }
  return undefined;
}
