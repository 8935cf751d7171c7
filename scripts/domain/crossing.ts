/**
 * How a `crossing` suite walks: each pass is one user's new session whose steps go to the hosts in turn, every
 * request over a fresh connection, so that a host's system hands it to any of the service's workers.
 *
 * A pass proves nothing about workers if all its requests happened to meet the same one. So passes repeat until
 * that is less than {@link unluckyLimit} likely. ASSUMPTION: a host hands connections to its workers evenly and
 * independently. Kernels that favour a busy worker break it; then the figure is too good.
 *
 * - Several hosts: a session kept by one worker is lost at the first change of host, in any pass. What repeating adds
 *   is reaching the other workers: for every host `workers^(1 - requests on that host) < limit`.
 * - One host: only requests of the same session count against each other, as a session lost between workers shows
 *   only within one: `workers^(passes - requests) < limit`.
 */
export const unluckyLimit = 0.001;

export type CrossingPlan = {
  /** One entry a pass; the host of each step. */
  passes: readonly (readonly string[])[];
  /** The greatest likelihood, over the hosts, that only one of its workers was met. 0 where it has but one. */
  unlucky: number;
};

/** `hosts` in any order, at least one; `steps` >= 2 for a suite that can cross at all; `workers` of the service. */
export function planCrossing(hosts: readonly string[], steps: number, workers: number): CrossingPlan {
  if (hosts.length === 0 || steps < 1) return { passes: [], unlucky: 1 };
  const passes: string[][] = [];
  // Every step meets every host at least once: a stage broken on one host alone is met wherever it stands.
  while (
    passes.length < hosts.length ||
    (steps > 1 && unlikeliness(hosts, passes, workers) >= unluckyLimit)
  ) {
    const first = passes.length;
    passes.push(Array.from({ length: steps }, (_, step) => hosts[(first + step) % hosts.length] ?? ''));
  }
  return { passes, unlucky: unlikeliness(hosts, passes, workers) };
}

function unlikeliness(
  hosts: readonly string[],
  passes: readonly (readonly string[])[],
  workers: number,
): number {
  if (workers === 1) return 0;
  const each = hosts.map((host) => {
    const requests = passes.flat().filter((name) => name === host).length;
    const free = hosts.length === 1 ? passes.length : 1;
    return requests === 0 ? 1 : workers ** (free - requests);
  });
  return Math.max(...each);
}
