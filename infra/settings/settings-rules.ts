import { type Finding, type Path, valueAt } from './problems/problem.ts';

/**
 * Maps of the form `{secure: …}`, which the engine would decrypt: these files hold no secrets, not even
 * encrypted.
 */
export function findEncrypted(value: unknown, path: Path = []): Finding[] {
  if (Array.isArray(value)) return value.flatMap((item, index) => findEncrypted(item, [...path, index]));
  if (typeof value !== 'object' || value === null) return [];
  if (Object.hasOwn(value, 'secure')) {
    const fix = 'declare it under secrets in lockstep.yaml and run `lockstep secret set ENV NAME`';
    return [
      {
        path,
        message: 'an encrypted value',
        got: 'secure: (hidden)',
        allowed: 'plain values; secrets live elsewhere',
        fix,
      },
    ];
  }
  return Object.entries(value).flatMap(([key, child]) => findEncrypted(child, [...path, key]));
}

/** What `app` says about its own services has to fit together. */
export function findAppFaults(base: unknown): Finding[] {
  const services = mapAt(base, ['app', 'services']);
  const serving = Object.keys(services).filter((name) => valueAt(services, [name, 'port']) != null);
  const unchecked = serving.filter((name) => valueAt(services, [name, 'healthPath']) == null);
  const findings: Finding[] = unchecked.map((name) => ({
    path: ['app', 'services', name, 'healthPath'],
    message: 'missing for a service with a port',
    allowed: 'the path that the balancer asks',
    fix: 'add healthPath, the same as health.path in lockstep.yaml',
  }));
  const named = valueAt(base, ['app', 'public']);
  const allowed = serving.join(', ') || 'no service has a port';
  if (typeof named === 'string' && !serving.includes(named)) {
    const unknownName = { word: named, known: serving };
    const message = 'names no service with a port';
    findings.push({
      path: ['app', 'public'],
      message,
      allowed,
      fix: 'name a service that has one',
      unknownName,
    });
  }
  if (named == null && serving.length > 1) {
    const message = 'missing, and several services have a port';
    findings.push({
      path: ['app', 'public'],
      message,
      allowed,
      fix: 'add public: the one behind the balancer',
    });
  }
  return findings;
}

/** A balancer takes certificates of its own account and region only. */
export function findForeignCertificate(environment: unknown): Finding[] {
  const certificate = valueAt(environment, ['identity', 'certificate']);
  if (typeof certificate !== 'string' || !certificate.startsWith('arn:')) return [];
  const [, , , region, account] = certificate.split(':');
  const wanted = {
    region: valueAt(environment, ['identity', 'region']),
    account: valueAt(environment, ['identity', 'account']),
  };
  if (region === wanted.region && account === wanted.account) return [];
  return [
    {
      path: ['identity', 'certificate'],
      message: 'a certificate of another account or region',
      allowed: `one of account ${wanted.account} in ${wanted.region}`,
      fix: 'write the ARN of a certificate that the environment itself has',
    },
  ];
}

/**
 * A name is shared or per environment: an override of a shared value would be a difference that nobody
 * listed.
 */
export function findEnvFaults(base: unknown, environment: unknown): Finding[] {
  const shared = mapAt(base, ['app', 'env']);
  const paths: Path[] = [['env'], ['local', 'env']];
  return paths.flatMap((path) =>
    Object.keys(mapAt(environment, path))
      .filter((name) => Object.hasOwn(shared, name))
      .map((name) => ({
        path: [...path, name],
        message: 'overrides a value that all environments share',
        allowed: 'names that app.env of Pulumi.yaml does not hold',
        fix: 'remove it here, or declare it perEnvironment in lockstep.yaml and remove it from app.env',
      })),
  );
}

function mapAt(root: unknown, path: Path): object {
  const value = valueAt(root, path);
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {};
}
