import { sharedConfigDigest } from '../app/app-config.ts';
import type { AppManifest } from '../app/app-manifest.ts';
import { checkValues } from '../app/app-values.ts';
import { LockstepError, refused, usage } from '../errors.ts';
import type { SecretReference } from '../secrets/secret-reference.ts';
import type { ChangeRequest } from './change-request.ts';
import type { Basis, Order } from './order.ts';
import { decideBasis, type UpstreamEvidence } from './promotion.ts';

type EnvValues = Readonly<Record<string, string>>;

/** Everything that a decision depends on, read beforehand. */
export type Standing = {
  environment: string;
  soakMinutes: number;
  now: Date;
  /** Current env values; `ownValues`: those of them that the environment's own file sets. */
  values: EnvValues;
  ownValues: EnvValues;
  /** The newest version of each secret that has a value. */
  secrets: readonly SecretReference[];
  /**
   * Null for the first of a chain. `receipts` are those of the candidate, `values` those that upstream
   * committed last; both are empty where the request does not depend on upstream: a rollback, an override. An
   * error: why upstream's records can't be read.
   */
  upstream: (UpstreamEvidence & { values: EnvValues }) | LockstepError | null;
  /** The release that the request asks for; null where there is none. */
  candidate: Candidate | null;
};

export type Candidate = {
  release: string;
  tag: string | null;
  manifest: AppManifest;
  /** Only for a rollback. */
  earlier: EarlierContent | null;
};

/** The order whose content is restored. */
export type EarlierContent = {
  order: Order;
  values: EnvValues;
  /** Its secret versions that can no longer be resolved. */
  retired: readonly SecretReference[];
  /** The present schema of the data: `migration` of the release that is rolled back. */
  presentMigration: string | undefined;
};

/** What an environment is to run, and on what basis. */
export type Proposal = {
  release: string;
  tag: string | null;
  manifest: AppManifest;
  values: EnvValues;
  secrets: readonly SecretReference[];
  basis: Basis;
};

export type Decision = { proposal: Proposal; warnings: readonly string[] };

/** The known name nearest to an unknown one. */
export type Nearest = (name: string, known: readonly string[]) => string | undefined;

/**
 * Decides on a request (rules 2 and 9): the release with its values and secrets, and the basis on which it
 * may enter the environment; or a refusal that names every value, secret or fact that is missing.
 */
export function decide(
  standing: Standing,
  request: ChangeRequest,
  nearest: Nearest,
): Decision | LockstepError {
  const { candidate } = standing;
  if (candidate === null) return nothingToRun(standing, request);
  const single = refuseExactlyOne(candidate.manifest);
  if (single !== null) return single;
  return request.kind === 'rollback'
    ? decideRollback(standing, candidate, request)
    : decideDeploy(standing, candidate, request.overrideReason, nearest);
}

function decideDeploy(
  standing: Standing,
  { release, tag, manifest }: Candidate,
  overrideReason: string | null,
  nearest: Nearest,
): Decision | LockstepError {
  const { environment, values, ownValues } = standing;
  const own = checkValues(manifest, ownValues, { perEnvironmentOnly: true, nearest });
  const problems = new Set([...checkValues(manifest, values, { nearest }), ...own]);
  if (problems.size > 0) {
    return usage(`the env values of ${environment} don't match the app manifest of this release`, {
      details: [...problems],
      fix: `Set shared values under app.env in Pulumi.yaml, per-environment ones under lockstep:env in Pulumi.${environment}.yaml.`,
    });
  }
  const secrets = newestSecrets(standing, manifest);
  if (secrets instanceof LockstepError) return secrets;
  const basis = basisFor(standing, { release, tag, manifest }, overrideReason);
  if (basis instanceof LockstepError) return basis;
  return { proposal: { release, tag, manifest, values, secrets, basis }, warnings: [] };
}

/**
 * Restores the release and env values of an earlier order. Secrets keep their current versions unless the
 * request says otherwise; a retired version is never restored.
 */
