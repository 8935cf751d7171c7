import { publicService } from '../settings/schema/public-service.ts';
import type { SharedSettings } from '../stack/stack.ts';
import { longestStart, rollSeconds } from './roll-time.ts';

/**
 * Times that follow from the settings; components take theirs from here, so that no two can contradict.
 * Seconds.
 */
export type Times = {
  /** After this a worker of the public service gives up on a request. Null: nobody connects from outside. */
  workerTimeoutSeconds: number | null;
  llmTimeoutSeconds: number | null;
  /** Of the balancer in front of the app. */
  idleTimeoutSeconds: number;
  /**
   * The app's binding KEEP_ALIVE_SECONDS: it must keep idle connections longer than the balancer, or clients
   * see 502.
   */
  keepAliveSeconds: number;
  /** Of the balancer in front of the model. Null unless the model has a host here. */
  llmIdleTimeoutSeconds: number | null;
  deregistrationDelaySeconds: number;
  /** How long a roll on AWS waits for the requests in flight of a host: at least the deregistration delay. */
  drainSeconds: number;
  /** systemd's TimeoutStopSec of each service's unit. */
  unitStopSeconds: Record<string, number>;
  /** HeartbeatTimeout of the launch hook: a host that isn't ready by then is abandoned. */
  launchHookSeconds: number;
  /** Of the group; counts from InService, so that the boot is covered by the hook. */
  healthCheckGraceSeconds: number;
  /** Of the model's group of one, which has no hook. Null unless the model has a host here. */
  llmHealthCheckGraceSeconds: number | null;
  /** The longest that a roll forward may take. */
  rollSeconds: number;
};

const margin = { idle: 10, keepAlive: 5, stop: 5, hook: 60, grace: 30, llmGrace: 300 } as const;
/** HeartbeatTimeout: 30 to 7,200 s (PutLifecycleHook). */
const longestHookSeconds = 7_200;
/** Idle time-out of a balancer: 1 to 4,000 s. Deregistration delay: 0 to 3,600 s (ELBv2 attributes). */
const longestIdleSeconds = 4_000;
const longestDelaySeconds = 3_600;

/** What is given stays, what is null is solved; whether they fit together is for the links to say. */
export function deriveTimes(settings: SharedSettings): Times {
  const { app, balancer, fleet, llm, rollout } = settings;
  const worker = publicService(app)?.longestRequestSeconds ?? null;
  const longest = worker ?? 60;
  const idleTimeoutSeconds =
    balancer.idleTimeoutSeconds ?? Math.min(longestIdleSeconds, longest + margin.idle);
  const deregistrationDelaySeconds =
    balancer.deregistrationDelaySeconds ?? Math.min(longestDelaySeconds, longest);
  const drainSeconds = Math.max(rollout.drainTimeoutSeconds, deregistrationDelaySeconds);
  const start = longestStart(settings);
  const llmTimeoutSeconds = llm.mode === 'none' ? null : llm.timeoutSeconds;
  return {
    workerTimeoutSeconds: worker,
    llmTimeoutSeconds,
    idleTimeoutSeconds,
    keepAliveSeconds: idleTimeoutSeconds + margin.keepAlive,
    llmIdleTimeoutSeconds: llm.mode === 'host' ? llm.timeoutSeconds + margin.idle : null,
    deregistrationDelaySeconds,
    drainSeconds,
    unitStopSeconds: Object.fromEntries(
      Object.entries(app.services).map(([name, service]) => [name, service.stopTimeoutSeconds + margin.stop]),
    ),
    launchHookSeconds: Math.min(
      longestHookSeconds,
      fleet.bootSeconds + fleet.stageSeconds + start + margin.hook,
    ),
    healthCheckGraceSeconds:
      start + balancer.healthIntervalSeconds * balancer.healthyThreshold + margin.grace,
    llmHealthCheckGraceSeconds: llm.mode === 'host' ? llm.startSeconds + margin.llmGrace : null,
    rollSeconds: rollSeconds(settings, drainSeconds),
  };
}
