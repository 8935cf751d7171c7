import { z } from 'zod';
import { appManifestSchema } from '../app/app-manifest.ts';
import { digestOf } from '../canonical.ts';

const digestPattern = /^[0-9a-f]{64}$/;

export const sha256Schema = z.string().regex(digestPattern, 'expected 64 hexadecimal digits');

/** A SHA-256 as text. */
export function isDigest(value: unknown): value is string {
  return typeof value === 'string' && digestPattern.test(value);
}

/**
 * A path inside a release: relative, `/` between segments, no empty, `.` or `..` segment, no control
 * characters. Checked again by every reader: a manifest is input.
 */
const releasePathSchema = z.string().refine(isReleasePath, 'not a relative path inside the release');

export function isReleasePath(path: string): boolean {
  if (path === '' || path.startsWith('/') || path.includes('\\')) return false;
  for (let index = 0; index < path.length; index++) {
    const code = path.charCodeAt(index);
    if (code < 0x20 || code === 0x7f) return false;
  }
  return !/(?:^|\/)\.{0,2}(?:\/|$)/.test(path);
}

/** Modes are normalised to two: what git keeps, made read-only. */
export const fileEntrySchema = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('file'),
    path: releasePathSchema,
    mode: z.enum(['0444', '0555']),
    size: z.int().nonnegative(),
    sha256: sha256Schema,
  }),
  z.strictObject({ type: z.literal('directory'), path: releasePathSchema }),
  z.strictObject({ type: z.literal('link'), path: releasePathSchema, target: z.string().min(1) }),
]);
export type FileEntry = z.infer<typeof fileEntrySchema>;

/**
 * What the files were built for and must find on a host. `libc` as `glibc 2.36` or `musl 1.2.4`; runtimes
 * exact.
 */
const platformSchema = z.strictObject({
  os: z.string(),
  architecture: z.string(),
  libc: z.string(),
  runtimes: z.record(z.string(), z.string()),
});
export type Platform = z.infer<typeof platformSchema>;

/**
 * Everything that makes a release what it is. No tag, time, machine or environment: those would change the
 * digest.
 */
export const releaseManifestSchema = z.strictObject({
  schema: z.literal(1),
  platform: platformSchema,
  app: appManifestSchema,
  /** Sorted by path (UTF-16 code units), each path once, each parent directory present. */
  files: z.array(fileEntrySchema),
});
export type ReleaseManifest = z.infer<typeof releaseManifestSchema>;

/**
 * The digest that identifies a release. Stored manifests are canonical JSON, so it is also the SHA-256 of
 * their bytes.
 */
export function releaseDigest(manifest: ReleaseManifest): string {
  return digestOf(manifest);
}

/** The order of `files`: by path, as JavaScript compares strings. */
export function byPath(left: { path: string }, right: { path: string }): number {
  return left.path < right.path ? -1 : left.path > right.path ? 1 : 0;
}

/**
 * `packs.json` of a release: which packs hold its files. Not signed: every file is checked against the signed
 * manifest.
 */
export const packListSchema = z.strictObject({ packs: z.array(sha256Schema) });
export type PackList = z.infer<typeof packListSchema>;

/**
 * `build.json`: about the first build. Outside the digest. `commitTime` in seconds since 1970: every mtime on
 * a host.
 */
export const buildRecordSchema = z.strictObject({
  app: z.string(),
  tag: z.string(),
  commit: z.string(),
  commitTime: z.int(),
  builtBy: z.string(),
  tools: z.record(z.string(), z.string()),
});
export type BuildRecord = z.infer<typeof buildRecordSchema>;

/**
 * `signature.json`: the builder's seal on the release and on its build record, both in one signed payload.
 * `build` is the digest of build.json.
 */
export const releaseSealSchema = z.strictObject({
  release: sha256Schema,
  build: sha256Schema,
  app: z.string(),
});
export type ReleaseSeal = z.infer<typeof releaseSealSchema>;

/** `apps/<app>/tags/<tag>.json`, written once. */
export const tagRecordSchema = z.strictObject({
  app: z.string(),
  tag: z.string(),
  release: sha256Schema,
  commit: z.string(),
  commitTime: z.int(),
});
export type TagRecord = z.infer<typeof tagRecordSchema>;

/** Where declared shared and scratch directories lead: a release lies at <root>/releases/<name>. */
export function writableLinkTarget(kind: 'shared' | 'scratch', path: string): string {
  const up = '../'.repeat(path.split('/').length + 1);
  return `${up}${kind}/${path}`;
}
