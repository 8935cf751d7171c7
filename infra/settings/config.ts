import { type Difference, findDifferences } from './differences.ts';
import { type CloudFinding, findCloudFaults } from './infrastructure-rules.ts';
import { type Finding, valueAt } from './problems/problem.ts';
import { findingsOf } from './problems/zod-findings.ts';
import { withoutPulumiSpellings } from './pulumi-spellings.ts';
import type { Identity } from './schema/identity-schema.ts';
import type { Pins } from './schema/pins.ts';
import { type Base, baseSchema, type Environment, environmentSchema } from './schema/settings-schema.ts';
import { findAppFaults, findEncrypted, findEnvFaults, findForeignCertificate } from './settings-rules.ts';

export { type Difference, differencePaths } from './differences.ts';
export { type EnvironmentValues, findClashes } from './environment-relations.ts';
export { nearest } from './problems/nearest.ts';
export { nameSchema } from './schema/app-schema.ts';
export { baseSchema, environmentSchema } from './schema/settings-schema.ts';

/**
 * The settings of one environment: the base with its differences applied. The cloud and the pipeline read the
 * same.
 */
export type Settings = Base & {
  environment: string;
  identity: Identity;
  upstream: string | null;
  soakMinutes: number;
  /** Values of what the app's manifest declares `perEnvironment`. */
  env: Record<string, string>;
  differences: Difference[];
  /** For people: what would be refused if this weren't a way back. */
  warnings: string[];
  local: Environment['local'];
};

/** Where a finding stands: its path starts at `lockstep:base` or at the environment's `lockstep:` keys. */
export type SettingsFinding = Finding & { source: 'base' | 'environment' };

export type Resolved =
  | { ok: true; settings: Settings; findings: readonly [] }
  | { ok: false; settings: null; findings: readonly SettingsFinding[] };

export type ResolveOptions = {
  /** For rollback and status: a difference past its date warns instead of standing in the way. */
  lenient?: boolean;
  /** For the cloud's own verbs: judges what AWS would refuse as well. The local twin needs none of it. */
  cloud?: { pins: Pins };
};

/**
 * The settings of an environment, or everything that is wrong with them at once.
 *
 * @param base the raw value of `lockstep:base`
 * @param environment its name, and the raw values of its `lockstep:` keys without that prefix
 * @param today judged by its date in UTC
 */
export function resolve(
  base: unknown,
  { name, values: given }: { name: string; values: unknown },
  today: Date,
  { lenient = false, cloud }: ResolveOptions = {},
): Resolved {
  const environment = { name, values: withoutPulumiSpellings(given) };
  const parsedBase = baseSchema.safeParse(base);
  const parsed = environmentSchema.safeParse(environment.values);
  const { differences, merged, findings, warnings } = findDifferences({
    base: parsedBase.success ? parsedBase.data : readableSections(base),
    environment: environment.values,
    today: today.toISOString().slice(0, 10),
    lenient,
  });
  const all: SettingsFinding[] = [
    ...(parsedBase.success ? [] : from('base', findingsOf(parsedBase.error, baseSchema, base))),
    ...(parsed.success
      ? []
      : from('environment', findingsOf(parsed.error, environmentSchema, environment.values))),
    ...from('environment', findings),
    ...from('base', findAppFaults(base)),
    ...from('environment', findEnvFaults(base, environment.values)),
    ...from('environment', findForeignCertificate(environment.values)),
  ];
  const encrypted = [
    ...from('base', findEncrypted(base)),
    ...from('environment', findEncrypted(environment.values)),
  ];
  const found = [
    ...encrypted,
    ...all.filter((finding) => !encrypted.some((other) => covers(other, finding))),
  ];
  if (found.length > 0 || !parsedBase.success || !parsed.success) {
    return { ok: false, settings: null, findings: found };
  }
  const { identity, upstream, soakMinutes, env, local } = parsed.data;
  const shared = baseSchema.parse(merged);
  const faults = cloud === undefined ? [] : findCloudFaults(shared, identity, cloud.pins);
  if (faults.length > 0) {
    return {
      ok: false,
      settings: null,
      findings: faults.map((fault) => attribute(fault, environment.values)),
    };
  }
  const settings: Settings = {
    ...shared,
    environment: environment.name,
    identity,
    upstream,
    soakMinutes,
    env,
    differences,
    warnings,
    local,
  };
  return { ok: true, settings, findings: [] };
}

export type Target = 'local' | 'aws';

/** The env values of a release in this environment; the local twin's own values come last. */
export function valuesFor(settings: Settings, target: Target): Record<string, string> {
  return { ...settings.app.env, ...settings.env, ...(target === 'local' ? settings.local.env : {}) };
}

/** How many hosts the environment has on this target. */
export function hostCount(settings: Settings, target: Target): number {
  return target === 'local' ? (settings.local.hosts ?? settings.fleet.hosts) : settings.fleet.hosts;
}

/** A fault of the base that a difference made stands at that difference. */
function attribute({ of, ...finding }: CloudFinding, values: unknown): SettingsFinding {
  if (of === 'identity') return { ...finding, source: 'environment' };
  const key = finding.path.join('.');
  const entries = valueAt(values, ['differences']);
  const index = Array.isArray(entries)
    ? entries.findIndex((entry) => {
        const path = valueAt(entry, ['path']);
        return typeof path === 'string' && (key === path || key.startsWith(`${path}.`));
      })
    : -1;
  if (index < 0) return { ...finding, source: 'base' };
  const depth = String(valueAt(entries, [index, 'path'])).split('.').length;
  const path = ['differences', index, 'value', ...finding.path.slice(depth)];
  return { ...finding, path, source: 'environment' };
}

/** A base that is wrong somewhere, with defaults filled in wherever a section of it is right. */
function readableSections(base: unknown): unknown {
  return Object.fromEntries(
    Object.entries(baseSchema.shape).map(([key, schema]) => {
      const raw = valueAt(base, [key]);
      const parsed = schema.safeParse(raw);
      return [key, parsed.success ? parsed.data : raw];
    }),
  );
}

/** An encrypted value is the one thing said of whatever stands at or under it. */
function covers(encrypted: SettingsFinding, finding: SettingsFinding): boolean {
  return (
    encrypted.source === finding.source && encrypted.path.every((part, index) => finding.path[index] === part)
  );
}

function from(source: SettingsFinding['source'], findings: readonly Finding[]): SettingsFinding[] {
  return findings.map((finding) => ({ ...finding, source }));
}
