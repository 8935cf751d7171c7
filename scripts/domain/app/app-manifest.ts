import { z } from 'zod';
import { suiteSchema } from '../smoke/suite.ts';

/**
 * Names that infrastructure provides, the same in every environment (besides one `<SERVICE>_URL` per
 * service).
 */
export const bindingNames = [
  'REDIS_URL',
  'REDIS_HOST',
  'REDIS_PORT',
  'SHARED_DIR',
  'LLM_BASE_URL',
  'LLM_MODEL',
  'PUBLIC_URL',
] as const;

/** As in the settings, which this may not import. */
export const nameSchema = z
  .string()
  .regex(
    /^(?=.{1,31}$)[a-z][a-z0-9]*(-[a-z0-9]+)*$/,
    'lower-case letters and digits, and single - between them, at most 31 characters',
  );
const environmentVariableSchema = z.string().regex(/^[A-Z][A-Z0-9_]*$/, 'upper-case letters, digits and _');
const commandSchema = z.array(z.string().min(1)).min(1, 'a list: program, then arguments; no shell');
const patternSchema = z.string().refine(isPattern, 'a regular expression');
/** Relative to the release's root; never leaves it. */
const directorySchema = z
  .string()
  .regex(/^(?!\.)[A-Za-z0-9._-]+(\/(?!\.)[A-Za-z0-9._-]+)*$/, 'a relative path inside the release');

function isPattern(text: string): boolean {
  try {
    new RegExp(text);
    return true;
  } catch {
    return false;
  }
}

const healthSchema = z
  .strictObject({
    path: z
      .string()
      .startsWith('/')
      .describe('Path of the health check, requested on each host and by the balancer.'),
    expect: z.int().min(100).max(599).default(200).describe('HTTP status that means healthy.'),
    timeoutSeconds: z
      .int()
      .positive()
      .default(2)
      .describe(
        'Seconds until one health check times out. If it is too short, a busy service counts as unhealthy.',
      ),
    graceSeconds: z
      .int()
      .positive()
      .default(60)
      .describe(
        'Seconds that a process may take from its start to its first healthy answer. If it takes longer, the deploy fails and the environment goes back.',
      ),
  })
  .meta({ description: 'The health check of the service.', unset: 'only without a port' });

const serviceSchema = z.strictObject({
  command: commandSchema.describe(
    'Program and arguments, no shell. `${HOST}`, `${PORT}`, `${WORKERS}`, `${RELEASE_DIR}` and `${SHARED_DIR}` are expanded on the host; the working directory is the release.',
  ),
  check: commandSchema.optional().meta({
    description:
      'Command that runs in the built tree before the release is stored, such as an import of the entry module: a missing dependency fails the build, not the deploy.',
    unset: 'nothing is checked',
  }),
  port: z.int().min(1024).max(65535).optional().meta({
    description: 'TCP port that the service listens on. Needs `health`.',
    unset: 'the service accepts no connections, such as a queue worker',
  }),
  health: healthSchema.optional(),
  workers: z
    .int()
    .positive()
    .default(1)
    .describe(
      'Number of processes that answer requests on one host, passed to the command as `${WORKERS}`. Crossing suites repeat until they have most likely met several of them: a number that is too small proves less.',
    ),
  replicas: z
    .enum(['many', 'exactly-one'])
    .default('many')
    .describe(
      '`many`: on every host. `exactly-one`: never two at once, such as a bot; valid here, but refused at deploy for now.',
    ),
  stopSignal: z
    .enum(['SIGTERM', 'SIGINT', 'SIGQUIT', 'SIGHUP', 'SIGUSR1', 'SIGUSR2'])
    .default('SIGTERM')
    .describe(
      'Signal that asks the service to stop. Choose the one on which it finishes requests in flight.',
    ),
  stopTimeoutSeconds: z
    .int()
    .positive()
    .default(10)
    .describe(
      "Seconds from the stop signal until remaining processes are killed. Set it above the server's own time-out for a graceful stop, or requests are cut off.",
    ),
});
export type Service = z.infer<typeof serviceSchema>;

