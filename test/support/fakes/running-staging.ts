import { suiteSchema } from '../../../scripts/domain/smoke/suite.ts';
import { deploy } from './fake-changes.ts';
import { type FakeEnvironment, fakeEnvironment, fakeWorld } from './fake-environment.ts';

/**
 * Staging that runs v1 on all of its hosts and may be given v2; what it is asked from now on, hosts and
 * balancer.
 */
export async function runningStaging(options: { hosts?: number; batchSize?: number; smoke?: object[] } = {}) {
  const world = fakeWorld();
  const v1 = await world.build('v1');
  const smoke = (options.smoke ?? [{}]).map((rest, index) =>
    suiteSchema.parse({
      name: `suite-${index + 1}`,
      travels: 'each-host',
      steps: ['home', 'again'].map((step) => ({ name: step, request: { path: '/' } })),
      ...rest,
    }),
  );
  const v2 = await world.build('v2', { migration: '2', smoke });
  const staging = fakeEnvironment(world, 'staging', options);
  await deploy(staging, 'v1');
  return { world, v1, v2, staging, asked: listen(staging) };
}

function listen(environment: FakeEnvironment): string[] {
  const asked: string[] = [];
  environment.fleet.onCall = (host, verb) => void asked.push(`${verb} ${host}`);
  environment.traffic.onCall = (what, host) => void asked.push(`${what} ${host}`);
  return asked;
}

/** The hosts that were taken out, in order. */
export const outs = (asked: readonly string[]) => asked.filter((each) => each.startsWith('out '));
