import { z } from 'zod';
import { bindingNames } from './app-manifest.ts';
import { commandNames, reservedNames, serviceUrlName } from './manifest-names.ts';

/**
 * A broken rule, before its line is known. The shape is that of `Finding` in
 * infra/settings/problems/problems.ts.
 */
export type ManifestFinding = {
  path: (string | number)[];
  message: string;
  got?: string;
  allowed: string;
  fix: string;
  unknownName?: { word: string; known: readonly string[] };
};

const text = z.string().catch('');
const texts = z.array(text).catch([]);
const map = <T extends z.ZodType>(value: T) => z.record(z.string(), value).catch({});

/**
 * The manifest as far as it can be read: a value of the wrong type counts as absent here, and the schema
 * reports it. So the rules run over every manifest, and one run shows everything that is wrong.
 */
const viewSchema = z
  .object({
    services: map(
      z
        .object({
          port: z.unknown().optional(),
          health: z.unknown().optional(),
          command: texts,
          check: texts,
        })
        .catch({ port: undefined, health: undefined, command: [], check: [] }),
    ),
    public: z.string().optional().catch(undefined),
    env: map(z.unknown()),
    secrets: map(z.unknown()),
    directories: z.object({ shared: texts, scratch: texts }).catch({ shared: [], scratch: [] }),
    smoke: z
      .array(
        z
          .object({ name: text, service: z.string().optional().catch(undefined) })
          .catch({ name: '', service: undefined }),
      )
      .catch([]),
  })
  .catch({
    services: {},
    public: undefined,
    env: {},
    secrets: {},
    directories: { shared: [], scratch: [] },
    smoke: [],
  });
type View = z.infer<typeof viewSchema>;

/** What the schema of the manifest can't say: how its parts have to fit together. */
export function findBrokenRules(raw: unknown): ManifestFinding[] {
  const view = viewSchema.parse(raw);
  return [
    ...findServiceFaults(view),
    ...findPublicFaults(view),
    ...findCommandFaults(view),
    ...findNameClashes(view),
    ...findDirectoryOverlaps(view),
    ...findSuiteFaults(view),
  ];
}

const serving = ({ services }: View) =>
  Object.keys(services).filter((name) => services[name]?.port !== undefined);

function findServiceFaults({ services }: View): ManifestFinding[] {
  return Object.entries(services).flatMap(([name, { port, health }]) => {
    const findings: ManifestFinding[] = [];
    if (port !== undefined && health === undefined) {
      const message = 'missing: a service with a port needs a health check';
      const allowed = 'a map with path, expect, timeoutSeconds, graceSeconds';
      findings.push({
        path: ['services', name, 'health'],
        message,
        allowed,
        fix: 'add health: {path: /health}',
      });
    }
    if (port === undefined && health !== undefined) {
      const message = 'needs a port to send health checks to';
      const fix = 'add port, or remove health';
      findings.push({ path: ['services', name, 'health'], message, allowed: 'health with a port', fix });
    }
    const url = serviceUrlName(name);
    if (isBinding(url)) {
      const allowed = 'a name whose _URL is not a binding';
      const message = `its address would be called ${url}, which is a binding`;
      findings.push({ path: ['services', name], message, got: name, allowed, fix: 'rename the service' });
    }
    return findings;
  });
}

function findPublicFaults(view: View): ManifestFinding[] {
  const known = serving(view);
  const allowed = known.join(', ') || 'no service has a port';
  if (view.public !== undefined && !known.includes(view.public)) {
    const unknownName = { word: view.public, known };
    const message = 'does not name a service with a port';
    return [{ path: ['public'], message, allowed, fix: 'name a service that has one', unknownName }];
  }
  if (view.public !== undefined || known.length < 2) return [];
  const message = 'missing, although several services have a port';
  return [{ path: ['public'], message, allowed, fix: 'add public: the one that the balancer serves' }];
}

