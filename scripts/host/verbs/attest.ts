import { createHmac } from 'node:crypto';
import { digestOf } from '../../domain/canonical.ts';
import { type Attestation, attestationSchema, type Damage } from '../../domain/order/attestation.ts';
import type { VerbRequest } from '../../domain/order/host-protocol.ts';
import type { ReleaseManifest } from '../../domain/release/release.ts';
import { parseReleaseCopy } from '../../domain/release/retention.ts';
import { withoutPassword } from '../../domain/secrets/url-password.ts';
import { storeKeys } from '../../domain/store-keys.ts';
import { osPackagesDigest, runtimeVersions } from '../../machine/machine.ts';
import { readRecord, replaceRecord } from '../../store/records.ts';
import { type Activation, Activations } from '../disk/activations.ts';
import { rehash } from '../disk/rehash.ts';
import { ReleasesOnDisk } from '../disk/releases-on-disk.ts';
import { sharedIdentity } from '../disk/shared-identity.ts';
import { readFence } from '../orders/fence.ts';
import { HostRecords } from '../orders/host-records.ts';
import type { Host } from '../place/host.ts';

const noDamage: Damage = { changed: [], missing: [], extra: [], count: 0 };

/**
 * `attest`: what this host runs, read anew from disk and processes. Takes no lock, so it answers in the
 * middle of an activation too; `release` is what `current` leads to, and is proved only where `damage.count`
 * is 0.
 */
export async function attest(host: Host, { nonce }: VerbRequest<'attest'>): Promise<Attestation> {
  const { app, environment, host: name, sharedDirectory } = host.provisioning;
  const activation = await new Activations(host.root).current();
  const digest = activation === undefined ? undefined : parseReleaseCopy(activation.release)?.digest;
  const manifest = digest === undefined ? undefined : await manifestOf(host, digest);
  const values = activation === undefined ? {} : valuesIn(activation, manifest);
  const runtimes = await runtimeVersions(Object.keys(manifest?.platform.runtimes ?? {}), host.environment);
  const attestation: Attestation = {
    app,
    environment,
    host: name,
    nonce,
    at: host.now().toISOString(),
    fence: await readFence(host.state),
    order: activation?.order.number ?? null,
    release: digest ?? null,
    damage:
      activation === undefined || manifest === undefined
        ? noDamage
        : await rehash(new ReleasesOnDisk(host.root).directoryOf(activation.release), manifest),
    config: activation === undefined ? null : digestOf({ app, environment, values }),
    configValues: values,
    secrets: activation === undefined ? [] : secretsIn(activation, nonce),
    bindings: Object.fromEntries(
      Object.entries(activation?.facts.bindings ?? {}).map(([key, value]) => [key, withoutPassword(value)]),
    ),
    runtimes: Object.fromEntries(
      Object.entries(runtimes).map(([runtime, version]) => [runtime, version ?? 'none']),
    ),
    osPackages: await osPackagesDigest(host.environment),
    activatedAt: activation?.facts.activatedAt ?? null,
    processes: (await host.supervisor.status()).map(({ process }) => process),
    sharedDirectory: await sharedIdentity(sharedDirectory),
    agent: host.agent,
  };
  await keep(host, attestation);
  return attestation;
}

/**
 * From the disk, or from the store where the copy on the disk was changed: either way checked against the
 * digest.
 */
async function manifestOf(host: Host, digest: string): Promise<ReleaseManifest> {
  return (
    (await new ReleasesOnDisk(host.root).manifest(digest)) ??
    (await new HostRecords(host).release(digest)).manifest
  );
}

/**
 * The env values that services were given, from their own files: names that the order gave, and declared ones
 * that somebody added. Where two services differ both values are shown, which no order's digest can equal.
 */
function valuesIn(activation: Activation, manifest: ReleaseManifest | undefined): Record<string, string> {
  const names = new Set([...activation.facts.config, ...Object.keys(manifest?.app.env ?? {})]);
  const values: Record<string, string> = {};
  for (const name of [...names].sort()) {
    const found = distinct(activation, name);
    // TZ and LANG are set by the host where the app gives no value of its own.
    if (found !== undefined && (activation.facts.config.includes(name) || !['TZ', 'LANG'].includes(name)))
      values[name] = found;
  }
  return values;
}

function secretsIn(activation: Activation, nonce: string): Attestation['secrets'] {
  return activation.facts.secrets.map(({ name, version }) => {
    const value = distinct(activation, name);
    return {
      name,
      version,
      hash: value === undefined ? null : createHmac('sha256', nonce).update(value).digest('hex'),
    };
  });
}

function distinct({ environments }: Activation, name: string): string | undefined {
  const found = new Set(Object.values(environments).map((environment) => environment[name]));
  const present = [...found].filter((value) => value !== undefined);
  return present.length === 0
    ? undefined
    : [...present, ...(found.has(undefined) ? ['(unset)'] : [])].join(' | ');
}

/** The stored copy never holds a hash of a secret, and is never replaced by an older one. */
async function keep(host: Host, attestation: Attestation): Promise<void> {
  const { app, environment, host: name } = host.provisioning;
  const key = storeKeys.host(app, environment, name);
  const stored: Attestation = {
    ...attestation,
    secrets: attestation.secrets.map((secret) => ({ ...secret, hash: null })),
  };
  for (let attempt = 0; attempt < 5; attempt++) {
    const found = await readRecord(host.store, key, attestationSchema);
    if (found !== undefined && found.value.at > stored.at) return;
    if ((await replaceRecord(host.store, key, stored, found?.etag)) === 'written') return;
  }
}
