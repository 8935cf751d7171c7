import { z } from 'zod';
import { suiteSchema } from '../smoke/suite.ts';

/** Names that infrastructure provides, the same in every environment (besides one `<SERVICE>_URL` per service). */
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

const healthSchema = z.strictObject({
  path: z.string().startsWith('/'),
  expect: z.int().min(100).max(599).default(200),
  timeoutSeconds: z.int().positive().default(2),
  /** How long a start may take until the first healthy answer. */
  graceSeconds: z.int().positive().default(60),
});

const serviceSchema = z.strictObject({
  command: commandSchema,
  /** Run inside the built tree before the release is stored, e.g. an import of the entry module. */
  check: commandSchema.optional(),
  port: z.int().min(1024).max(65535).optional(),
  health: healthSchema.optional(),
  workers: z.int().positive().default(1),
  replicas: z.enum(['many', 'exactly-one']).default('many'),
  stopSignal: z.enum(['SIGTERM', 'SIGINT', 'SIGQUIT', 'SIGHUP', 'SIGUSR1', 'SIGUSR2']).default('SIGTERM'),
  stopTimeoutSeconds: z.int().positive().default(10),
});
export type Service = z.infer<typeof serviceSchema>;

const envDeclarationSchema = z.strictObject({
  required: z.boolean().default(true),
  pattern: patternSchema.optional(),
  perEnvironment: z.boolean().default(false),
  /** A value that works: shown in messages, and used by a rehearsal on one machine. */
  example: z.string().optional(),
});

const secretDeclarationSchema = z.strictObject({
  pattern: patternSchema.optional(),
  perEnvironment: z.boolean().default(true),
});

/** `lockstep.yaml`, in the root of the app's own repository. Defaults are filled in: this is the normalised form. */
export const appManifestSchema = z.strictObject({
  name: nameSchema,
  platform: z
    .strictObject({
      /** Runtime -> wanted version prefix (`node: "24"`); the exact one found goes into the release. */
      runtimes: z.record(z.string().regex(/^[a-z0-9.+-]+$/), z.string().min(1)).default({}),
      /** The oldest C library that the release must load on, e.g. `glibc 2.34`. Default: the builder's own. */
      libc: z
        .string()
        .regex(/^(glibc|musl) \d+\.\d+(\.\d+)?$/, 'e.g. glibc 2.34')
        .optional(),
    })
    .prefault({}),
  build: z
    .strictObject({
      steps: z.array(commandSchema).default([]),
    })
    .prefault({}),
  services: z
    .record(nameSchema, serviceSchema)
    .refine((services) => Object.keys(services).length > 0, 'at least one service'),
  /** The service that the balancer serves. */
  public: nameSchema.optional(),
  env: z.record(environmentVariableSchema, envDeclarationSchema).default({}),
  secrets: z.record(environmentVariableSchema, secretDeclarationSchema).default({}),
  /** What the app needs from infrastructure; a host that lacks one refuses the release. */
  bindings: z.array(z.enum(bindingNames)).default([]),
  directories: z
    .strictObject({
      /** Kept on the shared file system: every host sees the same. */
      shared: z.array(directorySchema).default([]),
      /** Kept on one host only, across releases. */
      scratch: z.array(directorySchema).default([]),
    })
    .prefault({}),
  limits: z
    .strictObject({
      bodyMiB: z.int().positive().default(10),
      requestSeconds: z.int().positive().default(60),
    })
    .prefault({}),
  /** A label of the data's shape: when it differs between two releases, a migration lies between them. */
  migration: z.string().optional(),
  smoke: z.array(suiteSchema).default([]),
});
export type AppManifest = z.infer<typeof appManifestSchema>;
