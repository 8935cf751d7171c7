import type { Alarm, WatchedSettings } from './alarm.ts';

/** What users get: errors, waiting, hosts in rotation. */
export function answerAlarms({ observability }: WatchedSettings): Alarm[] {
  const balancer: Alarm['dimensions'] = { LoadBalancer: { target: 'balancer' } };
  const both: Alarm['dimensions'] = { ...balancer, TargetGroup: { target: 'targets' } };
  const base = { section: 'answers', namespace: 'AWS/ApplicationELB' } satisfies Partial<Alarm>;
  const errors = {
    ...base,
    statistic: 'Sum',
    periodSeconds: 300,
    periods: 1,
    rings: 'above',
    threshold: observability.serverErrors - 1,
    silence: 'fine',
  } satisfies Partial<Alarm>;
  const counts = { ...base, periodSeconds: 60, periods: 3 } satisfies Partial<Alarm>;
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
