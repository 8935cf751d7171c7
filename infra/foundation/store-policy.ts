import { accountPrincipal, onlyRoles, type Statement } from '../aws/policy-document.ts';
import { environmentRoleName, roleArn } from '../stack/role-names.ts';
import type { FoundationSettings } from './settings.ts';

/** Keys of the release store (the pipeline's store-keys.ts spells them) by how they may be written. */
const onceKeys = [
  'packs/*',
  'releases/*',
  'agents/*',
  'runtimes/*',
  'answers/*',
  'configs/*',
  'apps/*/tags/*',
  'apps/*/environments/*/orders/*',
  'apps/*/environments/*/receipts/*',
  'apps/*/environments/*/revocations/*',
] as const;

const swappedKeys = [
  'apps/*/environments/*/lease.json',
  'apps/*/environments/*/committed.json',
  'apps/*/environments/*/hosts/*',
] as const;

/** What every environment may read. */
const commonKeys = ['packs/*', 'releases/*', 'agents/*', 'runtimes/*', 'configs/*'] as const;

/**
 * The policy of the release store: a key of the record is written once, a key that changes is compared and
 * swapped, and nothing is deleted, whoever asks (S3 user guide, "Enforce conditional writes").
 * `ObjectCreationOperation` spares the parts of a multipart upload, which carry no header: its completion
 * does.
 */
export function storeStatements(bucketArn: string, settings: FoundationSettings): Statement[] {
  const objects = (keys: readonly string[]) => keys.map((key) => `${bucketArn}/${key}`);
  const creating: NonNullable<Statement['Condition']> = { Bool: { 's3:ObjectCreationOperation': 'true' } };
  const conditions: Statement[] = [
    {
      Sid: 'WrittenOnce',
      Effect: 'Deny',
      Principal: '*',
      Action: 's3:PutObject',
      Resource: objects(onceKeys),
      Condition: { Null: { 's3:if-none-match': 'true' }, ...creating },
    },
    {
      Sid: 'ComparedAndSwapped',
      Effect: 'Deny',
      Principal: '*',
      Action: 's3:PutObject',
      Resource: objects([...swappedKeys, 'probes/*']),
      Condition: { Null: { 's3:if-none-match': 'true', 's3:if-match': 'true' }, ...creating },
    },
    {
      Sid: 'NothingElse',
      Effect: 'Deny',
      Principal: '*',
      Action: 's3:PutObject',
      NotResource: objects([...onceKeys, ...swappedKeys, 'probes/*']),
    },
    {
      Sid: 'NothingIsDeleted',
      Effect: 'Deny',
      Principal: '*',
      Action: ['s3:DeleteObject', 's3:DeleteObjectVersion'],
      NotResource: objects(['probes/*']),
    },
  ];
  const grants = Object.keys(settings.environments).flatMap((name) => grantsOf(name, bucketArn, settings));
  return [...conditions, ...grants];
}

/**
 * The account of an environment gets no more than its environment needs; its own policies say which role gets
 * it.
 */
function grantsOf(name: string, bucketArn: string, { app, environments }: FoundationSettings): Statement[] {
  const environment = environments[name];
  if (environment === undefined) throw new TypeError(`no environment ${name}`);
  const { account } = environment;
  const own = `apps/${app}/environments/${name}`;
  const answers = `answers/${app}/${name}/*`;
  const Principal = accountPrincipal(account);
  const deploy = roleArn(account, environmentRoleName(app, name, 'deploy'));
  const sid = name.replaceAll('-', '0');
  const objects = (keys: readonly string[]) => keys.map((key) => `${bucketArn}/${key}`);
  return [
    {
      Sid: `Read${sid}`,
      Effect: 'Allow',
      Principal,
      Action: 's3:GetObject',
      // Receipts of the upstream too: a host checks the basis of its orders by itself.
      Resource: objects([...commonKeys, `apps/${app}/*`, answers]),
    },
    { Sid: `List${sid}`, Effect: 'Allow', Principal, Action: 's3:ListBucket', Resource: bucketArn },
    {
      Sid: `Hosts${sid}`,
      Effect: 'Allow',
      Principal,
      Action: 's3:PutObject',
      Resource: objects([`${own}/hosts/*`, answers]),
    },
    {
      Sid: `Deploy${sid}`,
      Effect: 'Allow',
      Principal,
      Action: ['s3:PutObject', 's3:PutObjectRetention', 's3:GetObject'],
      Resource: objects([`${own}/*`, 'configs/*', 'probes/*']),
      Condition: onlyRoles(deploy),
    },
    {
      Sid: `Probe${sid}`,
      Effect: 'Allow',
      Principal,
      Action: 's3:DeleteObject',
      Resource: objects(['probes/*']),
      Condition: onlyRoles(deploy),
    },
  ];
}
