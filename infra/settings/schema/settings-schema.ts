import { z } from 'zod';
import { appSchema, envSchema, nameSchema } from './app-schema.ts';
import { balancerSchema } from './balancer-schema.ts';
import { filesSchema } from './files-schema.ts';
import { fleetSchema } from './fleet-schema.ts';
import { hubSchema } from './hub-schema.ts';
import { identitySchema } from './identity-schema.ts';
import { llmSchema } from './llm-schema.ts';
import { networkSchema } from './network-schema.ts';
import { budgetSchema, observabilitySchema } from './observability-schema.ts';
import { pipelineSchema, rolloutSchema } from './pipeline-schema.ts';
import { redisSchema } from './redis-schema.ts';

/**
 * `config: lockstep:base: value:` of Pulumi.yaml: what all environments share. A file for each section.
 * Defaults are for production; an environment that needs less lists what it takes away. Bounds are AWS's own,
 * from the API references of the services named beside them.
 *
 * Each key carries its description, for whoever chooses a value: docs/settings.md is made of them. `unset`
 * says what a key without value means.
 */
export const baseSchema = z.strictObject({
  app: appSchema,
  network: networkSchema.prefault({}),
  balancer: balancerSchema.prefault({}),
  fleet: fleetSchema.prefault({}),
  redis: redisSchema.prefault({}),
  files: filesSchema.prefault({}),
  llm: llmSchema.prefault({ mode: 'none' }),
  observability: observabilitySchema.prefault({}),
  budget: budgetSchema.prefault({}),
  pipeline: pipelineSchema.prefault({}),
  rollout: rolloutSchema.prefault({}),
  hub: hubSchema.nullable().default(null).meta({ unset: 'none; needed for everything in the cloud' }),
});
export type Base = z.output<typeof baseSchema>;

export const differenceSchema = z.strictObject({
  path: z
    .string()
    .describe('The key of the base that differs, such as `fleet.hosts`. The app and the hub never differ.'),
  value: z.json().describe('Its value here. Must differ from the base.'),
  reason: z
    .string()
    .regex(/\S/, 'why the environment differs, for whoever reads it in a year')
    .describe('Shown by `lockstep plan` and `lockstep parity`. Say what it saves and what it risks.'),
  until: z.iso.date('a date such as 2027-03-31').nullable().default(null).meta({
    description:
      'The last day (UTC) on which the difference may stand. From the next day on, deploys and plans are refused until it is renewed or removed.',
    unset: 'for ever',
  }),
});

const localSchema = z
  .strictObject({
    hosts: z.int().min(1).max(20).nullable().default(null).meta({
      description: 'Hosts of the twin: directories with processes of their own.',
      unset: '`fleet.hosts`',
    }),
    env: envSchema.default({}).describe('Values that replace those of `env` in the twin.'),
    llm: z
      .strictObject({
        baseUrl: z
          .url({ protocol: /^https?$/, error: 'a URL that starts with http:// or https://' })
          .describe('Where an OpenAI-compatible API answers.'),
        model: z.string().min(1).describe('Name of the model at that API.'),
      })
      .nullable()
      .default(null)
      .meta({ description: 'The model that the twin uses.', unset: 'the twin has no model' }),
  })
  .describe(
    'What the twin on your machine uses instead: it must never talk to what the real environment talks to.',
  );

/** The `lockstep:` keys of Pulumi.<environment>.yaml: what makes the environment itself, and nothing else. */
export const environmentSchema = z.strictObject({
  identity: identitySchema,
  upstream: nameSchema.nullable().default(null).meta({
    description: 'The environment that must have verified a release before it may come here.',
    unset: 'the first environment of a chain: it takes any built release',
  }),
  soakMinutes: z
    .int()
    .min(0)
    .max(43_200)
    .default(0)
    .describe('Minutes that a release must have been verified in the upstream before it may come here.'),
  env: envSchema.default({}).describe('Values of what the manifest declares `perEnvironment`, always text.'),
  differences: z
    .array(differenceSchema)
    .default([])
    .describe(
      'Where this environment differs from the base: each difference with its reason, shown by `lockstep plan`.',
    ),
  local: localSchema.prefault({}),
});
export type Environment = z.output<typeof environmentSchema>;
