import type { Finding, Path } from '../settings/problems/problem.ts';
import { publicService } from '../settings/schema/public-service.ts';
import type { SharedSettings } from '../stack/stack.ts';
import type { Times } from './derived-times.ts';
import { batchSizeThatFits, longestStart } from './roll-time.ts';

type Amount = { what: string; seconds: number };

/** One link of the chain of times, and what to say where it doesn't hold. */
export type Link = {
  left: Amount;
  relation: 'less than' | 'at most';
  right: Amount;
  /** What would go wrong otherwise, after "otherwise". */
  otherwise: string;
  path: Path;
  fix: string;
};

type Remedy = Pick<Link, 'path' | 'fix'>;

export function holds({ left, relation, right }: Link): boolean {
  return relation === 'less than' ? left.seconds < right.seconds : left.seconds <= right.seconds;
}

/** For people, one line. */
export function sentenceOf(link: Link): string {
  const { left, relation, right, otherwise } = link;
  const is = holds(link) ? 'is' : 'is not';
  return `${left.what} (${left.seconds} s) ${is} ${relation} ${right.what} (${right.seconds} s); otherwise ${otherwise}.`;
}

export function findingOf({ left, relation, right, otherwise, path, fix }: Link): Finding {
  return {
    path,
    message: `${left.what} must be ${relation} ${right.what}, otherwise ${otherwise}`,
    got: `${left.seconds} s and ${right.seconds} s`,
    allowed: `${left.what} ${relation} ${right.what}`,
    fix,
  };
}

/** The chain, from the innermost wait to the whole roll. */
export function timeLinks(settings: SharedSettings, times: Times): Link[] {
  return [
    ...requestLinks(settings, times),
    ...healthLinks(settings, times),
    ...hostLinks(settings, times),
    ...rollLinks(settings, times),
  ];
}

function requestLinks(settings: SharedSettings, times: Times): Link[] {
  const { app, balancer } = settings;
  const service = publicService(app);
  if (service === null) return [];
  const longest = {
    what: `the longest request of ${service.name}`,
    seconds: service.longestRequestSeconds,
  };
  const longestPath = ['app', 'services', service.name, 'longestRequestSeconds'];
  const longestKey = longestPath.join('.');
  const idle = { what: "the balancer's idle time-out", seconds: times.idleTimeoutSeconds };
  const delay = { what: 'the deregistration delay', seconds: times.deregistrationDelaySeconds };
  const links: Link[] = [];
  if (times.llmTimeoutSeconds !== null) {
    const model = { what: "the model's time-out", seconds: times.llmTimeoutSeconds };
    links.push({
      left: model,
      relation: 'less than',
      right: longest,
      path: ['llm', 'timeoutSeconds'],
      otherwise: 'the app is cut off while it still waits for the model, and cannot report it',
      fix:
        longest.seconds > 1
          ? `write at most ${longest.seconds - 1}, or raise ${longestKey} to ${model.seconds + 1} or more`
          : `raise ${longestKey} to ${model.seconds + 1} or more`,
    });
    if (times.llmIdleTimeoutSeconds !== null) {
      links.push({
        left: model,
        relation: 'less than',
        path: ['llm', 'timeoutSeconds'],
        right: { what: "the idle time-out of the model's balancer", seconds: times.llmIdleTimeoutSeconds },
        otherwise: 'that balancer cuts off answers that the app still waits for',
        fix: 'write at most 3990',
      });
    }
  }
  links.push(
    {
      left: longest,
      relation: 'less than',
      right: idle,
      otherwise: 'clients get 504 for requests that the app still works on',
      ...((balancer.idleTimeoutSeconds === null
        ? { path: longestPath, fix: `write at most ${idle.seconds - 1}` }
        : {
            path: ['balancer', 'idleTimeoutSeconds'],
            fix: `write at least ${longest.seconds + 1}, or null to have it solved`,
          }) satisfies Remedy),
    },
    {
      left: idle,
      relation: 'less than',
      path: ['balancer', 'idleTimeoutSeconds'],
      right: { what: "the app's keep-alive", seconds: times.keepAliveSeconds },
      otherwise: 'the app closes a connection that the balancer is about to use, and clients get 502',
      fix: 'have it solved: write null',
    },
    {
      left: longest,
      relation: 'at most',
      right: delay,
      otherwise: 'a roll cuts requests in flight',
      ...((balancer.deregistrationDelaySeconds === null
        ? { path: longestPath, fix: `write at most ${delay.seconds}, the longest that a balancer waits` }
        : {
            path: ['balancer', 'deregistrationDelaySeconds'],
            fix:
              longest.seconds <= 3_600
                ? `write at least ${longest.seconds}, or null to have it solved`
                : `lower ${longestKey} to ${delay.seconds}`,
          }) satisfies Remedy),
    },
    {
      left: delay,
      relation: 'at most',
      path: ['rollout', 'drainTimeoutSeconds'],
      right: { what: "a roll's wait for the drain", seconds: times.drainSeconds },
      otherwise: 'a roll stops the app while the balancer still waits for its answers',
      fix: `write at least ${delay.seconds}`,
    },
  );
  return links;
}

