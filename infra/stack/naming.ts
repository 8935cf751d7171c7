import { createHash } from 'node:crypto';

/**
 * Names that AWS sees. Logical names in Pulumi carry no environment, so that graphs can be compared; physical
 * names do, because two environments may share an account. A name is identity: changing how it is made
 * replaces what bears it.
 *
 * @param limit the most characters that the service takes; a longer name keeps its start and gets a hash for
 *   its end.
 */
export function physicalName(
  stack: { app: string; environment: string },
  part: string,
  limit: number,
): string {
  const whole = [stack.app, stack.environment, part].filter((word) => word !== '').join('-');
  if (whole.length <= limit) return whole;
  const hash = createHash('sha256').update(whole).digest('hex').slice(0, 6);
  return `${whole.slice(0, limit - hash.length - 1).replace(/-+$/, '')}-${hash}`;
}

/**
 * Where secrets and parameters of an environment stand in AWS (Parameter Store and Secrets Manager alike).
 */
export function parameterPath(stack: { app: string; environment: string }, name: string): string {
  return `/lockstep/${stack.app}/${stack.environment}/${name}`;
}

/** The key that encrypts an environment's data, its secrets included. */
export function environmentKeyAlias(stack: { app: string; environment: string }): string {
  return `alias/lockstep-${stack.app}-${stack.environment}`;
}

/** The key of the tag that says whose a resource is; costs are counted by it. */
export const environmentTag = 'lockstep:environment';

/** On everything of an environment that takes tags, whoever makes it. */
export function tagsOf(stack: { app: string; environment: string }): Record<string, string> {
  return { 'lockstep:app': stack.app, [environmentTag]: stack.environment };
}

/** The account that holds the release store, the state and the keys. */
export type Hub = { account: string; region: string };

/** Names in the hub follow from its account and region, so that nothing has to be looked up. */
export const hubNames = {
  storeBucket: ({ account, region }: Hub) => `lockstep-store-${account}-${region}`,
  stateBucket: ({ account, region }: Hub) => `lockstep-state-${account}-${region}`,
  /** Encrypts the state, and the engine's secrets in it. */
  stateKeyAlias: () => 'alias/lockstep-state',
  /** Signs releases; every environment trusts it. */
  buildKeyAlias: () => 'alias/lockstep-build',
  ordersKeyAlias: (app: string, environment: string) => `alias/lockstep-${app}-${environment}-orders`,
  receiptsKeyAlias: (app: string, environment: string) => `alias/lockstep-${app}-${environment}-receipts`,
} as const;
