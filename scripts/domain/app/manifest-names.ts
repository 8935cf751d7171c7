import type { AppManifest } from './app-manifest.ts';

/** What a host tells every service about itself; an app can't declare these (see service-environment.ts). */
export const reservedNames = ['PORT', 'HOST', 'WORKERS', 'RELEASE_DIR', 'HOME', 'TMPDIR', 'PATH'] as const;

/** What expands in a service's `command` and `check`. */
export const commandNames = ['PORT', 'HOST', 'WORKERS', 'RELEASE_DIR', 'SHARED_DIR'] as const;

/** `intake-api` is reached under INTAKE_API_URL, in every environment. */
export function serviceUrlName(service: string): string {
  return `${service.toUpperCase().replaceAll('-', '_')}_URL`;
}

/**
 * The service behind the balancer: `public`, or the only service with a port; null where there is neither.
 */
export function publicService(app: { public?: string | null | undefined } & Services): string | null {
  if (app.public != null) return app.public;
  const serving = Object.keys(app.services).filter((name) => app.services[name]?.port != null);
  return serving.length === 1 ? (serving[0] ?? null) : null;
}

type Services = { services: Readonly<Record<string, { port?: number | null | undefined } | undefined>> };

/** What the settings tell infrastructure about the app; the same shape as their `app`. */
export type AppFacts = {
  name: string;
  public: string | null;
  services: Readonly<Record<string, ServiceFacts>>;
  /** Names of secrets: the cloud keeps a place for each. */
  secrets: readonly string[];
};

export type ServiceFacts = {
  port: number | null;
  healthPath: string | null;
  longestRequestSeconds: number;
  replicas: 'many' | 'exactly-one';
  stopTimeoutSeconds: number;
  graceSeconds: number;
};

/** For a service without a health check; nothing waits for its first healthy answer. */
const graceWithoutHealth = 60;

/** The same facts as the manifest states them. */
export function factsOf(manifest: AppManifest): AppFacts {
  const services = Object.entries(manifest.services).map(([name, service]): [string, ServiceFacts] => [
    name,
    {
      port: service.port ?? null,
      healthPath: service.health?.path ?? null,
      longestRequestSeconds: manifest.limits.requestSeconds,
      replicas: service.replicas,
      stopTimeoutSeconds: service.stopTimeoutSeconds,
      graceSeconds: service.health?.graceSeconds ?? graceWithoutHealth,
    },
  ]);
  return {
    name: manifest.name,
    public: publicService(manifest),
    services: Object.fromEntries(services),
    secrets: Object.keys(manifest.secrets),
  };
}
