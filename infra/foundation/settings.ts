import { z } from 'zod';
import { nameSchema } from '../settings/schema/app-schema.ts';
import { hubSchema } from '../settings/schema/hub-schema.ts';

const account = z.string().regex(/^\d{12}$/, '12 digits, in quotes');

/** Where an environment lives, as far as the foundation has to know. Its own settings say the rest. */
const environmentSchema = z.strictObject({
  account,
  region: z.string().regex(/^[a-z]{2}(-[a-z]+)+-\d$/, 'an AWS region such as eu-central-1'),
  upstream: nameSchema.nullable().default(null),
  /**
   * Through which the hub sets this account up, such as OrganizationAccountAccessRole. Null: one is assumed
   * by that name.
   */
  setupRole: z
    .string()
    .regex(/^arn:aws[a-z-]*:iam::\d{12}:role\/[\w+=,.@/-]+$/, 'the ARN of a role')
    .nullable()
    .default(null),
});

/** `lockstep-foundation:settings` of infra/foundation/Pulumi.hub.yaml. */
export const foundationSchema = z
  .strictObject({
    app: nameSchema,
    hub: hubSchema,
    /** owner/name of this repository on GitHub: its workflows take the roles. */
    repository: z.string().regex(/^[\w.-]+\/[\w.-]+$/, 'owner/name'),
    /**
     * How the claim `sub` of the workflows' tokens starts. Null: `repo:<repository>`. Repositories made since
     * June 2026, and organisations that customise the claim, have owner and repository ids in it.
     */
    subPrefix: z
      .string()
      .regex(/^[\w.:@/=-]+$/, 'a prefix without wildcards, such as repo:owner/name')
      .nullable()
      .default(null),
    /** The branch whose workflows may look at environments without anybody's approval. */
    branch: z
      .string()
      .regex(/^[\w./-]+$/, 'the name of a branch')
      .default('main'),
    environments: z
      .record(nameSchema, environmentSchema)
      .refine((all) => Object.keys(all).length > 0, 'at least one environment'),
    /** Accounts that trust GitHub's tokens already: an account can hold the provider only once. */
    accountsWithOidcProvider: z.array(account).default([]),
    /** Session of the role that deploys; IAM takes 3,600 to 43,200. At least pipeline.roleSessionSeconds. */
    deploySessionSeconds: z.int().min(3_600).max(43_200).default(3_600),
  })
  .superRefine(({ environments }, context) => {
    for (const [name, { upstream, account: own, setupRole }] of Object.entries(environments)) {
      if (upstream !== null && (upstream === name || !Object.hasOwn(environments, upstream))) {
        const path = ['environments', name, 'upstream'];
        context.addIssue({ code: 'custom', path, message: 'another environment of this list' });
      }
      if (setupRole !== null && setupRole.split(':')[4] !== own) {
        const path = ['environments', name, 'setupRole'];
        context.addIssue({ code: 'custom', path, message: `a role of account ${own}` });
      }
    }
  });

export type FoundationSettings = z.output<typeof foundationSchema>;
export type FoundationEnvironment = FoundationSettings['environments'][string];

/** What every token of this repository's workflows starts with. */
export function subjectPrefix({ subPrefix, repository }: FoundationSettings): string {
  return subPrefix ?? `repo:${repository}`;
}

/** Every account that has something of Lockstep in it, the hub first, each once. */
export function accountsOf({ hub, environments }: FoundationSettings): readonly string[] {
  return [...new Set([hub.account, ...Object.values(environments).map((each) => each.account)])];
}
