/** Minutes of two ordinary cores. */
export const ordinaryMinutes = { checksAndTests: 6, engineBuild: 6, engineTests: 3 } as const;

/** What the one check may take in all. */
export const allowedMinutes = 45;

export type EngineWork = 'build and test' | 'test' | 'nothing';
export type Fit = { engine: EngineWork; minutes: number; leftOut: string | null };

/**
 * What of the real engine fits into the one check beside the other checks, which always run.
 *
 * @param slowness of this machine, 1 for two ordinary cores
 * @param present whether the engine needs no building
 */
export function decideFit(slowness: number, present: boolean): Fit {
  const of = (minutes: number) => minutes * slowness;
  const rest = of(ordinaryMinutes.checksAndTests);
  const tests = of(ordinaryMinutes.engineTests);
  const all = rest + tests + (present ? 0 : of(ordinaryMinutes.engineBuild));
  if (all <= allowedMinutes) {
    return { engine: present ? 'test' : 'build and test', minutes: all, leftOut: null };
  }
  const leftOut =
    `this machine is ${slowness.toFixed(1)} times slower than two ordinary cores: with them the check would take ` +
    `${Math.round(all)} of ${allowedMinutes} minutes; npm run test:engine runs them`;
  return { engine: 'nothing', minutes: rest, leftOut };
}

/** Whole milliseconds that building the engine may take: at least a minute, for a build that is cached. */
export function buildMilliseconds(slowness: number): number {
  const rest = (ordinaryMinutes.checksAndTests + ordinaryMinutes.engineTests) * slowness;
  return Math.ceil(Math.max(1, allowedMinutes - rest) * 60_000);
}