function decideRollback(
  standing: Standing,
  { release, tag, manifest, earlier }: Candidate,
  { withSecrets }: ChangeRequest & { kind: 'rollback' },
): Decision | LockstepError {
  if (earlier === null) throw new TypeError('a rollback needs the order that it goes back to');
  const { order, values, presentMigration: present } = earlier;
  const secrets = withSecrets ? earlierSecrets(standing, earlier) : newestSecrets(standing, manifest);
  if (secrets instanceof LockstepError) return secrets;
  const basis: Basis = { kind: 'rollback', order: order.number };
  const warnings =
    manifest.migration === present
      ? []
      : [
          `a migration lies in between: the data has ${nameMigration(present)}, ` +
            `${tag ?? 'the earlier release'} expects ${nameMigration(manifest.migration)}`,
        ];
  return { proposal: { release, tag, manifest, values, secrets, basis }, warnings };
}

const nameMigration = (label: string | undefined) =>
  label === undefined ? 'no migration' : `migration ${label}`;

function nothingToRun({ environment, upstream }: Standing, request: ChangeRequest): LockstepError {
  if (request.kind === 'rollback') {
    return refused(`${environment} has no earlier release to roll back to`, {
      fix: `\`lockstep history ${environment}\` shows what was committed there.`,
    });
  }
  if (request.kind === 'deploy') {
    return refused(`${environment} has no release yet: there is nothing to redeploy`, {
      fix: `Name a tag: \`lockstep deploy ${environment} TAG\`.`,
    });
  }
  if (upstream === null) {
    return refused(`${environment} is the first of its chain: it has no upstream to promote from`, {
      fix: `Deploy a tag: \`lockstep deploy ${environment} TAG\`.`,
    });
  }
  if (upstream instanceof LockstepError) return upstream;
  return refused(`${upstream.environment} has no committed release to promote to ${environment}`, {
    fix: `Run \`lockstep deploy ${upstream.environment} TAG\` first.`,
  });
}

/** Running such a service on every host would be silently wrong. */
function refuseExactlyOne(manifest: AppManifest): LockstepError | null {
  const names = Object.entries(manifest.services).flatMap(([name, { replicas }]) =>
    replicas === 'exactly-one' ? [name] : [],
  );
  if (names.length === 0) return null;
  return refused(
    `${names.join(', ')}: "replicas: exactly-one" is not supported yet, and running it on every host would be wrong`,
    { fix: 'Leave the service out of lockstep.yaml for now.' },
  );
}

function newestSecrets(
  { environment, secrets }: Standing,
  manifest: AppManifest,
): readonly SecretReference[] | LockstepError {
  const known = new Map(secrets.map((one) => [one.name, one]));
  const wanted = Object.keys(manifest.secrets);
  const missing = wanted.filter((name) => !known.has(name));
  if (missing.length > 0) {
    return refused(
      `${environment} lacks ${missing.length === 1 ? 'the secret' : 'the secrets'} ${missing.join(', ')}`,
      { fix: missing.map((name) => `lockstep secret set ${environment} ${name}`).join('; ') },
    );
  }
  return wanted.sort().flatMap((name) => known.get(name) ?? []);
}

function earlierSecrets(
  { environment }: Standing,
  { order, retired }: EarlierContent,
): readonly SecretReference[] | LockstepError {
  const [gone] = retired;
  if (gone === undefined) return order.secrets;
  return refused(`version ${gone.version} of ${gone.name} is retired and can't be restored`, {
    fix: `Run \`lockstep rollback ${environment}\` without --with-secrets: it keeps the current versions.`,
  });
}

function basisFor(
  { environment, upstream, values, soakMinutes, now }: Standing,
  { release, tag, manifest }: Pick<Candidate, 'release' | 'tag' | 'manifest'>,
  overrideReason: string | null,
): Basis | LockstepError {
  if (overrideReason?.trim() === '') {
    return usage('an override needs a reason', { fix: 'Say after --override-reason why it is needed.' });
  }
  if (overrideReason !== null) return { kind: 'override', reason: overrideReason };
  if (upstream === null) return { kind: 'first-in-chain' };
  if (upstream instanceof LockstepError) return upstream;
  return decideBasis(
    {
      environment,
      release,
      label: tag ?? release.slice(0, 12),
      sharedConfig: sharedConfigDigest(manifest, values),
      differingNames: upstream.committed === null ? [] : differingNames(manifest, upstream.values, values),
      soakMinutes,
      now,
    },
    upstream,
  );
}

function differingNames(manifest: AppManifest, theirs: EnvValues, ours: EnvValues): string[] {
  return [...new Set([...Object.keys(theirs), ...Object.keys(ours)])]
    .filter((name) => manifest.env[name]?.perEnvironment !== true && theirs[name] !== ours[name])
    .sort();
}
