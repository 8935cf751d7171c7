import type { Finding } from '../../settings/problems/problem.ts';
import type { Base } from '../../settings/schema/settings-schema.ts';

/** The balancer keeps these names for itself: AWS refuses a target group whose app cookie has one of them. */
export function findStickinessFaults({ stickiness }: Base['balancer']): Finding[] {
  if (stickiness.type !== 'app_cookie' || !stickiness.cookieName.startsWith('AWSALB')) return [];
  return [
    {
      path: ['balancer', 'stickiness', 'cookieName'],
      message: 'a name that the balancer reserves for its own cookies (AWSALB, AWSALBAPP, AWSALBTG)',
      allowed: "the name of the app's own session cookie",
      fix: 'name the cookie that the app sets, or use type: lb_cookie',
    },
  ];
}
