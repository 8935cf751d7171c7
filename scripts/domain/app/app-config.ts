import { z } from 'zod';
import { digestOf } from '../canonical.ts';
import type { AppManifest } from './app-manifest.ts';

/** `configs/<digest>.json`: the env values of one environment. Never a secret. */
export const configRecordSchema = z.strictObject({
  app: z.string(),
  environment: z.string(),
  values: z.record(z.string(), z.string()),
});
export type ConfigRecord = z.infer<typeof configRecordSchema>;

/**
 * The values that must be the same in an environment and its upstream: everything not declared
 * `perEnvironment`.
 */
function sharedValues(
  manifest: AppManifest,
  values: Readonly<Record<string, string>>,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).filter(([name]) => manifest.env[name]?.perEnvironment !== true),
  );
}

/** The digest that a receipt carries. */
export function sharedConfigDigest(manifest: AppManifest, values: Readonly<Record<string, string>>): string {
  return digestOf(sharedValues(manifest, values));
}
