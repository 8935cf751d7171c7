import { nearest } from '../../../infra/settings/config.ts';
import { sharedConfigDigest } from '../../domain/app/app-config.ts';
import type { AppManifest } from '../../domain/app/app-manifest.ts';
import { checkValues } from '../../domain/app/app-values.ts';
import { LockstepError, refused, usage } from '../../domain/errors.ts';
import type { Basis } from '../../domain/order/order.ts';
import { decideBasis } from '../../domain/order/promotion.ts';
import type { SecretReference } from '../../domain/secrets/secret-reference.ts';
import { readRelease } from '../../store/releases.ts';
import type { Environment } from '../environment/environment.ts';
import { EnvironmentRecords } from '../environment/environment-records.ts';
import type { Proposal } from './change.ts';

export type Wish = {
  release: string;
  tag: string | null;
  /** Null without an override. */
  overrideReason: string | null;
};

/**
 * A release with the environment's present values and secrets, and the basis on which it may come there: what
 * deploy and promote propose.
 * @throws LockstepError refused or usage, naming every value, secret or fact that is missing.
 */
export async function propose(environment: Environment, wish: Wish): Promise<Proposal> {
  const { manifest } = await readRelease(environment.ports, environment.app, wish.release);
  const app = manifest.app;
  refuseExactlyOne(app);
  const own = checkValues(app, environment.ownValues ?? {}, { perEnvironmentOnly: true, nearest });
  const problems = new Set([...checkValues(app, environment.values, { nearest }), ...own]);
  if (problems.size > 0) {
    throw usage(`the env values of ${environment.name} don't fit the app manifest of this release`, {
      details: [...problems],
      fix: 'Shared values stand under app.env in Pulumi.yaml, per-environment ones under lockstep:env of the environment.',
    });
  }
  const secrets = await newestSecrets(environment, app);
  const basis = await basisFor(environment, app, wish);
  return { release: wish.release, tag: wish.tag, manifest: app, values: environment.values, secrets, basis };
}

/** @throws LockstepError refused: running such a service on every host would be wrong, silently. */
export function refuseExactlyOne(manifest: AppManifest): void {
  const services = Object.entries(manifest.services).filter(
    ([, service]) => service.replicas === 'exactly-one',
  );
  if (services.length === 0) return;
  const names = services.map(([name]) => name).join(', ');
  throw refused(
    `${names}: replicas: exactly-one is not built in yet, and running it on every host would be wrong`,
    {
      fix: 'Leave the service out of lockstep.yaml for now.',
    },
  );
}

/** @throws LockstepError refused, naming each secret that has no value. */
export async function newestSecrets(
  environment: Environment,
  manifest: AppManifest,
): Promise<SecretReference[]> {
  const known = new Map(
    (await environment.ports.secrets.current(environment.name)).map((one) => [one.name, one]),
  );
  const missing = Object.keys(manifest.secrets).filter((name) => !known.has(name));
  if (missing.length > 0) {
    throw refused(
      `${environment.name} lacks ${missing.length === 1 ? 'the secret' : 'the secrets'} ${missing.join(', ')}`,
      {
        fix: missing.map((name) => `lockstep secret set ${environment.name} ${name}`).join('; '),
      },
    );
  }
  return Object.keys(manifest.secrets)
    .sort()
    .flatMap((name) => known.get(name) ?? []);
}

async function basisFor(environment: Environment, manifest: AppManifest, wish: Wish): Promise<Basis> {
  if (wish.overrideReason !== null) return { kind: 'override', reason: wish.overrideReason };
  if (environment.upstream === null) return { kind: 'first-in-chain' };
  const upstream = new EnvironmentRecords(environment.ports, environment.app, environment.upstream);
  const receipts = await upstream.receipts(wish.release);
  const committed = await upstream.lastCommitted();
  const sharedConfig = sharedConfigDigest(manifest, environment.values);
  const basis = decideBasis(
    {
      environment: environment.name,
      release: wish.release,
      label: wish.tag ?? wish.release.slice(0, 12),
      sharedConfig,
      differingNames:
        committed === undefined
          ? []
          : await differingNames(environment, manifest, upstream, committed.config),
      soakMinutes: environment.soakMinutes,
      now: environment.ports.clock.now(),
    },
    {
      environment: environment.upstream,
      receipts,
      committed: committed === undefined ? null : { order: committed.number, release: committed.release },
    },
  );
  if (basis instanceof LockstepError) throw basis;
  return basis;
}

async function differingNames(
  environment: Environment,
  manifest: AppManifest,
  upstream: EnvironmentRecords,
  config: string,
): Promise<string[]> {
  const theirs = (await upstream.config(config)).values;
  const names = new Set([...Object.keys(theirs), ...Object.keys(environment.values)]);
  return [...names]
    .filter(
      (name) => manifest.env[name]?.perEnvironment !== true && theirs[name] !== environment.values[name],
    )
    .sort();
}
