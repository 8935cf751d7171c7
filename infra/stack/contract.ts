import { z } from 'zod';

/**
 * What a stack hands to the pipeline. Every stack has every key, whatever its settings: what it doesn't have
 * is null. A key that goes or changes its meaning raises the version, and the pipeline refuses a version that
 * it doesn't know.
 */
export const contractVersion = 1;

const contractSchema = z.strictObject({
  version: z.literal(contractVersion),
  app: z.string(),
  environment: z.string(),
  account: z.string(),
  region: z.string(),
  /** Where the release store is, and who signs. */
  hub: z.strictObject({
    account: z.string(),
    region: z.string(),
    storeBucket: z.string(),
    buildKey: z.string(),
    ordersKey: z.string(),
    receiptsKey: z.string(),
  }),
  url: z.string(),
  vpcId: z.string(),
  balancer: z.strictObject({
    arn: z.string(),
    dnsName: z.string(),
    listenerArn: z.string(),
    targetGroupArn: z.string(),
    maintenanceRuleArn: z.string(),
    /** Names of its own cookies: a session that crosses hosts must not carry them. */
    cookies: z.array(z.string()),
    /** The duration of its stickiness, for the check that it is honoured. */
    stickinessSeconds: z.number(),
  }),
  /** Auto-scaling groups by logical name: `fleet`, and one for each service that runs exactly once. */
  groups: z.record(
    z.string(),
    z.strictObject({
      name: z.string(),
      services: z.array(z.string()),
      count: z.enum(['many', 'exactly-one']),
      launchTemplateId: z.string(),
      /** The newest version declared; what hosts run is the group's own. */
      launchTemplateVersion: z.string(),
    }),
  ),
  redis: z
    .strictObject({
      host: z.string(),
      port: z.number(),
      tls: z.boolean(),
      userName: z.string().nullable(),
      replicationGroupId: z.string(),
    })
    .nullable(),
  files: z.strictObject({ fileSystemId: z.string(), accessPointId: z.string() }).nullable(),
  llm: z
    .strictObject({ baseUrl: z.string(), model: z.string(), groupName: z.string().nullable() })
    .nullable(),
  /** Where secrets and parameters stand. */
  parameters: z.string(),
  alarmTopicArn: z.string(),
});
export type Contract = z.output<typeof contractSchema>;
