import { physicalName } from './naming.ts';

/**
 * IAM takes 64 characters for a role. Names follow from app and environment, so that policies can name them
 * before they exist.
 */
const limit = 64;

export const hubRoles = ['preview', 'build'] as const;
export const environmentRoles = ['drift', 'apply', 'deploy'] as const;
export type HubRole = (typeof hubRoles)[number];
export type EnvironmentRole = (typeof environmentRoles)[number];

export function hubRoleName(app: string, role: HubRole): string {
  return physicalName({ app, environment: 'lockstep' }, role, limit);
}

export function environmentRoleName(app: string, environment: string, role: EnvironmentRole): string {
  return physicalName({ app, environment }, role, limit);
}

export function roleArn(account: string, name: string): string {
  return `arn:aws:iam::${account}:role/${name}`;
}

/** The boundary of `apply` and of every role that it makes. */
export function boundaryName(app: string, environment: string): string {
  return physicalName({ app, environment }, 'boundary', 128);
}

export function boundaryArn(account: string, app: string, environment: string): string {
  return `arn:aws:iam::${account}:policy/${boundaryName(app, environment)}`;
}
