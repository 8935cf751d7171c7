import { z } from 'zod';

/** A secret by reference: the value never leaves the secret store and the host's 0600 file. */
export const secretReferenceSchema = z.strictObject({ name: z.string(), version: z.int().positive() });
export type SecretReference = z.infer<typeof secretReferenceSchema>;
