import type { Pins, RegionPins } from '../../../infra/settings/schema/pins.ts';
import { errored, type LockstepError, messageOf, usage } from '../../domain/errors.ts';
import { type PinChange, pinChanges } from '../../domain/pins/pin-changes.ts';
import type { Architecture, ImageKind, PinSource } from '../ports/pins.ts';

export type PinUpdate = {
  pins: Pins;
  /** A region to add, with the names of its zones in your account. */
  addRegion?: { name: string; zones: readonly string[] } | undefined;
  /** Models to add. */
  addModels?: readonly string[] | undefined;
  /** Another tag of a container that is pinned. */
  tags?: Readonly<Record<string, string>>;
  signal: AbortSignal;
};

const architectures: readonly Architecture[] = ['x86_64', 'arm64'];
const imageKinds: readonly ImageKind[] = ['host-x86_64', 'host-arm64', 'gpu-x86_64'];

/**
 * Looks up everything that is pinned. All or nothing: if one answer is missing, the pins stay as they are.
 *
 * @throws LockstepError errored, with one line for each source that didn't answer.
 */
export async function updatePins(
  source: PinSource,
  { pins, addRegion, addModels = [], tags = {}, signal }: PinUpdate,
): Promise<{ pins: Pins; changes: PinChange[] }> {
  const unknown = Object.keys(tags).filter((name) => !Object.hasOwn(pins.containers, name));
  if (unknown.length > 0) {
    throw usage(`no container ${unknown.join(', ')} is pinned`, {
      fix: `Name one of ${Object.keys(pins.containers).join(', ')}.`,
    });
  }
  const failures: string[] = [];
  const ask = async (what: string, work: Promise<string>): Promise<string> =>
    work.catch((error: unknown) => {
      failures.push(`${what}: ${messageOf(error)}`);
      return '';
    });
  const zones = Object.fromEntries(
    Object.entries(pins.regions).map(([name, region]) => [name, region.zones]),
  );
  if (addRegion !== undefined) zones[addRegion.name] = [...addRegion.zones];

  const regions = await entries(Object.keys(zones), async (region) => {
    const images = await entries(imageKinds, (kind) =>
      ask(`image ${kind} of ${region}`, source.image(region, kind)),
    );
    return { zones: zones[region] ?? [], images: images as RegionPins['images'] };
  });
  const { version } = pins.hosts.node;
  const sha256 = await entries(architectures, (architecture) =>
    ask(`Node ${version} for ${architecture}`, source.nodeArchive(version, architecture)),
  );
  const agentSha256 = await ask('the agent', source.agent());
  const containers = await entries(Object.keys(pins.containers), async (name) => {
    const tag = tags[name] ?? pins.containers[name]?.tag ?? '';
    return { tag, digest: await ask(`container ${name}:${tag}`, source.containerDigest(name, tag)) };
  });
  const models = await entries([...new Set([...Object.keys(pins.models), ...addModels])], async (name) => ({
    revision: await ask(`model ${name}`, source.modelRevision(name)),
  }));
  signal.throwIfAborted();
  if (failures.length > 0) throw unanswered(failures);
  const hosts = { agentSha256, node: { version, sha256 } };
  const updated: Pins = { example: false, regions, hosts, containers, models };
  return { pins: updated, changes: pinChanges(pins, updated) };
}

async function entries<K extends string, V>(
  keys: readonly K[],
  work: (key: K) => Promise<V>,
): Promise<Record<K, V>> {
  const made = await Promise.all(keys.map(async (key) => [key, await work(key)] as const));
  return Object.fromEntries(made) as Record<K, V>;
}

function unanswered(failures: readonly string[]): LockstepError {
  return errored('not everything that is pinned could be looked up, so nothing was changed', {
    details: failures,
    fix: 'Check AWS credentials (ssm:GetParameter) and the connection to nodejs.org, registry-1.docker.io and huggingface.co.',
    retry: true,
  });
}
