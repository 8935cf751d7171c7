import { z } from 'zod';

/** Retention times that CloudWatch Logs accepts (PutRetentionPolicy). */
export const logDays = z.literal([
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
]);

export const networkSchema = z
  .strictObject({
    source: z
      .enum(['create', 'existing'])
      .default('create')
      .describe(
        '`create` makes a VPC. `existing` uses the VPC and subnets that `identity.network` names and changes nothing in them.',
      ),
    zones: z
      .int()
      .min(2)
      .max(3)
      .default(3)
      .describe(
        'Availability zones that hosts, balancer and data are spread over: the loss of one costs a half or a third of the hosts. Going from two to three replaces nothing.',
      ),
    nat: z
      .enum(['none', 'single', 'per-zone'])
      .default('per-zone')
      .describe(
        'NAT gateways, billed by the hour. `single`: when its zone fails, all hosts lose the internet. `none`: hosts reach AWS through interface endpoints and the internet not at all. A change gives hosts other public addresses, which partners may have on allow lists.',
      ),
    interfaceEndpoints: z
      .boolean()
      .default(false)
      .describe(
        'Private endpoints for the AWS services that hosts call: one network interface per service and zone, billed by the hour. Always made with `nat: none`.',
      ),
    flowLogDays: logDays
      .default(30)
      .describe('Days that VPC flow logs (who connected to whom) are kept. Longer costs storage.'),
  })
  .describe('The VPC, its subnets, and the way to the internet.');
