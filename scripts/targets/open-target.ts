import type { Context } from '../console/command.ts';
import type { Target } from './contract/target.ts';

/**
 * The target that a verb was called for. This is the one place that knows all targets; it does not contact
 * any.
 */
export async function openTarget(context: Context): Promise<Target> {
  if (context.options.target === 'aws') {
    // Only this target pays for loading the AWS SDK.
    const { AwsTarget } = await import('./aws/aws-target.ts');
    return new AwsTarget(context);
  }
  const { LocalTarget } = await import('./local/local-target.ts');
  return new LocalTarget(context);
}
