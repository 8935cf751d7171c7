import { portOf, reachable, resolveBindings } from '../../domain/app/service-environment.ts';
import { digestOf } from '../../domain/canonical.ts';
import { failed } from '../../domain/errors.ts';
import type { VerbAnswer } from '../../domain/order/host-protocol.ts';
import type { ReleaseManifest } from '../../domain/release/release.ts';
import { Activations, type NewActivation } from '../disk/activations.ts';
import { ReleasesOnDisk } from '../disk/releases-on-disk.ts';
import { stagedCopy } from '../disk/staging.ts';
import type { VerifiedOrder } from '../orders/verify-order.ts';
import type { Host } from '../place/host.ts';
import type { Unit } from '../place/supervisor.ts';
import { connects, isHealthyNow, type ServiceToCheck, waitHealthy } from './health.ts';
import { tailLog } from './service-logs.ts';
import { environmentsOf, prepareDirectories, unitsOf } from './units.ts';

const keptActivations = 3;
const shownLogLines = 30;

/**
 * Makes a verified order current: stop the old, swap the link, start the new, wait until they are healthy
 * here. Where the same content already runs well only the order's number is recorded. Needs the host's lock.
 */
export async function switchTo(host: Host, verified: VerifiedOrder): Promise<VerbAnswer<'activate'>> {
  const { release, signed } = verified;
  const { manifest } = release;
  const copy = await stagedCopy(host, release);
  const directory = new ReleasesOnDisk(host.root).directoryOf(copy);
  const environments = environmentsOf(host, manifest, directory, verified);
  const units = unitsOf(host, manifest, directory, environments);
  const services = servicesToCheck(host, manifest);
  const activations = new Activations(host.root);
  const wanted: NewActivation = {
    signed,
    release: copy,
    environments,
    facts: {
      activatedAt: host.now().toISOString(),
      config: Object.keys(verified.values).sort(),
      secrets: verified.order.secrets,
      bindings: resolveBindings(manifest.app, host.provisioning).values,
    },
  };

  const current = await activations.current();
  const isEqual = current !== undefined && contentOf(current) === contentOf(wanted);
  if (isEqual && (await isRunning(host, units)) && (await isHealthyNow(services))) {
    if (current.order.number !== verified.order.number) {
      // Since when these processes run has not changed.
      const facts = { ...wanted.facts, activatedAt: current.facts.activatedAt };
      await activations.makeCurrent(await activations.write({ ...wanted, facts }));
      await activations.prune(keptActivations);
    }
    return { changed: false, healthy: true, failure: null };
  }

  await prepareDirectories(host, manifest);
  const name = await activations.write(wanted);
  await host.supervisor.stop();
  await checkPortsFree(services);
  await activations.makeCurrent(name);
  await host.supervisor.start(units);
  const failure = await waitHealthy(services, host.supervisor, host.signal);
  await activations.prune(keptActivations);
  if (failure === null) return { changed: true, healthy: true, failure: null };
  const log = await tailLog(host, failure.service, shownLogLines, await activations.current());
  return { changed: true, healthy: false, failure: { ...failure, log } };
}

function servicesToCheck(host: Host, manifest: ReleaseManifest): ServiceToCheck[] {
  const { address } = host.provisioning;
  return Object.entries(manifest.app.services).map(([name, service]) => ({
    name,
    service,
    address,
    port: portOf(manifest.app, host.provisioning, name),
  }));
}

/**
 * What makes a restart needless: the copy on disk, all environments (env values, bindings), secrets by
 * version.
 */
function contentOf(activation: Pick<NewActivation, 'release' | 'environments' | 'facts'>): string {
  const { release, environments, facts } = activation;
  return digestOf({ release, environments, config: facts.config, secrets: facts.secrets });
}

async function isRunning(host: Host, units: readonly Unit[]): Promise<boolean> {
  const running = await host.supervisor.status();
  return (
    running.length === units.length &&
    units.every(({ service, content }) =>
      running.some(
        (each) => each.content === content && each.process.service === service && each.process.pid !== null,
      ),
    )
  );
}

/** A stranger on the port would answer in the place of our service, and be called healthy. */
async function checkPortsFree(services: readonly ServiceToCheck[]): Promise<void> {
  for (const { name, address, port } of services) {
    if (port === undefined || (await connects(reachable(address), port)) !== undefined) continue;
    throw failed(`port ${port} of ${address}, which service ${name} needs, is taken by another program`, {
      fix: `Find it with \`ss -ltnp 'sport = :${port}'\`, end it, then try again.`,
      retry: true,
    });
  }
}
