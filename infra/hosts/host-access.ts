import * as pulumi from '@pulumi/pulumi';
import type { EnvironmentKey } from '../aws/environment-key.ts';
import type { Parameters } from '../aws/parameters.ts';
import type { Files } from '../files/files.ts';
import { hubNames } from '../stack/naming.ts';
import type { Stack } from '../stack/stack.ts';
import { type HostAccess, planHostPolicies, policyNames } from './host-policy.ts';
import { trustedKeys } from './host-start.ts';

/** What hosts use, and so may touch. */
export type UsedByHosts = {
  stack: Stack;
  key: Pick<EnvironmentKey, 'arn'>;
  parameters: Pick<Parameters, 'parameterArns' | 'secretArns'>;
  files: Pick<Files, 'fileSystemArn' | 'accessPointArn'> | null;
  logs: { hosts: { arn: pulumi.Input<string> } };
};

/** The inline policies of a group's hosts, by name, over outputs of other components. */
export function hostPoliciesOf(used: UsedByHosts, groupName: string): Record<string, pulumi.Output<string>> {
  const { app, environment, hub, identity } = used.stack;
  const { account, region } = identity;
  const documents = pulumi
    .output(accessOf(used))
    .apply((access) => planHostPolicies({ app, environment, hub, account, region, groupName, access }));
  return Object.fromEntries(policyNames.map((policy) => [policy, documents.apply((all) => all[policy])]));
}

function accessOf({ stack, key, parameters, files, logs }: UsedByHosts): Given<HostAccess> {
  return {
    storeBucketArn: `arn:aws:s3:::${hubNames.storeBucket(stack.hub)}`,
    keyArns: [key.arn],
    verifyKeyAliases: Object.values(trustedKeys(stack)).filter((alias) => alias !== null),
    parameterArns: [...parameters.parameterArns],
    secretArns: Object.values(parameters.secretArns),
    logGroupArns: [logs.hosts.arn],
    fileSystem: files === null ? null : { arn: files.fileSystemArn, accessPointArn: files.accessPointArn },
  };
}

/** Every text in it may be an output of another component. */
type Given<T> = T extends string
  ? pulumi.Input<string>
  : T extends object
    ? { readonly [Key in keyof T]: Given<T[Key]> }
    : T;
