import type { Finding } from '../../settings/problems/problem.ts';
import type { Base } from '../../settings/schema/settings-schema.ts';

/** ELB refuses names that begin with what it puts before the names of internal balancers. */
export function findNameFaults({ app }: Base): Finding[] {
  if (!/^internal(-|$)/.test(app.name)) return [];
  return [
    {
      path: ['app', 'name'],
      message: 'balancers are named after it, and AWS keeps names that begin with internal- for itself',
      allowed: 'a name that does not begin with internal',
      fix: 'rename the app, in lockstep.yaml too',
    },
  ];
}
