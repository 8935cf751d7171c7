import { unknownYet } from '../../../../infra/policies/rule/declared.ts';
import { declared, document } from '../declared.ts';
import type { RuleExamples } from './rule-examples.ts';

const redis = 'aws:elasticache/replicationGroup:ReplicationGroup';
const template = 'aws:ec2/launchTemplate:LaunchTemplate';
const rolePolicy = 'aws:iam/rolePolicy:RolePolicy';
const parameter = 'aws:ssm/parameter:Parameter';
const tags = { 'lockstep:app': 'intake' };

const allow = (statement: object) =>
  declared(rolePolicy, { policy: document({ Effect: 'Allow', ...statement }) });
const userData = (text: string) => declared(template, { userData: Buffer.from(text).toString('base64') });
const key = `AKIA${'A2B3C4D5E6F7G2H3'}`;

/** Who may do what, and what must never be written down. */
export const accessExamples: RuleExamples = {
  'instance-metadata-tokens': {
    refuses: [
      ['the default', [declared(template, {})], /httpTokens is missing/],
      [
        'optional tokens',
        [declared('aws:ec2/instance:Instance', { metadataOptions: { httpTokens: 'optional' } })],
        /httpTokens optional/,
      ],
    ],
    accepts: [
      ['required tokens', [declared(template, { metadataOptions: { httpTokens: 'required' } })]],
      ['no metadata at all', [declared(template, { metadataOptions: { httpEndpoint: 'disabled' } })]],
    ],
  },
  tagged: {
    refuses: [
      ['no tags', [declared('aws:sns/topic:Topic', {})], /no tag lockstep:app/],
      [
        'tags of somebody else',
        [declared('aws:sns/topic:Topic', { tags: { Name: 'x' } })],
        /no tag lockstep:app/,
      ],
      [
        'a scaling group',
        [declared('aws:autoscaling/group:Group', { tags: [{ key: 'Name', value: 'x' }] })],
        /no tag/,
      ],
      [
        'disks of hosts',
        [declared(template, { tags, tagSpecifications: [{ resourceType: 'instance', tags }] })],
        /leave the volume/,
      ],
    ],
    accepts: [
      ['tags', [declared('aws:sns/topic:Topic', { tags })]],
      [
        'a list of tags',
        [declared('aws:autoscaling/group:Group', { tags: [{ key: 'lockstep:app', value: 'intake' }] })],
      ],
      ['what takes none', [declared('aws:kms/alias:Alias', {}), declared('lockstep:infra:Redis', {})]],
    ],
  },
  'no-secret-inputs': {
    refuses: [
      [
        'a password',
        [declared('aws:rds/instance:Instance', { password: 'hunter2' })],
        /^password holds a secret by its name/,
      ],
      [
        'a list of them',
        [declared('aws:elasticache/user:User', { authenticationMode: { passwords: ['hunter2'] } })],
        /authenticationMode\.passwords\[0\]/,
      ],
      ['its write-only twin', [declared(redis, { authTokenWo: 'hunter2' })], /authTokenWo/],
      [
        'a secret by its mark',
        [declared(parameter, { type: 'String', value: 'x' }, { secretInputs: ['value'] })],
        /value is marked as secret/,
      ],
      ['a SecureString', [declared(parameter, { type: 'SecureString', value: unknownYet })], /SecureString/],
      [
        'a key in a plain text',
        [declared(parameter, { insecureValue: `id ${key}` })],
        /looks like an AWS access key/,
      ],
      [
        'a key in user data',
        [userData(`#!/bin/sh\nexport AWS_ACCESS_KEY_ID=${key}\nexec start-the-app\n`)],
        /userData.*AWS access key/,
      ],
      [
        'a URL with a password',
        [declared(parameter, { insecureValue: 'redis://app:hunter2@redis.internal:6379' })],
        /URL with a password/,
      ],
      [
        'a private key',
        [
          declared('aws:iam/serverCertificate:ServerCertificate', {
            body: '-----BEGIN EC PRIVATE KEY-----\nMIG…',
          }),
        ],
        /a private key/,
      ],
      [
        "a bot's token",
        [declared(parameter, { insecureValue: `123456789:${'Ab3_'.repeat(8)}xyz` })],
        /Telegram/,
      ],
    ],
    accepts: [
      ['metadata options', [declared(template, { metadataOptions: { httpTokens: 'required' } })]],
      [
        'names and ARNs of secrets',
        [declared('aws:x/y:Z', { secretArn: 'arn', passwordSecretId: 'x', tokenName: 'x' })],
      ],
      [
        'a URL that is composed on the host',
        [userData('REDIS_URL="rediss://app:$PASSWORD@«redis.host»:6379" exec start-the-app\n')],
      ],
      ['a switch', [declared('aws:rds/cluster:Cluster', { manageMasterUserPassword: true })]],
    ],
  },
  'no-administrators': {
    refuses: [
      ['everything', [allow({ Sid: 'All', Action: '*', Resource: '*' })], /statement All allows Action "\*"/],
      [
        'everything among others',
        [allow({ Action: ['s3:GetObject', '*'], Resource: ['arn:x', '*'] })],
        /allows Action/,
      ],
      ['all but some', [allow({ NotAction: ['iam:*'], Resource: '*' })], /all but some/],
      [
        "AWS's own",
        [
          declared('aws:iam/rolePolicyAttachment:RolePolicyAttachment', {
            policyArn: 'arn:aws:iam::aws:policy/AdministratorAccess',
          }),
        ],
        /AdministratorAccess/,
      ],
      [
        'an inline policy',
        [
          declared('aws:iam/role:Role', {
            inlinePolicies: [{ policy: document({ Effect: 'Allow', Action: '*', Resource: '*' }) }],
          }),
        ],
        /a statement allows/,
      ],
      [
        'a document as a value',
        [declared(rolePolicy, { policy: { Statement: { Effect: 'Allow', Action: '*', Resource: '*' } } })],
        /allows Action/,
      ],
    ],
    accepts: [
      ['some actions on everything', [allow({ Action: ['ec2:DescribeTags'], Resource: '*' })]],
      ['everything on one', [allow({ Action: '*', Resource: 'arn:aws:s3:::b' })]],
      [
        'everything denied',
        [declared(rolePolicy, { policy: document({ Effect: 'Deny', Action: '*', Resource: '*' }) })],
      ],
      ['a policy that is still to be made', [declared(rolePolicy, { policy: unknownYet })]],
    ],
  },
  'no-open-policies': {
    refuses: [
      [
        'everybody',
        [allow({ Sid: 'Read', Principal: '*', Action: 's3:GetObject' })],
        /statement Read lets everybody in/,
      ],
      [
        'everybody by another spelling',
        [
          declared('aws:iam/role:Role', {
            assumeRolePolicy: document({
              Effect: 'Allow',
              Principal: { AWS: ['*'] },
              Action: 'sts:AssumeRole',
            }),
          }),
        ],
        /everybody/,
      ],
    ],
    accepts: [
      ['an account', [allow({ Principal: { AWS: 'arn:aws:iam::111122223333:root' }, Action: 'x:y' })]],
      [
        'everybody under a condition',
        [
          allow({
            Principal: '*',
            Action: 'x:y',
            Condition: { StringEquals: { 'aws:PrincipalOrgID': 'o' } },
          }),
        ],
      ],
    ],
  },
};
