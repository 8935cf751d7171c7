import { z } from 'zod';

export const instanceType = z
  .string()
  .regex(/^[a-z][a-z0-9-]*\.[a-z0-9-]+$/, 'an EC2 instance type such as m7i.large');

export const fleetSchema = z
  .strictObject({
    hosts: z
      .int()
      .min(1)
      .max(100)
      .default(2)
      .describe(
        'Hosts that are always there (minimum size of the auto-scaling group). With one, a roll is an outage, and refused without `rollout.allowDowntime`.',
      ),
    maxHosts: z.int().min(1).max(200).nullable().default(null).meta({
      description:
        'Hosts that scaling may reach. A roll is planned for this many, each step at its longest, and must fit into `pipeline`.',
      unset: 'twice `hosts`',
    }),
    instanceType: instanceType
      .default('m7i.large')
      .describe(
        'EC2 instance type of a host. Graviton types (`m7g`) need a release built on arm64. Reaches a host when it is replaced.',
      ),
    volumeSizeGiB: z
      .int()
      .min(20)
      .max(16_384)
      .default(30)
      .describe(
        "Size of a host's root disk in GiB: system, `rollout.keepReleases` releases, logs. A full disk makes the next deploy fail.",
      ),
    requestsPerTargetPerMinute: z
      .int()
      .min(1)
      .max(1_000_000)
      .default(3_000)
      .describe('Requests per host and minute that scaling aims at. Lower: more hosts for the same load.'),
    cpuPercent: z
      .int()
      .min(10)
      .max(90)
      .default(60)
      .describe(
        'Average CPU in percent that scaling aims at. Higher is cheaper and leaves less room while new hosts boot.',
      ),
    outboundPorts: z
      .array(z.int().min(1).max(65_535))
      .refine((ports) => ports.includes(443), 'must include 443: hosts reach AWS through it')
      .default([443])
      .describe(
        'TCP ports on which hosts may reach the internet, 443 among them: they reach AWS through it. What the network itself offers (Redis, files) is open anyway.',
      ),
    bootSeconds: z
      .int()
      .min(30)
      .max(3_600)
      .default(240)
      .describe(
        'Seconds from launch to a running agent: image, packages, mounts. Too short: hosts are given up before they are ready, again and again. `lockstep plan --times` shows what it adds up to.',
      ),
    stageSeconds: z
      .int()
      .min(10)
      .max(3_600)
      .default(120)
      .describe('Seconds that an empty host needs to fetch and verify a release. Grows with its size.'),
  })
  .describe('The hosts of the app: how many, how large, when more are started.');
