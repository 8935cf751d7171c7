import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import { boundaryName, environmentRoleName } from '../stack/role-names.ts';
import { applyPolicy, boundaryPolicy } from './apply-policies.ts';
import { GithubRole, type GithubRoleArgs } from './github-role.ts';
import { deployPolicy, driftPolicy } from './role-policies.ts';
import { type FoundationEnvironment, type FoundationSettings, subjectPrefix } from './settings.ts';

export type EnvironmentAccessArgs = {
  settings: FoundationSettings;
  name: string;
  at: FoundationEnvironment;
  tags: Record<string, string>;
};

/**
 * GitHub's roles in the account of an environment. `apply` and `deploy` are taken by runs in GitHub
 * environments of their own (`<environment>-apply`, `<environment>`), whose reviewers approve; `drift` by any
 * run of the main branch, since it only reads.
 */
export class EnvironmentAccess extends pulumi.ComponentResource {
  readonly roleArns: Record<'drift' | 'apply' | 'deploy', pulumi.Output<string>>;
  readonly boundaryArn: pulumi.Output<string>;

  constructor(name: string, args: EnvironmentAccessArgs, options?: pulumi.ComponentResourceOptions) {
    super('lockstep:foundation:EnvironmentAccess', name, {}, options);
    const { settings, at, tags } = args;
    const environment = args.name;
    const child = { parent: this };
    const boundary = new aws.iam.Policy(
      `${name}-boundary`,
      {
        name: boundaryName(settings.app, environment),
        description: 'The most that the cloud program, and any role that it makes, can do',
        policy: boundaryPolicy(settings, environment, at),
        tags: { ...tags, Name: boundaryName(settings.app, environment) },
      },
      child,
    );
    const subject = subjectPrefix(settings);
    const common = (
      role: 'drift' | 'apply' | 'deploy',
    ): Pick<GithubRoleArgs, 'account' | 'roleName' | 'tags'> => ({
      account: at.account,
      roleName: environmentRoleName(settings.app, environment, role),
      tags,
    });
    const drift = new GithubRole(
      `${name}-drift`,
      {
        ...common('drift'),
        description: `Compares ${environment} with its program`,
        subject: `${subject}:ref:refs/heads/${settings.branch}`,
        policy: driftPolicy(settings, environment),
        managedPolicyArns: ['arn:aws:iam::aws:policy/ReadOnlyAccess'],
      },
      child,
    );
    const apply = new GithubRole(
      `${name}-apply`,
      {
        ...common('apply'),
        description: `Changes the infrastructure of ${environment}`,
        subject: `${subject}:environment:${environment}-apply`,
        policy: applyPolicy(settings, environment),
        permissionsBoundary: boundary.arn,
      },
      child,
    );
    const deploy = new GithubRole(
      `${name}-deploy`,
      {
        ...common('deploy'),
        description: `Deploys to ${environment}`,
        subject: `${subject}:environment:${environment}`,
        policy: deployPolicy(settings, environment, at),
        sessionSeconds: settings.deploySessionSeconds,
      },
      child,
    );
    this.roleArns = { drift: drift.arn, apply: apply.arn, deploy: deploy.arn };
    this.boundaryArn = boundary.arn;
    this.registerOutputs({ roleArns: this.roleArns, boundaryArn: this.boundaryArn });
  }
}
