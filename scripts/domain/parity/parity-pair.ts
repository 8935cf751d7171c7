import type { Attestation } from '../order/attestation.ts';
import { short } from '../order/content.ts';
import { fileChanges } from '../release/file-changes.ts';
import {
  type Evidence,
  type Facet,
  type Finding,
  isSecretShared,
  orInStep,
  some,
  type Verdict,
} from './parity.ts';

/** What the upstream's records say of the downstream's committed order. */
export type Explained = {
  /** A standing receipt of the downstream's release exists upstream. */
  release: boolean;
  /** One of those receipts carries the downstream's shared config. */
  sharedConfig: boolean;
};

/**
 * An environment against its upstream. A gap between committed orders is `behind` when the upstream has
 * verified what the downstream runs; what nobody verified upstream (an override) is a divergence.
 */
export function compareWithUpstream(
  downstream: Evidence,
  upstream: Evidence,
  explained: Explained,
): readonly Finding[] {
  const between = `${downstream.environment} / ${upstream.environment}`;
  const finding = (facet: Facet, verdict: Verdict, detail: string): Finding => ({
    facet,
    between,
    host: null,
    verdict,
    detail,
  });
  const one = downstream.hosts.find(({ attestation }) => attestation !== null)?.attestation ?? undefined;
  const other = upstream.hosts.find(({ attestation }) => attestation !== null)?.attestation ?? undefined;
  return [
    compareReleases(),
    ...compareConfig(),
    ...(one === undefined || other === undefined ? [] : compareHosts(one, other)),
    ...compareSettings(),
  ];

  function compareReleases(): Finding {
    if (downstream.committed.release === upstream.committed.release) {
      return finding('release', 'in step', `both run ${short(downstream.committed.release)}`);
    }
    const changes = fileChanges(downstream.release.files, upstream.release.files);
    const files = some(changes.map(({ path, change }) => `${path} ${change}`));
    const tags = `${downstream.committed.tag ?? 'a release'} here, ${upstream.committed.tag ?? 'another'} in ${upstream.environment}`;
    return explained.release
      ? finding('release', 'behind', `${tags}: ${files}`)
      : finding(
          'release',
          'divergence',
          `${tags}, and ${upstream.environment} never verified this one: ${files}`,
        );
  }

  function compareConfig(): readonly Finding[] {
    const { env } = downstream.release.app;
    const names = [...new Set([...Object.keys(downstream.values), ...Object.keys(upstream.values)])].sort();
    const differing = names.filter((name) => downstream.values[name] !== upstream.values[name]);
    const own = differing.filter((name) => env[name]?.perEnvironment === true);
    const shared = differing.filter((name) => env[name]?.perEnvironment !== true);
    const found = [
      ...own.map((name) => finding('config', 'listed', `${name} is declared perEnvironment`)),
      ...(shared.length === 0
        ? []
        : [
            finding(
              'config',
              explained.sharedConfig ? 'behind' : 'divergence',
              `shared values differ: ${some(shared)}`,
            ),
          ]),
    ];
    return orInStep('config', between, found, `${names.length} values equal`);
  }

  function compareHosts(here: Attestation, there: Attestation): readonly Finding[] {
    const runtime = [
      ...Object.keys({ ...here.runtimes, ...there.runtimes })
        .filter((name) => here.runtimes[name] !== there.runtimes[name])
        .map(
          (name) =>
            `${name} ${here.runtimes[name] ?? 'missing'} here, ${there.runtimes[name] ?? 'missing'} there`,
        ),
      ...(here.osPackages === there.osPackages ? [] : ['OS packages differ']),
    ];
    const sameDirectory = here.sharedDirectory !== null && here.sharedDirectory === there.sharedDirectory;
    return [
      ...compareSecrets(here, there),
      runtime.length === 0
        ? finding('runtime', 'in step', 'runtimes and OS packages equal')
        : finding(
            'runtime',
            explained.release && downstream.committed.release !== upstream.committed.release
              ? 'behind'
              : 'divergence',
            some(runtime),
          ),
      sameDirectory
        ? finding('shared directory', 'divergence', 'both use one shared directory: files leak between them')
        : finding('shared directory', 'in step', 'each has its own'),
      here.agent === there.agent
        ? finding('agent', 'in step', short(here.agent))
        : finding('agent', 'divergence', `${short(here.agent)} here, ${short(there.agent)} there`),
    ];
  }

  /**
   * Shared secrets must be equal; per-environment ones must not be: one environment would hold the other's
   * keys.
   */
  function compareSecrets(here: Attestation, there: Attestation): readonly Finding[] {
    const hashes = new Map(there.secrets.map(({ name, hash }) => [name, hash]));
    const found = here.secrets.flatMap(({ name, hash }) => {
      const theirs = hashes.get(name);
      if (theirs === undefined || theirs === null || hash === null) return [];
      if (isSecretShared(downstream.release.app, name)) {
        return hash === theirs
          ? []
          : [finding('secrets', 'divergence', `${name} must be the same in both and is not`)];
      }
      return hash === theirs
        ? [
            finding(
              'secrets',
              'divergence',
              `${name} is the same in both: one environment holds the other's value`,
            ),
          ]
        : [finding('secrets', 'listed', `${name} is declared perEnvironment`)];
    });
    return orInStep('secrets', between, found, `${here.secrets.length} compared by keyed hash`);
  }

  /** Rule 8, for what this target can show: the number of hosts. */
  function compareSettings(): readonly Finding[] {
    const isLocal = downstream.hostsAreLocal || upstream.hostsAreLocal;
    const listed = [...downstream.listed, ...upstream.listed];
    const found = listed.map((difference) => {
      const { path, value, base, reason, until } = difference;
      const text = `${path} is ${value} instead of ${base}: ${reason}${until === null ? '' : ` (until ${until})`}`;
      if (path !== 'fleet.hosts')
        return finding('settings', 'listed', `${text}; the local target can't show it`);
      if (isLocal)
        return finding('settings', 'listed', `${text}; the local twin has its own number of hosts`);
      return downstream.hosts.length === upstream.hosts.length
        ? finding(
            'settings',
            'divergence',
            `${text}; but it does not occur: both have ${downstream.hosts.length} hosts`,
          )
        : finding('settings', 'listed', text);
    });
    const unlisted =
      !isLocal &&
      downstream.hosts.length !== upstream.hosts.length &&
      !listed.some(({ path }) => path === 'fleet.hosts');
    const numbers = `${downstream.hosts.length} hosts here, ${upstream.hosts.length} in ${upstream.environment}`;
    return [...found, ...(unlisted ? [finding('settings', 'divergence', `${numbers}: not listed`)] : [])];
  }
}
