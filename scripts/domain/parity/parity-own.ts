import type { Attestation } from '../order/attestation.ts';
import { short } from '../order/content.ts';
import { type Evidence, type Facet, type Finding, orInStep, some } from './parity.ts';

/** An environment against its own committed order: every host runs what was ordered, and nothing else. */
export function compareWithOwnOrder(evidence: Evidence): readonly Finding[] {
  const { environment, committed } = evidence;
  const answered = evidence.hosts.flatMap(({ attestation }) => attestation ?? []);
  const perHost = (
    facet: Facet,
    detail: string,
    check: (attestation: Attestation) => readonly string[],
  ): readonly Finding[] =>
    orInStep(
      facet,
      environment,
      answered.flatMap((attestation) =>
        check(attestation).map((text) => divergence(facet, environment, attestation.host, text)),
      ),
      detail,
    );
  return [
    ...hosts(evidence),
    ...perHost('release', `${committed.tag ?? 'release'} (${short(committed.release)})`, (attestation) =>
      releaseFindings(evidence, attestation),
    ),
    ...perHost('config', `${Object.keys(evidence.values).length} values as ordered`, (attestation) =>
      configFindings(evidence, attestation),
    ),
    ...perHost('secrets', `${committed.secrets.length} versions as ordered`, (attestation) =>
      secretFindings(evidence, attestation, answered[0]),
    ),
    ...perHost('runtime', 'runtimes as built for, packages equal on every host', (attestation) =>
      runtimeFindings(evidence, attestation, answered[0]),
    ),
    ...perHost('processes', 'every process started after its activation', processFindings),
    ...equalEverywhere(
      'shared directory',
      environment,
      answered,
      ({ sharedDirectory }) => sharedDirectory ?? 'none',
    ),
    ...equalEverywhere('agent', environment, answered, ({ agent }) => short(agent)),
  ];
}

function divergence(facet: Facet, between: string, host: string | null, detail: string): Finding {
  return { facet, between, host, verdict: 'divergence', detail };
}

function hosts({ environment, hosts: known, wantedHosts }: Evidence): readonly Finding[] {
  const silent = known
    .filter(({ attestation }) => attestation === null)
    .map(({ host, problem }) => divergence('hosts', environment, host, problem ?? 'does not answer'));
  const wrong =
    known.length === wantedHosts
      ? []
      : [
          divergence(
            'hosts',
            environment,
            null,
            `${known.length} hosts exist, the settings ask for ${wantedHosts}`,
          ),
        ];
  return orInStep('hosts', environment, [...silent, ...wrong], `${known.length} hosts answer`);
}

function releaseFindings({ committed }: Evidence, attestation: Attestation): readonly string[] {
  if (attestation.release === null) return ['runs no release'];
  if (attestation.release !== committed.release) {
    return [`runs release ${short(attestation.release)} instead of ${short(committed.release)}`];
  }
  const { changed, missing, extra, count } = attestation.damage;
  const named = [
    ...changed.map((path) => `${path} changed`),
    ...missing.map((path) => `${path} missing`),
    ...extra.map((path) => `${path} added`),
  ];
  return count === 0 ? [] : [`edited by hand: ${some(named)}`];
}

function configFindings({ values, committed }: Evidence, attestation: Attestation): readonly string[] {
  if (attestation.config === committed.config) return [];
  const names = [...new Set([...Object.keys(values), ...Object.keys(attestation.configValues)])].sort();
  const differing = names.filter((name) => values[name] !== attestation.configValues[name]);
  return [`env values differ from those ordered: ${some(differing)}`];
}

function secretFindings(
  { committed }: Evidence,
  attestation: Attestation,
  first: Attestation | undefined,
): readonly string[] {
  const ordered = new Map(committed.secrets.map(({ name, version }) => [name, version]));
  const hashes = new Map(first?.secrets.map(({ name, hash }) => [name, hash]));
  const missing = [...ordered.keys()].filter(
    (name) => !attestation.secrets.some((present) => present.name === name),
  );
  const wrong = attestation.secrets.flatMap(({ name, version, hash }) => {
    if (ordered.get(name) !== version)
      return [`${name} is version ${version} instead of ${ordered.get(name) ?? 'none'}`];
    return hashes.get(name) === hash ? [] : [`the value of ${name} differs from ${first?.host}`];
  });
  return [...missing.map((name) => `${name} is missing`), ...wrong];
}

function runtimeFindings(
  { release }: Evidence,
  attestation: Attestation,
  first: Attestation | undefined,
): readonly string[] {
  const wrong = Object.entries(release.platform.runtimes)
    .filter(([name, version]) => attestation.runtimes[name] !== version)
    .map(([name, version]) => `${name} is ${attestation.runtimes[name] ?? 'missing'}, built for ${version}`);
  const packages =
    attestation.osPackages === first?.osPackages ? [] : [`OS packages differ from ${first?.host}`];
  return [...wrong, ...packages];
}

function processFindings({ processes, activatedAt }: Attestation): readonly string[] {
  return processes.flatMap(({ service, pid, startedAt, lastExit }) => {
    if (pid === null) return [`${service} is not running${lastExit === null ? '' : ` (${lastExit})`}`];
    const older =
      startedAt !== null && activatedAt !== null && Date.parse(startedAt) < Date.parse(activatedAt);
    return older
      ? [`${service} (pid ${pid}) started before its activation: it still runs what was there before`]
      : [];
  });
}

function equalEverywhere(
  facet: Facet,
  environment: string,
  attestations: readonly Attestation[],
  value: (attestation: Attestation) => string,
): readonly Finding[] {
  const first = attestations[0];
  if (first === undefined) return [];
  const found = attestations
    .filter((attestation) => value(attestation) !== value(first))
    .map((attestation) => divergence(facet, environment, attestation.host, `differs from ${first.host}`));
  return orInStep(facet, environment, found, `the same on ${attestations.length} hosts`);
}
