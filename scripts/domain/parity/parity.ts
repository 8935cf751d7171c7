import type { AppManifest } from '../app/app-manifest.ts';
import type { Attestation } from '../order/attestation.ts';
import type { Order } from '../order/order.ts';
import type { ReleaseManifest } from '../release/release.ts';

const facets = [
  'hosts',
  'release',
  'config',
  'secrets',
  'runtime',
  'processes',
  'shared directory',
  'agent',
  'settings',
] as const;
export type Facet = (typeof facets)[number];

/**
 * `in step`: proved equal (or, where the two must differ, proved different). `listed`: differs as the
 * settings or the manifest say it does. `behind`: a gap that committed orders explain. `divergence`: nobody
 * ordered this.
 */
export type Verdict = 'in step' | 'listed' | 'behind' | 'divergence';

/**
 * One line of the proof. `between`: the environment that is compared with its own order, or `production /
 * staging`.
 */
export type Finding = {
  facet: Facet;
  between: string;
  host: string | null;
  verdict: Verdict;
  detail: string;
};

/** A difference that the settings list, and whether this target can show it. */
export type ListedDifference = {
  path: string;
  value: string;
  base: string;
  reason: string;
  until: string | null;
};

/** Everything known about one environment, from fresh attestations that answer one common nonce. */
export type Evidence = {
  environment: string;
  committed: Order;
  /** Values of the committed order. */
  values: Readonly<Record<string, string>>;
  release: ReleaseManifest;
  /** Null attestation: the host did not answer, `problem` says why. */
  hosts: readonly { host: string; attestation: Attestation | null; problem: string | null }[];
  listed: readonly ListedDifference[];
  /** How many hosts the settings ask for, and whether only a setting of the local twin says so. */
  wantedHosts: number;
  hostsAreLocal: boolean;
};

export const isSecretShared = (manifest: AppManifest, name: string) =>
  manifest.secrets[name]?.perEnvironment === false;

/** Reports `in step` once for a facet where nothing was found. */
export function orInStep(
  facet: Facet,
  between: string,
  found: readonly Finding[],
  detail: string,
): readonly Finding[] {
  return found.length > 0 ? found : [{ facet, between, host: null, verdict: 'in step', detail }];
}

/** A few names, and how many more. */
export function some(names: readonly string[], most = 5): string {
  const shown = names.slice(0, most).join(', ');
  return names.length > most ? `${shown} and ${names.length - most} more` : shown;
}
