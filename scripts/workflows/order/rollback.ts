import { refused } from '../../domain/errors.ts';
import { sameContent } from '../../domain/order/content.ts';
import type { Order } from '../../domain/order/order.ts';
import type { SecretReference } from '../../domain/secrets/secret-reference.ts';
import { readRelease } from '../../store/releases.ts';
import type { Environment } from '../environment/environment.ts';
import type { EnvironmentRecords } from '../environment/environment-records.ts';
import type { Choose } from './change.ts';
import { newestSecrets, refuseExactlyOne } from './propose.ts';

/**
 * What `rollback ENV` wants (rule 9): release and env values of the last committed order whose content differs from
 * the present one. Rollbacks and returns are followed to the order whose content they restored, so that a second
 * rollback goes further back and not forward again. Secrets stay as they are now unless asked for.
 */
export function chooseRollback(environment: Environment, options: { withSecrets: boolean }): Choose {
  return async ({ records, committed }) => {
    const target = committed === undefined ? undefined : await previousContent(records, committed);
    if (committed === undefined || target === undefined) {
      throw refused(`${environment.name} has no earlier release to roll back to`, {
        fix: `\`lockstep history ${environment.name}\` shows what was committed there.`,
      });
    }
    const { manifest } = await readRelease(environment.ports, environment.app, target.release);
    const present = await readRelease(environment.ports, environment.app, committed.release);
    refuseExactlyOne(manifest.app);
    if (manifest.app.migration !== present.manifest.app.migration) {
      environment.ports.reporter.warn(
        `a migration lies between: the data is shaped for ${present.manifest.app.migration ?? 'no migration'}, ` +
          `${target.tag ?? 'the earlier release'} was made for ${manifest.app.migration ?? 'none'}`,
      );
    }
    const { values } = await records.config(target.config);
    const secrets = options.withSecrets
      ? await earlierSecrets(environment, target)
      : await newestSecrets(environment, manifest.app);
    return {
      release: target.release,
      tag: target.tag,
      manifest: manifest.app,
      values,
      secrets,
      basis: { kind: 'rollback', order: target.number },
    };
  };
}

/** The committed order before the present content, looking through rollbacks and returns. */
async function previousContent(records: EnvironmentRecords, committed: Order): Promise<Order | undefined> {
  const origin = await originOf(records, committed);
  for (let n = origin.number - 1; n > 0; n--) {
    const entry = await records.entry(n);
    if (entry?.outcome?.result !== 'committed') continue;
    if (!sameRelease(entry.order, committed)) return originOf(records, entry.order);
  }
  return undefined;
}

async function originOf(records: EnvironmentRecords, order: Order): Promise<Order> {
  const { basis } = order;
  if (basis.kind !== 'rollback' && basis.kind !== 'return') return order;
  const earlier = await records.order(basis.order);
  return earlier === undefined ? order : originOf(records, earlier);
}

/** Secrets don't count: rolling back restores release and env values. */
const sameRelease = (left: Order, right: Order) =>
  sameContent({ ...left, secrets: [] }, { ...right, secrets: [] });

/** @throws LockstepError refused when a version is retired: a leaked secret must not come back. */
async function earlierSecrets(environment: Environment, target: Order): Promise<readonly SecretReference[]> {
  const { secrets } = environment.ports;
  for (const reference of target.secrets) {
    if (await secrets.has(environment.name, reference)) continue;
    throw refused(`version ${reference.version} of ${reference.name} is retired and does not come back`, {
      fix: `Run \`lockstep rollback ${environment.name}\` without --with-secrets: it keeps the present versions.`,
    });
  }
  return target.secrets;
}