function healthLinks({ app, balancer, rollout }: SharedSettings, times: Times): Link[] {
  const { healthIntervalSeconds: interval, healthTimeoutSeconds: timeout, healthyThreshold } = balancer;
  const checks = { what: `${healthyThreshold} health checks`, seconds: interval * healthyThreshold };
  const start = longestStart({ app });
  const links: Link[] = [
    {
      left: { what: 'start of the app and its first health checks', seconds: start + checks.seconds },
      relation: 'at most',
      right: { what: "the group's health check grace period", seconds: times.healthCheckGraceSeconds },
      otherwise: 'hosts are replaced while they start',
      path: ['balancer', 'healthIntervalSeconds'],
      fix: 'check more often',
    },
  ];
  if (publicService(app) === null) return links;
  return [
    {
      left: { what: 'the time-out of a health check', seconds: timeout },
      relation: 'less than',
      right: { what: 'the time between health checks', seconds: interval },
      otherwise: 'the balancer refuses the check',
      path: ['balancer', 'healthTimeoutSeconds'],
      fix: `write at most ${interval - 1}, or raise balancer.healthIntervalSeconds to ${timeout + 1} or more`,
    },
    {
      left: checks,
      relation: 'at most',
      right: { what: "a roll's wait for a healthy host", seconds: rollout.healthyTimeoutSeconds },
      otherwise: 'no host can become healthy in time, and every roll fails',
      path: ['rollout', 'healthyTimeoutSeconds'],
      fix: `write at least ${checks.seconds}, or lower balancer.healthIntervalSeconds or healthyThreshold`,
    },
    ...links,
  ];
}

function hostLinks({ app, fleet }: SharedSettings, times: Times): Link[] {
  const boot = fleet.bootSeconds + fleet.stageSeconds + longestStart({ app });
  const stops = Object.entries(app.services).map(
    ([name, service]): Link => ({
      left: { what: `the stop time-out of ${name}`, seconds: service.stopTimeoutSeconds },
      relation: 'less than',
      right: { what: `the stop time of its unit`, seconds: times.unitStopSeconds[name] ?? 0 },
      otherwise: 'systemd kills it before its own time is up',
      path: ['app', 'services', name, 'stopTimeoutSeconds'],
      fix: 'lower it',
    }),
  );
  return [
    ...stops,
    {
      left: { what: 'boot, staging and start of a host', seconds: boot },
      relation: 'at most',
      right: { what: "the launch hook's heartbeat", seconds: times.launchHookSeconds },
      otherwise: 'new hosts are abandoned before they are ready, for ever',
      path: ['fleet', 'bootSeconds'],
      fix: `lower fleet.bootSeconds, fleet.stageSeconds or graceSeconds of a service by ${boot - times.launchHookSeconds} s in total: a launch hook waits 7200 s at most`,
    },
  ];
}

function rollLinks(settings: SharedSettings, times: Times): Link[] {
  const { roleSessionSeconds, jobTimeoutMinutes } = settings.pipeline;
  const roll = { what: 'a whole roll, each step at its longest,', seconds: times.rollSeconds };
  const jobSeconds = jobTimeoutMinutes * 60;
  const fixFor = (limit: number, most: number, unit: number) => {
    const batch = batchSizeThatFits(settings, times.drainSeconds, limit);
    const needed = Math.ceil(roll.seconds / unit);
    const ways = [
      ...(needed <= most ? [`write at least ${needed}`] : []),
      ...(batch === undefined ? [] : [`raise rollout.batchSize to ${batch}`]),
    ];
    return ways.join(', or ') || 'lower the time-outs of the roll or fleet.maxHosts';
  };
  return [
    {
      left: roll,
      relation: 'at most',
      right: { what: 'the session of the deploy role', seconds: roleSessionSeconds },
      otherwise: 'the credentials of a deploy expire in the middle',
      path: ['pipeline', 'roleSessionSeconds'],
      fix: fixFor(roleSessionSeconds, 43_200, 1),
    },
    {
      left: roll,
      relation: 'at most',
      right: { what: 'the time-out of the deploy job', seconds: jobSeconds },
      otherwise: 'a deploy is killed in the middle',
      path: ['pipeline', 'jobTimeoutMinutes'],
      fix: fixFor(jobSeconds, 360, 60),
    },
  ];
}
