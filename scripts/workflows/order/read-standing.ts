import type { AppManifest } from '../../domain/app/app-manifest.ts';
import { LockstepError } from '../../domain/errors.ts';
import type { ChangeRequest } from '../../domain/order/change-request.ts';
import { sameContent } from '../../domain/order/content.ts';
import type { Candidate, EarlierContent, Standing } from '../../domain/order/decide.ts';
import type { Order } from '../../domain/order/order.ts';
import { readRelease, readTag } from '../../store/releases.ts';
import type { Chain } from '../environment/chain.ts';
import type { Environment } from '../environment/environment.ts';
import { type EnvironmentRecords, recordsOf } from '../environment/environment-records.ts';

/**
 * Reads what the decision on a request depends on. Nothing is judged here except the records themselves.
 * @throws LockstepError refused for a tag that was never built, or for a release that is missing or altered.
 */
export async function readStanding(
  environment: Environment,
  { committed }: Chain,
  request: ChangeRequest,
): Promise<Standing> {
  const upstream = environment.upstream === null ? null : recordsOf(environment, environment.upstream);
  const present = request.kind === 'promote' ? await upstream?.lastCommitted() : committed;
  const candidate = await candidateOf(environment, present, request);
  const asksForSecrets = candidate !== null && !(request.kind === 'rollback' && request.withSecrets);
  return {
    environment: environment.name,
    soakMinutes: environment.soakMinutes,
    now: environment.ports.clock.now(),
    values: environment.values,
    ownValues: environment.ownValues ?? {},
    secrets: asksForSecrets ? await environment.ports.secrets.current(environment.name) : [],
    upstream: upstream === null ? null : await readUpstream(upstream, candidate, request),
    candidate,
  };
}

/** Records that can't be read are a fact like others: they refuse what depends on them, nothing else. */
async function readUpstream(
  upstream: EnvironmentRecords,
  candidate: Candidate | null,
  request: ChangeRequest,
): Promise<NonNullable<Standing['upstream']>> {
  const { environment } = upstream;
  if (candidate === null || request.kind === 'rollback' || request.overrideReason !== null) {
    return { environment, receipts: [], committed: null, values: {} };
  }
  try {
    const receipts = await upstream.receipts(candidate.release);
    const running = await upstream.lastCommitted();
    const committed = running === undefined ? null : { order: running.number, release: running.release };
    const values = running === undefined ? {} : (await upstream.config(running.config)).values;
    return { environment, receipts, committed, values };
  } catch (error) {
    if (error instanceof LockstepError) return error;
    throw error;
  }
}

/** `present`: the order whose release is meant where the request names no tag. */
async function candidateOf(
  environment: Environment,
  present: Order | undefined,
  request: ChangeRequest,
): Promise<Candidate | null> {
  if (request.kind === 'deploy' && request.tag !== null) {
    const { release } = await readTag(environment.ports.store, environment.app, request.tag);
    return {
      release,
      tag: request.tag,
      manifest: await manifestOf(environment, release),
      earlier: null,
    };
  }
  if (present === undefined) return null;
  const order = request.kind === 'rollback' ? await earlierContent(environment, present) : present;
  if (order === undefined) return null;
  return {
    release: order.release,
    tag: order.tag,
    manifest: await manifestOf(environment, order.release),
    earlier: request.kind === 'rollback' ? await readEarlier(environment, order, present, request) : null,
  };
}

async function manifestOf({ ports, app }: Environment, release: string): Promise<AppManifest> {
  return (await readRelease(ports, app, release)).manifest.app;
}

async function readEarlier(
  environment: Environment,
  order: Order,
  present: Order,
  { withSecrets }: ChangeRequest & { kind: 'rollback' },
): Promise<EarlierContent> {
  const { secrets } = environment.ports;
  const { values } = await recordsOf(environment).config(order.config);
  const asked = withSecrets ? order.secrets : [];
  const kept = await Promise.all(asked.map((one) => secrets.has(environment.name, one)));
  const retired = asked.filter((_, index) => kept[index] !== true);
  const { migration } = await manifestOf(environment, present.release);
  return { order, values, retired, presentMigration: migration };
}

/**
 * The committed order before the present content. Rollbacks and returns are followed to the order whose
 * content they restored, so that a second rollback goes further back and not forward again.
 */
async function earlierContent(environment: Environment, committed: Order): Promise<Order | undefined> {
  const records = recordsOf(environment);
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
