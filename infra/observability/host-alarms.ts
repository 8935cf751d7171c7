import { metricNamespace } from '../hosts/host-metrics.ts';
import type { Alarm, Section, WatchedSettings } from './alarm.ts';

/** From the CloudWatch agent of each host, together for its group: the worst of them counts. */
export function hostAlarms(
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
  } satisfies Partial<Alarm>;
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
