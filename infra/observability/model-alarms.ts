import { metricNamespace } from '../hosts/host-metrics.ts';
import type { Alarm } from './alarm.ts';

/** The model's own host, and what its balancer sees of it. */
export function modelAlarms(): Alarm[] {
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
