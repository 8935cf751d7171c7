import type { AppManifest } from '../../domain/app/app-manifest.ts';
import type { SuiteResult } from '../../domain/order/order.ts';
import type { Environment } from '../environment/environment.ts';
import { runSuites, type Travels } from './smoke.ts';

export const everyTravel: readonly Travels[] = ['each-host', 'crossing', 'through-balancer'];

/** Runs the manifest's suites against an environment; `hosts` for the suites that go to hosts. */
export function verifyHosts(
  { name, balancerCookies, ports }: Environment,
  manifest: AppManifest,
  hosts: readonly string[],
  which: readonly Travels[],
): Promise<SuiteResult[]> {
  const { fleet, probe, clock } = ports;
  return runSuites({ manifest, environment: name, hosts, fleet, probe, clock, which, balancerCookies });
}
