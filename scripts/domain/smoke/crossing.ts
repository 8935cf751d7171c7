/**
 * How a `crossing` suite travels: each pass is one user's new session whose steps go from host to host, every
 * request over a fresh connection, so that a host's system hands it to any of the service's workers.
 *
 * A pass proves nothing about workers if all its requests happened to meet the same one. So passes repeat
 * until that is less than {@link singleWorkerLimit} likely. ASSUMPTION: a host hands connections to its
 * workers evenly and independently. Kernels that favour a busy worker break it; then the figure is too good.
 *
 * - Several hosts: a session kept by one worker is lost at the first change of host, in any pass. What
 *   repeating adds is reaching the other workers: for every host `workers^(1 - requests on that host) <
 *   limit`.
 * - One host: only requests of the same session count against each other, as a session lost between workers
 *   shows only within one: `workers^(passes - requests) < limit`.
 */
export const singleWorkerLimit = 0.001;

export type CrossingPlan = {
  /** One entry a pass; the host of each step. */
  passes: readonly (readonly string[])[];
  /**
   * The greatest likelihood, over the hosts, that only one of a host's workers was met. 0 where it has only
   * one.
   */
  singleWorkerLikelihood: number;
};

/**
 * `hosts` in any order, at least one; `steps` >= 2 for a suite that can cross at all; `workers` of the
 * service.
 *
 * Taking hosts strictly in turn is not enough: with two hosts the first and the third step would always share
 * one, and a file that the first left on that host would never be missed. So later passes change host more
 * slowly (every second step, every fourth: the digits of the step's number to the base of the hosts), until
 * any two steps were once apart.
 */
export function planCrossing(hosts: readonly string[], steps: number, workers: number): CrossingPlan {
  if (hosts.length === 0 || steps < 1) return { passes: [], singleWorkerLikelihood: 1 };
  const passes: string[][] = [];
  while (
    !meetsEverything(hosts, passes, steps) ||
    (steps > 1 && mayHaveMetOneWorker(hosts, passes, workers))
  ) {
    passes.push(routeOf(hosts, passes.length, steps));
  }
  return { passes, singleWorkerLikelihood: likelihoodOfOneWorker(hosts, passes, workers) };
}

/**
 * Each digit is used for as many passes as there are hosts, each beginning at another host; then again from
 * the first.
 */
function routeOf(hosts: readonly string[], pass: number, steps: number): string[] {
  const digits =
    hosts.length === 1 ? 1 : Math.max(1, (steps - 1).toString(Math.min(hosts.length, 36)).length);
  const slowness = Math.min(hosts.length, 36) ** (Math.floor(pass / hosts.length) % digits);
  return Array.from(
    { length: steps },
    (_, step) => hosts[(pass + Math.floor(step / slowness)) % hosts.length] ?? '',
  );
}

/**
 * Every step on every host, so that a step that is broken on one host alone is met; any two steps once on
 * different hosts.
 */
function meetsEverything(
  hosts: readonly string[],
  passes: readonly (readonly string[])[],
  steps: number,
): boolean {
  const numbers = Array.from({ length: steps }, (_, step) => step);
  const everywhere = numbers.every((step) => new Set(passes.map((pass) => pass[step])).size === hosts.length);
  const apart = (one: number, other: number) => passes.some((pass) => pass[one] !== pass[other]);
  return (
    everywhere &&
    (hosts.length === 1 || numbers.every((one) => numbers.slice(0, one).every((other) => apart(one, other))))
  );
}

function mayHaveMetOneWorker(
  hosts: readonly string[],
  passes: readonly (readonly string[])[],
  workers: number,
): boolean {
  return likelihoodOfOneWorker(hosts, passes, workers) >= singleWorkerLimit;
}

function likelihoodOfOneWorker(
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
