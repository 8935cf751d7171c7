import { z } from 'zod';

export const awsAccount = z.string().regex(/^\d{12}$/, '12 digits, in quotes');
export const awsRegion = z.string().regex(/^[a-z]{2}(-[a-z]+)+-\d$/, 'an AWS region such as eu-central-1');

export const hubSchema = z
  .strictObject({
    account: awsAccount.describe('Number of the hub account, as in `infra/foundation/Pulumi.hub.yaml`.'),
    region: awsRegion.describe('Region of the hub. Without NAT it must be the region of the environments.'),
  })
  .describe(
    'The account of `infra/foundation`: release store, state and signing keys, the same for every environment.',
  );
