import { refused, usage } from '../../domain/errors.ts';
import type { Order, SuiteResult } from '../../domain/order/order.ts';
import { readRelease } from '../../store/releases.ts';
import type { Environment } from '../environment/environment.ts';
import { recordsOf } from '../environment/environment-records.ts';
import { chooseSuites, everyTravel, runSuites } from '../smoke/smoke.ts';

export type SmokeResult = { order: Order; hosts: readonly string[]; results: readonly SuiteResult[] };

/**
 * Runs the suites of the committed release against every host of the environment. Changes nothing: no receipt
 * is written or revoked; a deploy does that.
 *
 * @param only the name of one suite; all that may run here when it is left out.
 * @throws LockstepError refused where nothing is committed, usage for a suite that the release doesn't have
 * or that may not run here.
 */
export async function smokeEnvironment(
  environment: Environment,
  only: string | undefined,
  signal: AbortSignal,
): Promise<SmokeResult> {
  const { app, name, ports } = environment;
  const order = await recordsOf(environment).lastCommitted();
  if (order === undefined) {
    throw refused(`${name} has no committed order: there is no release to test`, {
      fix: `Run \`lockstep deploy ${name} TAG\` or \`lockstep promote ${name}\` first.`,
    });
  }
  const { app: manifest } = (await readRelease(ports, app, order.release)).manifest;
  const here = chooseSuites({ environment, manifest, which: everyTravel });
  const suites = only === undefined ? here : here.filter((suite) => suite.name === only);
  if (only !== undefined && suites.length === 0) {
    const known = here.map((suite) => suite.name).join(', ') || 'none';
    throw usage(`no suite "${only}" runs in ${name}; suites that do: ${known}`, {
      fix: 'Choose one of them, or leave --suite out for all.',
    });
  }
  const { fleet, reporter } = ports;
  const hosts = (await fleet.inventory()).map((host) => host.name);
  const results = await runSuites({
    environment,
    manifest,
    suites,
    hosts,
    which: everyTravel,
    signal,
    reporter,
  });
  return { order, hosts, results };
}
