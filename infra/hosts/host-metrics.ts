/**
 * Under it hosts put their metrics, alarms look for them, and a host's policy lets it write: the CloudWatch
 * agent's own name.
 */
export const metricNamespace = 'CWAgent';

/**
 * The CloudWatch agent's metrics of a host: memory and disk, and what else is measured; together for its
 * group, which alarms watch.
 */
export function hostMetrics(others: Record<string, { measurement: readonly string[] }> = {}) {
  return {
    namespace: metricNamespace,
    append_dimensions: { AutoScalingGroupName: '${aws:AutoScalingGroupName}' },
    aggregation_dimensions: [['AutoScalingGroupName']],
    metrics_collected: {
      ...others,
      mem: { measurement: ['mem_used_percent'] },
      disk: { measurement: ['used_percent'], resources: ['/'], drop_device: true },
    },
  };
}
