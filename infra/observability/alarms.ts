import { metricNamespace } from '../hosts/host-metrics.ts';
import type { SharedSettings } from '../stack/stack.ts';

/** Where on the status page an alarm stands. */
export type Section = 'answers' | 'hosts' | 'sessions' | 'files' | 'model';

/** What an alarm looks at, before anybody knows its id: `target` names it, `suffix` is added to the id. */
export type Dimension = { target: string; suffix?: string };

/** One alarm on one metric, as plain values. */
export type Alarm = {
  /** Part of logical and physical names: a rename replaces the alarm. */
  key: string;
  section: Section;
  /** What is wrong when it rings, in words. */
  title: string;
  /** What to look at first. */
  advice: string;
  namespace: string;
  metric: string;
  /** `p95` and the like are percentiles. */
  statistic: 'Sum' | 'Average' | 'Maximum' | 'Minimum' | `p${number}`;
  dimensions: Readonly<Record<string, Dimension>>;
  periodSeconds: 60 | 300 | 86_400;
  /** How many periods in a row. */
  periods: number;
  rings: 'above' | 'below';
  /** Exclusive: it rings strictly above or below. */
  threshold: number;
  /** What silence means: nothing to count is fine, a host that says nothing is not. */
  silence: 'fine' | 'wrong' | 'unknown';
};

type WatchedSettings = Pick<SharedSettings, 'observability' | 'fleet' | 'redis' | 'files' | 'llm'>;

/**
 * Every alarm of an environment. Targets: `balancer`, `targets` (ARN suffixes), `certificate` (ARN), `redis`, `files` (ids),
 * `llm`, `llm-balancer`, `llm-targets`, and `group:<name>` for each group of hosts.
 *
 * @param groups names of the groups of hosts, without the model's
 */
export function planAlarms(settings: WatchedSettings, groups: readonly string[]): Alarm[] {
  const { redis, files, llm } = settings;
  return [
    ...answerAlarms(settings),
    ...groups.flatMap((group) => hostAlarms(settings, `group:${group}`, group, 'hosts')),
    ...(redis.source === 'none' ? [] : redisAlarms(redis.nodes)),
    ...(files.source === 'none' ? [] : fileAlarms(settings)),
    ...(llm.mode === 'host' ? [...modelAlarms(), ...hostAlarms(settings, 'llm', 'model', 'model')] : []),
  ];
}

function answerAlarms({ observability }: WatchedSettings): Alarm[] {
  const balancer = { LoadBalancer: { target: 'balancer' } };
  const both = { ...balancer, TargetGroup: { target: 'targets' } };
  const base = { section: 'answers', namespace: 'AWS/ApplicationELB' } as const;
  const errors = {
    ...base,
    statistic: 'Sum',
    periodSeconds: 300,
    periods: 1,
    rings: 'above',
    threshold: observability.serverErrors - 1,
    silence: 'fine',
  } as const;
  const counts = { ...base, periodSeconds: 60, periods: 3 } as const;
  return [
    {
      key: 'server-errors',
      title: 'The app answers with errors (5xx)',
      ...errors,
      metric: 'HTTPCode_Target_5XX_Count',
      dimensions: both,
      advice: 'Look at the log of the hosts; if it began with an order, roll back.',
    },
    {
      key: 'balancer-errors',
      title: 'The balancer answers with errors (5xx)',
      ...errors,
      metric: 'HTTPCode_ELB_5XX_Count',
      dimensions: balancer,
      advice: 'No host took the request, or one closed its connection first: compare the chain of times.',
    },
    {
      ...base,
      key: 'latency',
      title: 'Answers are slow (95th percentile)',
      statistic: 'p95',
      metric: 'TargetResponseTime',
      dimensions: both,
      periodSeconds: 300,
      periods: 3,
      rings: 'above',
      threshold: observability.latencySeconds,
      silence: 'fine',
      advice: 'Look at the model and at Redis first: most answers wait for one of them.',
    },
    {
      ...counts,
      key: 'unhealthy-hosts',
      title: 'A host is not healthy',
      statistic: 'Maximum',
      metric: 'UnHealthyHostCount',
      dimensions: both,
      rings: 'above',
      threshold: 0,
      silence: 'fine',
      advice: 'Ask `lockstep status`; a host that stays unhealthy is replaced by its group.',
    },
    {
      ...counts,
      key: 'no-healthy-host',
      title: 'No host is healthy',
      statistic: 'Minimum',
      metric: 'HealthyHostCount',
      dimensions: both,
      rings: 'below',
      threshold: 1,
      silence: 'wrong',
      advice: 'Nobody is served. Ask `lockstep status`, then roll back or resume.',
    },
    {
      ...base,
      key: 'certificate',
      title: 'The certificate runs out soon',
      statistic: 'Minimum',
      namespace: 'AWS/CertificateManager',
      metric: 'DaysToExpiry',
      dimensions: { CertificateArn: { target: 'certificate' } },
      periodSeconds: 86_400,
      periods: 1,
      rings: 'below',
      threshold: observability.certificateDays,
      silence: 'unknown',
      advice: 'ACM renews by itself while the record that proves the name stands: put it back.',
    },
  ];
}