function findCommandFaults({ services }: View): ManifestFinding[] {
  const known = commandNames.map((name) => `\${${name}}`);
  return Object.entries(services).flatMap(([name, service]) =>
    (['command', 'check'] as const).flatMap((key) =>
      service[key].flatMap((part, index) =>
        [...part.matchAll(/\$\{([^}]*)\}?/g)].flatMap(([got, word]): ManifestFinding[] => {
          const path = ['services', name, key, index];
          if (!known.includes(got)) {
            const fix = 'let the program read it from its environment: there is no shell';
            const unknownName = { word: got, known };
            const message = 'this name is not expanded here';
            return [{ path, message, got, allowed: known.join(', '), fix, unknownName }];
          }
          if (word !== 'PORT' || service.port !== undefined) return [];
          const fix = 'add port to the service, or take it out of the command';
          return [{ path, message: 'this service has no port', got, allowed: 'a service with a port', fix }];
        }),
      ),
    ),
  );
}

/**
 * A name means one thing: an env value, a secret, a binding, a service's address, or a variable that the host
 * sets.
 */
function findNameClashes({ services, env, secrets }: View): ManifestFinding[] {
  const urls = new Map(Object.keys(services).map((name) => [serviceUrlName(name), name]));
  const taken = (name: string): string | undefined => {
    if (reservedNames.some((reserved) => reserved === name)) return 'the host sets it for every service';
    if (isBinding(name)) return 'it is a binding: list it under bindings instead';
    const service = urls.get(name);
    return service === undefined ? undefined : `it is the address of the service ${service}`;
  };
  const clash = (kind: string, name: string, why: string): ManifestFinding => ({
    path: [kind, name],
    message: `the name is taken: ${why}`,
    got: name,
    allowed: 'a name of its own',
    fix: 'remove or rename it',
  });
  const check = (kind: string, names: readonly string[]): ManifestFinding[] =>
    names.flatMap((name) => {
      const why = taken(name);
      return why === undefined ? [] : [clash(kind, name, why)];
    });
  const both = Object.keys(secrets).filter((name) => Object.hasOwn(env, name));
  return [
    ...check('env', Object.keys(env)),
    ...check('secrets', Object.keys(secrets)),
    ...both.map((name) => clash('secrets', name, 'env declares it too')),
  ];
}

function findDirectoryOverlaps({ directories }: View): ManifestFinding[] {
  const all = (['shared', 'scratch'] as const).flatMap((kind) =>
    directories[kind].map((directory, index) => ({ kind, directory, index })),
  );
  return all.flatMap(({ kind, directory, index }, place) => {
    const other = all.slice(0, place).find((earlier) => overlap(earlier.directory, directory));
    if (other === undefined || directory === '') return [];
    return [
      {
        path: ['directories', kind, index],
        message: `overlaps the ${other.kind} directory ${other.directory}`,
        allowed: 'directories that do not overlap',
        fix: 'remove one of the two',
      },
    ];
  });
}

function overlap(left: string, right: string): boolean {
  return `${left}/`.startsWith(`${right}/`) || `${right}/`.startsWith(`${left}/`);
}

function findSuiteFaults(view: View): ManifestFinding[] {
  const known = serving(view);
  const seen = new Set<string>();
  return view.smoke.flatMap(({ name, service }, index): ManifestFinding[] => {
    const findings: ManifestFinding[] = [];
    const again = name !== '' && seen.has(name);
    seen.add(name);
    if (again) {
      const path = ['smoke', index, 'name'];
      findings.push({
        path,
        message: 'two suites have this name',
        allowed: 'unique names',
        fix: 'rename one',
      });
    }
    const allowed = known.join(', ') || 'no service has a port';
    if (service !== undefined && !known.includes(service)) {
      const unknownName = { word: service, known };
      const path = ['smoke', index, 'service'];
      const message = 'does not name a service with a port';
      findings.push({ path, message, allowed, fix: 'name a service that has one', unknownName });
    }
    if (service === undefined && known.length === 0) {
      const path = ['smoke', index];
      findings.push({
        path,
        message: 'there is no service to send requests to',
        allowed,
        fix: 'give a service a port',
      });
    }
    return findings;
  });
}

function isBinding(name: string): boolean {
  return bindingNames.some((binding) => binding === name);
}
