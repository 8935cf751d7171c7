import type { Finding } from '../../settings/problems/problem.ts';
import type { Base } from '../../settings/schema/settings-schema.ts';

/** ELB refuses names that begin with the prefix of internal balancers' DNS names. */
export function findNameFaults({ app }: Base): Finding[] {
  if (!/^internal(-|$)/.test(app.name)) return [];
  return [
    {
      path: ['app', 'name'],
      message: 'balancers are named after the app, and AWS reserves names that begin with internal-',
      allowed: 'a name that does not begin with internal',
      fix: 'rename the app, in lockstep.yaml too',
    },
  ];
}
