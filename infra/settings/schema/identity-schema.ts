import { z } from 'zod';
import { awsAccount, awsRegion } from './hub-schema.ts';

const subnetIds = z
  .array(z.string().regex(/^subnet-[0-9a-f]{8,17}$/, 'the id of a subnet'))
  .min(2)
  .max(3);
const securityGroupId = z.string().regex(/^sg-[0-9a-f]{8,17}$/, 'the id of a security group');

/** What must differ between environments, so that no reason is asked for. */
export const identitySchema = z
  .strictObject({
    account: awsAccount.describe(
      'Number of the AWS account. The program refuses to work in any other one. A change makes everything anew.',
    ),
    region: awsRegion.describe(
      'Region of everything in this environment. `infra/pins.json` must hold it. A change makes everything anew.',
    ),
    cidr: z
      .cidrv4('an IPv4 range such as 10.20.0.0/16')
      .describe(
        'IPv4 range of the VPC. Must overlap no other environment and no network that is to be peered. A change replaces the VPC and everything in it, data included.',
      ),
    domain: z
      .string()
      .regex(/^(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,}$/, 'a lower-case host name')
      .describe('Host name that users open; the app gets it in the binding `PUBLIC_URL`.'),
    certificate: z
      .string()
      .regex(/^arn:aws[a-z-]*:acm:[a-z0-9-]+:\d{12}:certificate\/[\w-]+$/, 'the ARN of an ACM certificate')
      .nullable()
      .default(null)
      .meta({
        description:
          'Certificate for `domain` in ACM, in this account and region. With `llm.mode: host` it must also cover `llm.<domain>`.',
        unset: 'none; needed with `balancer.certificate: given`',
      }),
    alarmAddress: z.email('an e-mail address').nullable().default(null).meta({
      description: 'Where alarms are mailed.',
      unset: 'none; needed with `observability.email`',
    }),
    hostedZone: z
      .string()
      .regex(/^Z[A-Z0-9]{1,31}$/, 'the id of a Route 53 hosted zone, such as Z0123456789ABC')
      .nullable()
      .default(null)
      .meta({
        description: 'Public hosted zone in Route 53 that `domain` belongs to.',
        unset: 'none; needed with `balancer.dnsRecord` and `balancer.certificate: requested`',
      }),
    webAcl: z
      .string()
      .regex(
        /^arn:aws[a-z-]*:wafv2:[a-z0-9-]+:\d{12}:regional\/webacl\/[\w-]+\/[\w-]+$/,
        'the ARN of a regional web ACL',
      )
      .nullable()
      .default(null)
      .meta({ description: 'Web ACL of AWS WAF.', unset: 'none; needed with `balancer.webAcl`' }),
    network: z
      .strictObject({
        vpcId: z
          .string()
          .regex(/^vpc-[0-9a-f]{8,17}$/, 'the id of a VPC')
          .describe('The VPC. DNS resolution and DNS host names must be on.'),
        publicSubnetIds: subnetIds.describe('Subnets with an internet gateway, for the balancer.'),
        privateSubnetIds: subnetIds.describe('Subnets with a way out, for hosts.'),
        isolatedSubnetIds: subnetIds.describe('Subnets for Redis and file mounts.'),
      })
      .nullable()
      .default(null)
      .meta({
        description: 'An existing network. One subnet per zone in each list, zones in the same order.',
        unset: 'none; needed with `network.source: existing`',
      }),
    fileSystem: z
      .strictObject({
        id: z
          .string()
          .regex(/^fs-[0-9a-f]{8,17}$/, 'the id of an EFS file system')
          .describe('The file system. It must have a mount target in every zone of the hosts.'),
        securityGroupId: securityGroupId.describe(
          'Security group of its mount targets: a rule that lets hosts in is added.',
        ),
      })
      .nullable()
      .default(null)
      .meta({
        description: 'An existing file system in EFS.',
        unset: 'none; needed with `files.source: existing`',
      }),
    redis: z
      .strictObject({
        id: z
          .string()
          .regex(/^[a-z][a-z0-9-]{0,39}$/, 'the id of a replication group')
          .describe('The replication group, for alarms.'),
        host: z
          .string()
          .regex(/^[a-z0-9.-]+$/, 'the primary endpoint')
          .describe('Its primary endpoint.'),
        port: z.int().min(1).max(65_535).default(6379).describe('Its TCP port.'),
        tls: z.boolean().default(true).describe('Whether it speaks TLS.'),
        securityGroupId: securityGroupId.describe('Its security group: a rule that lets hosts in is added.'),
      })
      .nullable()
      .default(null)
      .meta({
        description: 'An existing replication group in ElastiCache. Its owner knows its users and passwords.',
        unset: 'none; needed with `redis.source: existing`',
      }),
  })
  .describe('Who the environment is: what must differ, so that no reason is asked for.');
export type Identity = z.output<typeof identitySchema>;
