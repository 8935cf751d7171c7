import type { TerraformResource } from './translate.ts';

/**
 * What the emulator can't do for a type of resources. An entry that nothing asks for any more fails the
 * check.
 */
export type EmulatorLimit = {
  /** Terraform's type. */
  type: string;
  /** Part of what the provider reports. */
  says: RegExp;
  /** Without these of the provider's inputs it can; empty: it can't make the resource at all. */
  without: readonly string[];
  reason: string;
};

/** For ministack 1.5.33. */
export const emulatorLimits: readonly EmulatorLimit[] = [
  {
    type: 'aws_autoscaling_group',
    says: /Unknown AutoScaling action: EnableMetricsCollection/,
    without: ['enabled_metrics', 'metrics_granularity'],
    reason: 'ministack collects no group metrics',
  },
  {
    type: 'aws_autoscaling_group',
    says: /Unknown AutoScaling action: SuspendProcesses/,
    without: ['suspended_processes'],
    reason: 'ministack suspends no processes',
  },
  {
    type: 'aws_autoscaling_policy',
    says: /too many results: wanted 1/,
    without: [],
    reason:
      'ministack names all policies of a group where one is asked for, so that only a single one is found',
  },
];

/** A refusal at an address, such as `module.staging.aws_lb.balancer`. */
export type Refusal = { address: string | null; message: string };

export function limitOf(
  { address, message }: Refusal,
  limits: readonly EmulatorLimit[],
): EmulatorLimit | undefined {
  return limits.find(({ type, says }) => typeAt(address ?? '') === type && says.test(message));
}

/** The resource as the emulator can make it. */
export function withinLimits(
  resource: TerraformResource,
  limits: readonly EmulatorLimit[],
): TerraformResource {
  const without = limits.filter(({ type }) => type === resource.type).flatMap((limit) => limit.without);
  const kept = Object.entries(resource.body).filter(([input]) => !without.includes(input));
  return { ...resource, body: Object.fromEntries(kept) };
}

/** Resource types have no dots, and modules come before them. */
export function typeAt(address: string): string {
  return address.split('.').at(-2) ?? '';
}
