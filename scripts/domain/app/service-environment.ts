import type { AppManifest } from './app-manifest.ts';
import { commandNames, serviceUrlName } from './manifest-names.ts';
import { withRedisLogin } from './redis-address.ts';

/** What a host gives to the services of one activation. Paths are absolute. */
export type HostFacts = {
  /** Where services bind. */
  address: string;
  /** Service -> port on this host; the manifest's own port where it is missing. */
  ports: Readonly<Record<string, number>>;
  bindings: Readonly<Record<string, string>>;
  releaseDirectory: string;
  sharedDirectory: string;
  home: string;
  temporaryDirectory: string;
  /** From the agent's own environment: PATH and the places of certificates, nothing else. */
  inherited: Readonly<Record<string, string>>;
};

/**
 * Variables that an agent may pass on from its own environment: without them a program does not find its
 * runtime or trusts no certificate.
 */
export const inheritedNames = [
  'PATH',
  'NODE_EXTRA_CA_CERTS',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
  'REQUESTS_CA_BUNDLE',
  'CURL_CA_BUNDLE',
] as const;

/** The port of a service on a host, or undefined where it has none. */
export function portOf(
  manifest: AppManifest,
  facts: Pick<HostFacts, 'ports'>,
  service: string,
): number | undefined {
  const declared = manifest.services[service]?.port;
  return declared === undefined ? undefined : (facts.ports[service] ?? declared);
}

/** An address to connect to: a service that binds to every interface is reached over loopback. */
export function reachable(address: string): string {
  return address === '0.0.0.0' ? '127.0.0.1' : address === '::' ? '::1' : address;
}

/** Where a service of this host is reached: `http://address:port`. */
export function serviceUrl(address: string, port: number | string): string {
  const host = reachable(address);
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** The URL of each service, under the same name in every environment: `intake-api` is `INTAKE_API_URL`. */
export function serviceUrls(manifest: AppManifest, facts: HostFacts): Record<string, string> {
  const urls: Record<string, string> = {};
  for (const service of Object.keys(manifest.services)) {
    const port = portOf(manifest, facts, service);
    if (port === undefined) continue;
    urls[serviceUrlName(service)] = serviceUrl(facts.address, port);
  }
  return urls;
}

/** The bindings that the manifest asks for. `missing`: names that this host has no value for. */
export function resolveBindings(
  manifest: AppManifest,
  facts: Pick<HostFacts, 'bindings' | 'sharedDirectory'>,
): { values: Record<string, string>; missing: string[] } {
  const given: Record<string, string> = { SHARED_DIR: facts.sharedDirectory, ...facts.bindings };
  const values: Record<string, string> = {};
  const missing: string[] = [];
  for (const name of manifest.bindings) {
    const value = given[name];
    if (value === undefined) missing.push(name);
    else values[name] = value;
  }
  return { values, missing };
}

/**
 * The whole environment of a service: nothing else reaches it. An app may set TZ and LANG by declaring them;
 * what tells it where it lives on this host always wins.
 */
export function serviceEnvironment(options: {
  manifest: AppManifest;
  service: string;
  facts: HostFacts;
  values: Readonly<Record<string, string>>;
  secrets: Readonly<Record<string, string>>;
}): Record<string, string> {
  const { manifest, service, facts } = options;
  const port = portOf(manifest, facts, service);
  return {
    TZ: 'UTC',
    LANG: 'C.UTF-8',
    PYTHONDONTWRITEBYTECODE: '1',
    ...facts.inherited,
    ...options.values,
    ...options.secrets,
    ...serviceUrls(manifest, facts),
    ...withRedisLogin(resolveBindings(manifest, facts).values, facts.bindings, options.secrets),
    ...((port === undefined ? {} : { PORT: String(port) }) satisfies { PORT?: string }),
    HOST: facts.address,
    WORKERS: String(manifest.services[service]?.workers ?? 1),
    RELEASE_DIR: facts.releaseDirectory,
    SHARED_DIR: facts.sharedDirectory,
    HOME: facts.home,
    TMPDIR: facts.temporaryDirectory,
  };
}

/**
 * Expands `${PORT}` and the like in each argument; anything else in `${}` stays as it is: there is no shell.
 */
export function expandCommand(
  command: readonly string[],
  environment: Readonly<Record<string, string>>,
): string[] {
  return command.map((part) =>
    commandNames.reduce((text, name) => text.replaceAll(`\${${name}}`, () => environment[name] ?? ''), part),
  );
}
