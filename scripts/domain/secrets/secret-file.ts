import { z } from 'zod';
import type { SecretReference } from './secret-reference.ts';

/**
 * The local target's secrets of one environment: a file of mode 0600, NAME -> version -> value. Versions only
 * grow; a retired one has been removed.
 */
export const secretFileSchema = z.record(z.string(), z.record(z.string().regex(/^[1-9][0-9]*$/), z.string()));
export type SecretFile = z.infer<typeof secretFileSchema>;

/** Each name with its newest version, sorted by name. */
export function newestSecrets(file: SecretFile): SecretReference[] {
  return Object.entries(file)
    .map(([name, versions]) => ({ name, version: Math.max(...Object.keys(versions).map(Number)) }))
    .sort((left, right) => (left.name < right.name ? -1 : 1));
}

/** The value, or undefined where the name or the version is unknown or retired. */
export function secretValue(file: SecretFile, reference: SecretReference): string | undefined {
  return file[reference.name]?.[String(reference.version)];
}
