import type {
  Policy,
  PolicyResource,
  ResourceValidationArgs,
  ResourceValidationPolicy,
  StackValidationPolicy,
} from '@pulumi/policy';
import { type Declared, type Props, unknownYet } from './declared.ts';
import type { Rule } from './rule.ts';

/**
 * A rule as the engine asks it. What a policy is told (`@pulumi/policy` 1.21, `policy.d.ts`, and its
 * `server.js`):
 * - by resource: inputs, and of the options `protect`, `ignoreChanges`, aliases and time-outs; not
 *   `retainOnDelete`, and no references to other resources. In a preview, values that come from resources
 *   that don't exist yet are unknown.
 * - by stack: outputs, the same options, and which resources an input's value comes from
 *   (`propertyDependencies`).
 * - secrets in the clear: which inputs the program marked can't be seen.
 * - children of remote components (awsx) as resources of their own, which a recording lacks.
 */
export function policyOf(rule: Rule): ResourceValidationPolicy | StackValidationPolicy {
  const { name, description, level } = rule;
  const common: Omit<Policy, 'configSchema'> = { name, description, enforcementLevel: level };
  if ('judge' in rule) {
    return {
      ...common,
      validateResource: (args, report) => {
        for (const message of rule.judge(declaredOf(args))) report(message);
      },
    };
  }
  return {
    ...common,
    validateStack: ({ resources }, report) => {
      for (const { id, message } of rule.judgeStack(resources.map(declaredInStack))) report(message, id);
    },
  };
}

function declaredOf({ urn, type, name, props, opts }: ResourceValidationArgs | PolicyResource): Declared {
  return {
    id: urn,
    type,
    name,
    protect: opts.protect,
    props: plain(props) as Props,
    references: {},
    secretInputs: [],
  };
}

function declaredInStack(resource: PolicyResource): Declared {
  const references = Object.entries(resource.propertyDependencies).map(
    ([input, targets]) => [input, targets.map(({ urn }) => urn)] as const,
  );
  return { ...declaredOf(resource), references: Object.fromEntries(references) };
}

/**
 * Props throw when an unknown value is read, so that a policy can't decide by it. Rules have to see the rest
 * all the same: each unknown becomes {@link unknownYet}.
 */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return Array.from(value.keys(), (index) => plain(read(value, index)));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.keys(value).map((key) => [key, plain(read(value, key))]));
}

function read(holder: object, key: string | number): unknown {
  try {
    return Reflect.get(holder, key);
  } catch (error) {
    // The class is not exported, and its name is the class's of Error.
    if (error instanceof Error && /can't be known during preview$/.test(error.message)) return unknownYet;
    throw error;
  }
}
