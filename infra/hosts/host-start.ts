import { hubNames, parameterPath } from '../stack/naming.ts';
import type { SharedSettings, Stack } from '../stack/stack.ts';
import type { Times } from '../times/derived-times.ts';
import { architectureOf } from './architecture.ts';
import { launchHookName } from './group-plan.ts';
import type { HostGroup } from './groups.ts';
import type { UserDataOptions } from './user-data-options.ts';

/** What is known only when it exists. */
export type Made = {
  bindings: Readonly<Record<string, string>>;
  redis: { host: string; port: number } | null;
  files: { fileSystem: string; accessPoint: string } | null;
  logGroup: string;
};

/** The start of a group's hosts: everything that their user data says. */
export function planHostStart({
  stack,
  settings,
  times,
  group,
  made,
}: {
  stack: Stack;
  settings: SharedSettings;
  times: Pick<Times, 'launchHookSeconds'>;
  group: HostGroup;
  made: Made;
}): UserDataOptions {
  const { app, environment, hub, identity, pins } = stack;
  const { agentSha256, node } = pins.hosts;
  const alias = (name: string) => `arn:aws:kms:${hub.region}:${hub.account}:${name}`;
  const keys = trustedKeys(stack);
  return {
    app,
    environment,
    files: made.files,
    logGroup: made.logGroup,
    agentSha256,
    upstream: identity.upstream,
    region: identity.region,
    store: { bucket: hubNames.storeBucket(hub), region: hub.region },
    node: { version: node.version, sha256: node.sha256[architectureOf(settings.fleet.instanceType)] },
    user: { uid: settings.files.uid, gid: settings.files.gid },
    redisTunnel: settings.redis.tunnel ? made.redis : null,
    hook: launchHookName,
    services: Object.fromEntries(
      group.services.map((name) => [name, settings.app.services[name]?.port ?? null]),
    ),
    bindings: made.bindings,
    secretsPath: parameterPath(stack, 'secrets'),
    keepReleases: settings.rollout.keepReleases,
    keys: {
      build: alias(keys.build),
      orders: alias(keys.orders),
      upstreamReceipts: keys.upstreamReceipts === null ? null : alias(keys.upstreamReceipts),
    },
    // The rest of the hook's heartbeat is for cloud-init before, and for answering after.
    bootTimeoutSeconds: times.launchHookSeconds - hookMarginSeconds,
  };
}

/**
 * Aliases in the hub of what hosts check signatures with: releases, orders, and receipts of the environment
 * before.
 */
export function trustedKeys({ app, environment, identity: { upstream } }: Stack) {
  return {
    build: hubNames.buildKeyAlias(),
    orders: hubNames.ordersKeyAlias(app, environment),
    upstreamReceipts: upstream === null ? null : hubNames.receiptsKeyAlias(app, upstream),
  };
}

const hookMarginSeconds = 45;
