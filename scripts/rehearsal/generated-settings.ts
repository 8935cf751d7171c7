import { stringify } from 'yaml';
import type { AppManifest } from '../domain/app/app-manifest.ts';
import { factsOf } from '../domain/app/manifest-names.ts';
import { usage } from '../domain/errors.ts';

/** Files of a project that rehearses an app: file name -> text. */
export type GeneratedProject = Readonly<Record<string, string>>;

export type Rehearsed = { manifest: AppManifest; llm: { baseUrl: string; model: string } | null };

/** Two hosts in staging, three in production: enough to cross hosts, few enough for a laptop. */
const rehearsedHosts = { staging: 2, production: 3 } as const;

/**
 * Settings of a staging and a production for an app, from its manifest: ports and health as declared, values
 * from `example`, no soak.
 * @throws LockstepError usage, naming every required value that has no example.
 */
export function generateSettings({ manifest, llm }: Rehearsed): GeneratedProject {
  const lacking = Object.entries(manifest.env)
    .filter(([, { required, example }]) => required && example === undefined)
    .map(([name]) => name);
  if (lacking.length > 0) {
    throw usage(`a rehearsal needs a value for ${lacking.join(', ')}`, {
      fix: 'Give each an `example:` in lockstep.yaml.',
    });
  }
  return {
    'Pulumi.yaml': stringify({
      name: 'rehearsal',
      runtime: 'nodejs',
      config: { 'lockstep:base': { value: base(manifest, llm) } },
    }),
    'Pulumi.staging.yaml': stringify({ config: environment(manifest, llm, 'staging', null) }),
    'Pulumi.production.yaml': stringify({ config: environment(manifest, llm, 'production', 'staging') }),
  };
}

/** Keys as people write them; the schemas of the settings judge the values. */
type BaseAsWritten = Partial<Record<'app' | 'hub' | 'fleet' | 'llm' | 'pipeline' | 'rollout', unknown>>;
type EnvironmentAsWritten = Partial<
  Record<`lockstep:${'identity' | 'upstream' | 'soakMinutes' | 'env' | 'differences' | 'local'}`, unknown>
>;

/**
 * Complete enough for the cloud, so that the rehearsal can begin with a plan of it: accounts and names are
 * invented.
 */
function base(manifest: AppManifest, llm: Rehearsed['llm']): BaseAsWritten {
  return {
    app: { ...factsOf(manifest), env: examples(manifest, false) },
    hub: { account: '9'.repeat(12), region },
    fleet: { hosts: rehearsedHosts.production },
    ...((llm === null
      ? {}
      : {
          llm: { mode: 'external', baseUrl: 'https://llm.example.com/v1', model: llm.model },
        }) satisfies Partial<BaseAsWritten>),
    pipeline: { roleSessionSeconds: 7_200, jobTimeoutMinutes: 120 },
    // Short, so that taking over from a dead deployer does not take a minute.
    rollout: { leaseSeconds: 10, drainTimeoutSeconds: 10 },
  };
}

const region = 'eu-central-1';

function environment(
  manifest: AppManifest,
  llm: Rehearsed['llm'],
  name: 'staging' | 'production',
  upstream: string | null,
): EnvironmentAsWritten {
  const number = name === 'staging' ? 1 : 2;
  const account = String(number).repeat(12);
  return {
    'lockstep:identity': {
      account,
      region,
      cidr: `10.${number}0.0.0/16`,
      domain: `${name}.example.com`,
      certificate: `arn:aws:acm:${region}:${account}:certificate/00000000-0000-4000-8000-00000000000${number}`,
      alarmAddress: `${name}@example.com`,
    },
    ...((upstream === null ? {} : { 'lockstep:upstream': upstream }) satisfies EnvironmentAsWritten),
    'lockstep:soakMinutes': 0,
    'lockstep:env': examples(manifest, true),
    ...((name === 'production'
      ? {}
      : {
          'lockstep:differences': [
            {
              path: 'fleet.hosts',
              value: rehearsedHosts.staging,
              reason: 'two hosts are enough to cross between',
            },
          ],
        }) satisfies EnvironmentAsWritten),
    'lockstep:local': llm === null ? {} : { llm },
  };
}

function examples(manifest: AppManifest, perEnvironment: boolean): Record<string, string> {
  return Object.fromEntries(
    Object.entries(manifest.env).flatMap(([name, declared]) =>
      declared.example === undefined || declared.perEnvironment !== perEnvironment
        ? []
        : [[name, declared.example]],
    ),
  );
}