const envDeclarationSchema = z.strictObject({
  required: z.boolean().default(true).describe('Whether a deploy without a value is refused.'),
  pattern: patternSchema
    .optional()
    .meta({ description: 'Regular expression that the value must match.', unset: 'any text' }),
  perEnvironment: z
    .boolean()
    .default(false)
    .describe(
      '`false`: one value for all environments, in `Pulumi.yaml` under `app.env`. `true`: each environment has its own, in `Pulumi.<environment>.yaml` under `lockstep:env`.',
    ),
  example: z.string().optional().meta({
    description: 'A working value, shown in messages and used by a rehearsal on one machine.',
    unset: 'a rehearsal has no value',
  }),
});

const secretDeclarationSchema = z.strictObject({
  pattern: patternSchema
    .optional()
    .meta({ description: 'Regular expression that the value must match.', unset: 'any text' }),
  perEnvironment: z
    .boolean()
    .default(true)
    .describe(
      '`true`: each environment has its own value, and `lockstep parity` reports equal ones. `false`: all environments share one value.',
    ),
});

/**
 * `lockstep.yaml`, in the root of the app's own repository. Defaults are filled in: this is the normalised
 * form.
 */
export const appManifestSchema = z.strictObject({
  name: nameSchema.describe('Name of the app, equal to `app.name` in the settings.'),
  platform: z
    .strictObject({
      runtimes: z
        .record(z.string().regex(/^[a-z0-9.+-]+$/, 'lower-case letters, digits and . + -'), z.string().min(1))
        .default({})
        .describe(
          'Runtimes that the build machine and every host must have, each with the beginning of its version (`node: "24"`). The exact version found at build time is recorded in the release; a host with another version refuses the release.',
        ),
      libc: z
        .string()
        .regex(/^(glibc|musl) \d+\.\d+(\.\d+)?$/, 'glibc or musl and its version, such as glibc 2.34')
        .optional()
        .meta({
          description: 'The oldest C library that the release must load on, such as `glibc 2.34`.',
          unset: 'that of the build machine',
        }),
    })
    .prefault({})
    .describe('What the release requires of a host.'),
  build: z
    .strictObject({
      steps: z
        .array(commandSchema)
        .default([])
        .describe(
          'Commands that run in order in a clean checkout of the tag; each is a list, without a shell. The same tag must give the same bytes on every machine.',
        ),
    })
    .prefault({})
    .describe('How a release is built.'),
  services: z
    .record(nameSchema, serviceSchema)
    .refine((services) => Object.keys(services).length > 0, 'at least one service')
    .describe('Services by name. Other services reach one that has a port under `<NAME>_URL`.'),
  public: nameSchema
    .optional()
    .meta({ description: 'The service that the balancer serves.', unset: 'the only service with a port' }),
  env: z
    .record(environmentVariableSchema, envDeclarationSchema)
    .default({})
    .describe(
      'Environment variables that services read, by name. A value for a name that is not declared here is refused.',
    ),
  secrets: z
    .record(environmentVariableSchema, secretDeclarationSchema)
    .default({})
    .describe(
      'Secrets by name. `lockstep secret set` sets their values, which are never written in this file.',
    ),
  bindings: z
    .array(z.enum(bindingNames))
    .default([])
    .describe('What the app needs from infrastructure. A host that lacks one refuses the release.'),
  directories: z
    .strictObject({
      shared: z
        .array(directorySchema)
        .default([])
        .describe('Paths in the release that link to directories shared by all hosts, such as uploads.'),
      scratch: z
        .array(directorySchema)
        .default([])
        .describe(
          'Paths in the release that link to directories of one host, which outlive releases, such as caches.',
        ),
    })
    .prefault({})
    .describe('Where services may write. Everything else in a release is read-only.'),
  limits: z
    .strictObject({
      bodyMiB: z
        .int()
        .positive()
        .default(10)
        .describe('Largest request body in MiB. For documentation only: the app itself has to enforce it.'),
      requestSeconds: z
        .int()
        .positive()
        .default(60)
        .describe(
          'Seconds that the longest request may take, equal to `longestRequestSeconds` in the settings. Smoke suites wait this long for an answer.',
        ),
    })
    .prefault({})
    .describe('What the app requires of the balancer and any proxy before it.'),
  migration: z.string().optional().meta({
    description:
      'Label of the schema of the data. A rollback to a release with another label warns that a migration lies in between.',
    unset: 'no migrations',
  }),
  smoke: z
    .array(suiteSchema)
    .default([])
    .describe(
      'Smoke suites: sessions of a user that verify a release. They are part of the release, so every environment runs the same ones.',
    ),
});
export type AppManifest = z.infer<typeof appManifestSchema>;
