import { z } from 'zod';

/**
 * `infra/pins.json`: what the outside world calls "latest", written down. The program looks nothing up;
 * `lockstep pins update` refreshes the file and shows what changed. The same for every environment: there is
 * no override.
 */
export const pinsSchema = z.strictObject({
  /** True until the first update: ids that look right and exist nowhere, so that a plan can be drawn. */
  example: z.boolean().default(false),
  regions: z.record(
    z.string(),
    z.strictObject({
      /** Availability zones in the order in which they are used. */
      zones: z.array(z.string()).min(2),
      /** AMI ids: Amazon Linux 2023 for hosts, the deep-learning base image for GPU hosts. */
      images: z.strictObject({
        'host-x86_64': amiId(),
        'host-arm64': amiId(),
        'gpu-x86_64': amiId(),
      }),
    }),
  ),
  /** What every host starts with, fetched from the release store and checked against these. */
  hosts: z.strictObject({
    agentSha256: sha256(),
    /** nodejs.org's own archives for Linux. */
    node: z.strictObject({
      version: z.string().regex(/^\d+\.\d+\.\d+$/),
      sha256: z.strictObject({ x86_64: sha256(), arm64: sha256() }),
    }),
  }),
  containers: z.record(
    z.string(),
    z.strictObject({ tag: z.string().min(1), digest: z.string().regex(/^sha256:[0-9a-f]{64}$/) }),
  ),
  /** Commits on Hugging Face. */
  models: z.record(z.string(), z.strictObject({ revision: z.string().regex(/^[0-9a-f]{40}$/) })),
});
export type Pins = z.output<typeof pinsSchema>;
export type RegionPins = Pins['regions'][string];

function sha256() {
  return z.string().regex(/^[0-9a-f]{64}$/, 'a SHA-256, 64 lower-case hex digits');
}

function amiId() {
  return z.string().regex(/^ami-[0-9a-f]{8,17}$/, 'the id of an image');
}
