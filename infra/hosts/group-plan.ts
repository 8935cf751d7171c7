import type * as aws from '@pulumi/aws';
import type { SharedSettings } from '../stack/stack.ts';
import type { Times } from '../times/derived-times.ts';
import { mostHosts } from '../times/roll-time.ts';

/** A host completes it when it is ready or has failed; user data names it. */
export const launchHookName = 'launch';

const metrics = [
  'GroupDesiredCapacity',
  'GroupInServiceInstances',
  'GroupMaxSize',
  'GroupMinSize',
  'GroupPendingInstances',
  'GroupStandbyInstances',
  'GroupTerminatingInstances',
  'GroupTotalInstances',
] as const;

type GroupPlan = Omit<aws.autoscaling.GroupArgs, 'name' | 'launchTemplate' | 'tags'>;

/**
 * What of an auto-scaling group follows from settings. Desired capacity is left out on purpose: it belongs to
 * scaling.
 *
 * A fleet launches before it terminates, a tenth of it at a time. A group of one stops its host before it
 * starts another, and never evens out zones, because both would be alive at once.
 */
export function planGroup(args: {
  settings: SharedSettings['fleet'];
  times: Pick<Times, 'launchHookSeconds' | 'healthCheckGraceSeconds'>;
  count: 'many' | 'exactly-one';
}): GroupPlan {
  const { count, settings, times } = args;
  return {
    minSize: count === 'many' ? settings.hosts : 1,
    maxSize: count === 'many' ? mostHosts({ fleet: settings }) : 1,
    instanceMaintenancePolicy:
      count === 'many'
        ? { minHealthyPercentage: 100, maxHealthyPercentage: 110 }
        : { minHealthyPercentage: 0, maxHealthyPercentage: 100 },
    suspendedProcesses: count === 'many' ? [] : ['AZRebalance'],
    // A separate hook alone would miss the first hosts.
    initialLifecycleHooks: [
      {
        name: launchHookName,
        lifecycleTransition: 'autoscaling:EC2_INSTANCE_LAUNCHING',
        heartbeatTimeout: times.launchHookSeconds,
        defaultResult: 'ABANDON',
      },
    ],
    healthCheckGracePeriod: times.healthCheckGraceSeconds,
    defaultInstanceWarmup: times.healthCheckGraceSeconds,
    // Hosts may idle until the first release: `up` doesn't wait for healthy ones.
    waitForCapacityTimeout: '0',
    enabledMetrics: [...metrics],
    metricsGranularity: '1Minute',
    availabilityZoneDistribution: { capacityDistributionStrategy: 'balanced-best-effort' },
  };
}