/** From the CloudWatch agent of each host, together for its group: the worst of them counts. */
function hostAlarms(
  { observability }: WatchedSettings,
  target: string,
  name: string,
  section: Section,
): Alarm[] {
  const base = {
    section,
    namespace: metricNamespace,
    statistic: 'Maximum',
    dimensions: { AutoScalingGroupName: { target } },
    periodSeconds: 300,
    periods: 2,
    rings: 'above',
    silence: 'unknown',
  } as const;
  return [
    {
      ...base,
      key: `memory-${name}`,
      title: `Memory of a host is nearly full (${name})`,
      metric: 'mem_used_percent',
      threshold: observability.memoryPercent,
      advice: 'Next comes the out-of-memory killer: fewer workers, or a larger instance type.',
    },
    {
      ...base,
      key: `disk-${name}`,
      title: `The disk of a host is nearly full (${name})`,
      metric: 'disk_used_percent',
      threshold: observability.diskPercent,
      advice: 'Look for files outside of the shared directory, and at rollout.keepReleases.',
    },
  ];
}

/** A node takes 65,000 connections (ElastiCache quotas); the others are ElastiCache's own advice on what to watch. */
function redisAlarms(nodes: number): Alarm[] {
  const base = {
    section: 'sessions',
    namespace: 'AWS/ElastiCache',
    statistic: 'Maximum',
    periodSeconds: 300,
    periods: 2,
    rings: 'above',
    silence: 'unknown',
  } as const;
  return Array.from({ length: nodes }, (_, index): Alarm[] => {
    const node = index + 1;
    const dimensions = { CacheClusterId: { target: 'redis', suffix: `-${String(node).padStart(3, '0')}` } };
    return [
      {
        ...base,
        key: `redis-memory-${node}`,
        title: `Redis node ${node} is nearly full`,
        dimensions,
        metric: 'DatabaseMemoryUsagePercentage',
        threshold: 80,
        advice: 'With noeviction, writes fail at 100 %: shorten session lifetimes or take a larger node.',
      },
      {
        ...base,
        key: `redis-evictions-${node}`,
        title: `Redis node ${node} throws sessions away`,
        dimensions,
        metric: 'Evictions',
        statistic: 'Sum',
        threshold: 0,
        periods: 1,
        silence: 'fine',
        advice: 'Users lose their place. Take a larger node, and redis.evictionPolicy: noeviction.',
      },
      {
        ...base,
        key: `redis-connections-${node}`,
        title: `Redis node ${node} has many connections`,
        dimensions,
        metric: 'CurrConnections',
        threshold: 50_000,
        advice: 'At 65,000 new ones are refused: look for a client that opens one a request.',
      },
      {
        ...base,
        key: `redis-cpu-${node}`,
        title: `Redis node ${node} is busy`,
        dimensions,
        metric: 'EngineCPUUtilization',
        statistic: 'Average',
        threshold: 80,
        periods: 3,
        advice: 'One thread does the work: look for slow commands, then take a larger node.',
      },
    ];
  }).flat();
}

function fileAlarms({ fleet }: WatchedSettings): Alarm[] {
  const base = {
    section: 'files',
    namespace: 'AWS/EFS',
    dimensions: { FileSystemId: { target: 'files' } },
  } as const;
  return [
    {
      ...base,
      key: 'files-mounts',
      title: 'A host has lost the shared directory',
      metric: 'ClientConnections',
      statistic: 'Sum',
      periodSeconds: 60,
      periods: 5,
      rings: 'below',
      threshold: fleet.hosts,
      silence: 'wrong',
      advice: 'Fewer mounts than hosts: uploads of that host reach nobody else. Replace it.',
    },
    {
      ...base,
      key: 'files-io',
      title: 'The file system is at its limit',
      metric: 'PercentIOLimit',
      statistic: 'Maximum',
      periodSeconds: 300,
      periods: 3,
      rings: 'above',
      threshold: 95,
      silence: 'fine',
      advice: 'Many small operations at once: look for a service that lists or stats in a loop.',
    },
  ];
}

function modelAlarms(): Alarm[] {
  const llm = { LoadBalancer: { target: 'llm-balancer' }, TargetGroup: { target: 'llm-targets' } };
  return [
    {
      key: 'model-down',
      section: 'model',
      title: 'The model does not answer',
      statistic: 'Minimum',
      namespace: 'AWS/ApplicationELB',
      metric: 'HealthyHostCount',
      dimensions: llm,
      periodSeconds: 60,
      periods: 5,
      rings: 'below',
      threshold: 1,
      silence: 'wrong',
      advice: 'Read the log of the model: weights, memory or the probe; a dead host comes back by itself.',
    },
    {
      key: 'model-busy',
      section: 'model',
      title: 'The GPU is at its limit',
      statistic: 'Average',
      namespace: metricNamespace,
      metric: 'nvidia_smi_utilization_gpu',
      periodSeconds: 300,
      periods: 3,
      dimensions: { AutoScalingGroupName: { target: 'llm' } },
      rings: 'above',
      threshold: 95,
      silence: 'unknown',
      advice: 'Answers queue: fewer or shorter requests, or a larger instance type.',
    },
  ];
}
