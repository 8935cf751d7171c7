import type { SharedSettings } from '../stack/stack.ts';

/** For re-hashing, suites across hosts and calls of AWS in a whole roll. */
const rollMarginSeconds = 300;

/**
 * The longest that a roll forward may take when every step uses up its time: all hosts stage together, one
 * host goes alone as the canary, the rest in batches; each `exactly-one` service has a host of its own, which
 * goes alone too. Counted for a fleet that is scaled out, since a deploy may find it so. Going back may take
 * as long again.
 */
export function rollSeconds(
  settings: SharedSettings,
  drainSeconds: number,
  batchSize = settings.rollout.batchSize,
): number {
  const { fleet, rollout } = settings;
  const steps = drainSeconds + longestStop(settings) + longestStart(settings) + rollout.healthyTimeoutSeconds;
  const batches = 1 + Math.ceil((mostHosts(settings) - 1) / batchSize) + singletonServices(settings);
  return fleet.stageSeconds + batches * steps + rollMarginSeconds;
}

/** The smallest batch with which the roll fits, if there is one. */
export function batchSizeThatFits(
  settings: SharedSettings,
  drainSeconds: number,
  limitSeconds: number,
): number | undefined {
  for (let batchSize = 1; batchSize < mostHosts(settings); batchSize += 1) {
    if (rollSeconds(settings, drainSeconds, batchSize) <= limitSeconds) return batchSize;
  }
  return undefined;
}

/** How far target tracking may scale out. */
export function mostHosts({ fleet }: Pick<SharedSettings, 'fleet'>): number {
  return fleet.maxHosts ?? 2 * fleet.hosts;
}

/** Services of a host start together, and are stopped together. */
export function longestStart({ app }: Pick<SharedSettings, 'app'>): number {
  return Math.max(1, ...Object.values(app.services).map(({ graceSeconds }) => graceSeconds));
}

function longestStop({ app }: SharedSettings): number {
  return Math.max(0, ...Object.values(app.services).map(({ stopTimeoutSeconds }) => stopTimeoutSeconds));
}

function singletonServices({ app }: SharedSettings): number {
  return Object.values(app.services).filter(({ replicas }) => replicas === 'exactly-one').length;
}
