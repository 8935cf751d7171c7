import { blocksAt, type Declared, isProps, type Props } from '../rule/declared.ts';
import { statementsOf } from '../rule/policy-documents.ts';
import type { ResourceRule } from '../rule/rule.ts';

/** Inputs in which documents stand, over all services. */
const documents = [
  'policy',
  'assumeRolePolicy',
  'accessPolicies',
  'accessPolicy',
  'resourcePolicy',
  'inlinePolicy',
];

/** AWS's own policy that allows everything. */
const administrator = /:iam::aws:policy\/AdministratorAccess$/;

export const noAdministrators: ResourceRule = {
  name: 'no-administrators',
  description:
    'No policy allows every action on every resource: one stolen credential would be the whole account.',
  level: 'mandatory',
  judge(resource) {
    const attached = [resource.props.policyArn, resource.props.managedPolicyArns];
    const managed = attached.flat().filter((arn) => administrator.test(String(arn)));
    const wide = allowedBy(resource).filter(
      ({ Action, Resource }) => has(Action, ['*', '*:*']) && has(Resource, ['*']),
    );
    return [
      ...managed.map((arn) => `${arn} allows everything. Fix: a policy that names what is needed`),
      ...wide.map(
        ({ Sid }) =>
          `${named(Sid)} allows Action "*" on Resource "*". Fix: name the actions, or the resources`,
      ),
      ...allowedBy(resource)
        .filter(({ NotAction, Resource }) => NotAction !== undefined && has(Resource, ['*']))
        .map(
          ({ Sid }) =>
            `${named(Sid)} allows all but some actions on "*". Fix: name the actions that are needed`,
        ),
    ];
  },
};

export const noOpenPolicies: ResourceRule = {
  name: 'no-open-policies',
  description:
    'No policy lets everybody in (Principal "*") without a condition: that is the world, other accounts included.',
  level: 'mandatory',
  judge: (resource) =>
    allowedBy(resource)
      .filter(({ Principal, Condition }) => isEverybody(Principal) && !narrows(Condition))
      .map(({ Sid }) => `${named(Sid)} lets everybody in. Fix: name the principals, or add a condition`),
};

function allowedBy({ props }: Declared): readonly Props[] {
  const inline = blocksAt(props, 'inlinePolicies').map(({ policy }) => policy);
  return [...documents.map((key) => props[key]), ...inline]
    .flatMap((document) => statementsOf(document) ?? [])
    .filter(({ Effect }) => Effect === 'Allow');
}

function has(given: unknown, wanted: readonly string[]): boolean {
  return [given].flat().some((each) => wanted.includes(String(each)));
}

function isEverybody(principal: unknown): boolean {
  if (!isProps(principal)) return has(principal, ['*']);
  return Object.values(principal).some((each) => has(each, ['*']));
}

function narrows(condition: unknown): boolean {
  return isProps(condition) && Object.keys(condition).length > 0;
}

const named = (sid: unknown) => (typeof sid === 'string' ? `statement ${sid}` : 'a statement');
