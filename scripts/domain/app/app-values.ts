import { isSecretName } from '../secrets/likely-secrets.ts';
import type { AppManifest } from './app-manifest.ts';
import { type AppFacts, factsOf, publicService, type ServiceFacts } from './manifest-names.ts';

export type CheckOptions = {
  /**
   * Every name must be declared `perEnvironment`, and required ones may be absent: for the values of one
   * environment.
   */
  perEnvironmentOnly?: boolean;
  /** Finds the known name that was probably meant. */
  nearest?: (word: string, known: readonly string[]) => string | undefined;
};

/**
 * Problems of env values according to the manifest, one line each: undeclared, missing, shared, or not
 * matching the pattern.
 */
export function checkValues(
  manifest: AppManifest,
  values: Readonly<Record<string, string>>,
  { perEnvironmentOnly = false, nearest = () => undefined }: CheckOptions = {},
): string[] {
  const declared = Object.keys(manifest.env).sort();
  const missing = declared
    .filter((name) => !perEnvironmentOnly && manifest.env[name]?.required && !Object.hasOwn(values, name))
    .map(
      (name) =>
        `env value ${name} is required and missing${patternNote(manifest, name)}; set it under ${homeOf(manifest, name)}`,
    );
  const wrong = Object.entries(values).flatMap(([name, value]) => {
    const declaration = Object.hasOwn(manifest.env, name) ? manifest.env[name] : undefined;
    if (declaration === undefined) {
      if (Object.hasOwn(manifest.secrets, name)) {
        return [
          `${name} is declared as a secret: remove its env value and run \`lockstep secret set ENV ${name}\``,
        ];
      }
      const near = nearest(name, declared);
      const fix =
        near === undefined ? 'remove it, or declare it under env in lockstep.yaml' : `write ${near}`;
      return [`env value ${name} is not declared; declared: ${declared.join(', ') || 'none'}; ${fix}`];
    }
    if (perEnvironmentOnly && !declaration.perEnvironment) {
      return [
        `env value ${name} is shared by all environments: set it under ${homeOf(manifest, name)}, or declare it perEnvironment`,
      ];
    }
    if (declaration.pattern === undefined || new RegExp(declaration.pattern).test(value)) return [];
    return [`env value ${name} is ${shown(name, value)}; allowed: text that matches ${declaration.pattern}`];
  });
  return [...missing, ...wrong];
}

/**
 * Where a manifest and the facts that infrastructure was built from disagree, one line each; a release of
 * such a manifest must not be built, since balancer and hosts would serve another app.
 */
export function factsProblems(manifest: AppManifest, settings: AppFacts): string[] {
  const app = factsOf(manifest);
  const problems: string[] = [];
  const differ = (what: string, inManifest: unknown, inSettings: unknown) => {
    if (inManifest === inSettings) return;
    problems.push(
      `${what} is ${spelled(inManifest)} in lockstep.yaml and ${spelled(inSettings)} in Pulumi.yaml`,
    );
  };
  differ('name', app.name, settings.name);
  differ('public', app.public, publicService(settings));
  for (const name of new Set([...Object.keys(app.services), ...Object.keys(settings.services)])) {
    const [mine, theirs] = [app.services[name], settings.services[name]];
    if (mine === undefined || theirs === undefined) {
      const [where, not] = mine ? ['lockstep.yaml', 'Pulumi.yaml'] : ['Pulumi.yaml', 'lockstep.yaml'];
      problems.push(`the service ${name} is in ${where} but not in ${not}`);
      continue;
    }
    const withoutPort = mine.port === null && theirs.port === null;
    for (const [key, { words, onlyWithPort = false }] of serviceFacts) {
      if (!onlyWithPort || !withoutPort) differ(`${words} of ${name}`, mine[key], theirs[key]);
    }
  }
  const lacking = app.secrets.filter((name) => !settings.secrets.includes(name));
  const unknown = settings.secrets.filter((name) => !app.secrets.includes(name));
  for (const name of lacking) problems.push(`the secret ${name} is in lockstep.yaml but not in Pulumi.yaml`);
  for (const name of unknown) problems.push(`the secret ${name} is in Pulumi.yaml but not in lockstep.yaml`);
  return problems;
}

/**
 * `onlyWithPort`: not compared without a port, since such a service answers no requests and no health check.
 */
type FactWords = { words: string; onlyWithPort?: boolean };

const factWords: Readonly<Record<keyof ServiceFacts, FactWords>> = {
  port: { words: 'the port' },
  healthPath: { words: 'the health path' },
  longestRequestSeconds: { words: 'the longest request, in seconds,', onlyWithPort: true },
  replicas: { words: 'the number of replicas' },
  stopTimeoutSeconds: { words: 'the stop time-out, in seconds,' },
  graceSeconds: { words: 'the grace period of a start, in seconds,', onlyWithPort: true },
};
const serviceFacts = Object.entries(factWords) as [keyof ServiceFacts, FactWords][];

function homeOf(manifest: AppManifest, name: string): string {
  return manifest.env[name]?.perEnvironment
    ? 'lockstep:env in Pulumi.<environment>.yaml'
    : 'app.env in Pulumi.yaml';
}

function patternNote(manifest: AppManifest, name: string): string {
  const pattern = manifest.env[name]?.pattern;
  return pattern === undefined ? '' : ` (allowed: text that matches ${pattern})`;
}

/** Env values are not secrets, but people put secrets where they don't belong. */
function shown(name: string, value: string): string {
  const looksSecret = isSecretName(name) || /:\/\/[^/@\s]*:[^/@\s]+@|-----BEGIN /.test(value);
  return looksSecret ? 'invalid (not shown: it may be a secret)' : JSON.stringify(value);
}

function spelled(value: unknown): string {
  return value === null ? 'absent' : JSON.stringify(value);
}
