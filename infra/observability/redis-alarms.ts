import type { Alarm } from './alarm.ts';

/**
 * A node takes 65,000 connections (ElastiCache quotas); the others are ElastiCache's own advice on what to
 * watch.
 */
export function redisAlarms(nodes: number): Alarm[] {
  const base = {
    section: 'sessions',
    namespace: 'AWS/ElastiCache',
    statistic: 'Maximum',
    periodSeconds: 300,
    periods: 2,
    rings: 'above',
    silence: 'unknown',
  } satisfies Partial<Alarm>;
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
