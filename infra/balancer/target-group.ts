import type * as aws from '@pulumi/aws';
import type { SharedSettings } from '../stack/stack.ts';
import type { Times } from '../times/derived-times.ts';

type TargetGroupPlan = Omit<aws.lb.TargetGroupArgs, 'vpcId' | 'tags'>;

/**
 * The target group of the public service, without its VPC. Hosts register by instance id, so that a replaced
 * host comes and goes with its group; the health check asks the port that requests go to.
 */
export function planTargetGroup(args: {
  settings: SharedSettings['balancer'];
  times: Pick<Times, 'deregistrationDelaySeconds'>;
  service: { port: number; healthPath: string };
}): TargetGroupPlan {
  const { service, settings, times } = args;
  return {
    targetType: 'instance',
    protocol: 'HTTP',
    protocolVersion: 'HTTP1',
    port: service.port,
    deregistrationDelay: times.deregistrationDelaySeconds,
    slowStart: settings.slowStartSeconds,
    stickiness: stickinessOf(settings.stickiness),
    healthCheck: {
      enabled: true,
      protocol: 'HTTP',
      port: 'traffic-port',
      path: service.healthPath,
      matcher: '200',
      interval: settings.healthIntervalSeconds,
      timeout: settings.healthTimeoutSeconds,
      healthyThreshold: settings.healthyThreshold,
      unhealthyThreshold: settings.unhealthyThreshold,
    },
  };
}

/**
 * The types are `lb_cookie` and `app_cookie`; the spelling without underscore in some comments of the SDK is
 * refused.
 */
function stickinessOf(
  stickiness: SharedSettings['balancer']['stickiness'],
): aws.types.input.lb.TargetGroupStickiness {
  const { type, durationSeconds: cookieDuration } = stickiness;
  return type === 'app_cookie'
    ? { enabled: true, type, cookieDuration, cookieName: stickiness.cookieName }
    : { enabled: true, type, cookieDuration };
}
