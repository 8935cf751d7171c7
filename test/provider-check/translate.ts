import { failed } from '../../scripts/domain/errors.ts';
import {
  type Graph,
  type GraphResource,
  labelOf,
  type Value,
  type Values,
} from '../../scripts/domain/plan/graph.ts';
import { Dictionary } from './dictionary.ts';
import type { Exceptions } from './exceptions.ts';
import type { BlockSchema, ProviderSchema } from './provider-schema.ts';
import { type Named, references } from './references.ts';
import { identifier, memberCandidates } from './terraform-names.ts';
import { translateBlock } from './terraform-value.ts';

/**
 * A resource as Terraform's JSON has it; `body` without what Terraform itself wants to know (provider,
 * lifecycle).
 */
export type TerraformResource = {
  label: string;
  type: string;
  name: string;
  body: Record<string, unknown>;
  /** Alias of the provider; null for the default one. */
  provider: string | null;
  /** Inputs; `*` for all of them. */
  ignoreChanges: readonly string[];
  dependsOn: readonly string[];
};

export type TerraformProvider = { alias: string; body: Record<string, unknown> };

export type Translation = {
  providers: readonly TerraformProvider[];
  resources: readonly TerraformResource[];
  /** The exceptions that were needed, as `types …`, `names …`, `values …`, `options …`. */
  used: ReadonlySet<string>;
};

/**
 * A recorded graph in the words of Terraform's AWS provider, by the provider's own schema. References stay
 * references, so that the provider sees what is known and what isn't as it does under Pulumi. Remote
 * components have to be gone (`standInForVpcs`); components say nothing to a provider.
 *
 * What it can't say: options that only the engine knows (see the exceptions), references inside what is
 * packed (user data in base64), which become `depends_on`.
 *
 * @throws LockstepError failed, with a line of details for all that neither rule nor exception can translate
 */
export function translate(graph: Graph, schema: ProviderSchema, exceptions: Exceptions): Translation {
  const dictionary = new Dictionary(schema, exceptions);
  const own = graph.resources.filter(({ custom }) => custom);
  const [providers, resources] = [own.filter(isProvider), own.filter((each) => !isProvider(each))];
  const named = nameAll(resources, schema, dictionary);
  const refer = references(named, (problem) => dictionary.problems.push(problem));
  const addressOf = (label: string) => {
    const target = named.get(resources.find((each) => labelOf(each) === label)?.name ?? '');
    return target === undefined ? [] : [`${target.type}.${target.name}`];
  };
  const translated = resources.flatMap((resource): TerraformResource[] => {
    const target = named.get(resource.name);
    if (target === undefined) return [];
    const terms = dictionary.termsOf(resource);
    const { text, seen } = refer(labelOf(resource));
    const { provider, ignoreChanges, dependencies, ...rest } = resource.options;
    dictionary.leaveOut(resource, Object.keys(rest));
    const body = translateBlock(resource.inputs, target.block, { ...terms, text });
    return [
      {
        label: labelOf(resource),
        type: target.type,
        name: target.name,
        body: { ...autoName(resource, target.block), ...body },
        provider: typeof provider === 'string' ? identifier(provider.replace(/ \(.*$/, '')) : null,
        ignoreChanges: textsOf(ignoreChanges).flatMap((input) => {
          const member = input === '*' ? input : terms.member(target.block, input);
          if (member === undefined) terms.problem(input, 'ignored, and the provider has no such input');
          return member ?? [];
        }),
        dependsOn: textsOf(dependencies)
          .flatMap(addressOf)
          .filter((each) => !seen.has(each)),
      },
    ];
  });
  const configured = providers.map((resource): TerraformProvider => {
    const inputs = unpacked(resource.inputs, schema.provider);
    const body = translateBlock(inputs, schema.provider, dictionary.termsOf(resource));
    return { alias: identifier(resource.name), body };
  });
  const { problems, used } = dictionary;
  if (problems.length > 0) {
    throw failed('the graph can not be said in the words of the provider', { details: problems });
  }
  return { providers: configured, resources: translated, used };
}

const isProvider = ({ type }: GraphResource) => type === 'pulumi:providers:aws';
const textsOf = (value: Value | undefined) =>
  Array.isArray(value) ? value.filter((each): each is string => typeof each === 'string') : [];

/** Where tokens lead, by the names that they hold. */
function nameAll(
  resources: readonly GraphResource[],
  schema: ProviderSchema,
  dictionary: Dictionary,
): ReadonlyMap<string, Named> {
  return new Map(
    resources.flatMap((resource): [string, Named][] => {
      const type = dictionary.typeOf(resource.type);
      const block = schema.resources[type ?? ''];
      if (type === undefined || block === undefined) {
        dictionary.problems.push(`${labelOf(resource)}: the provider knows no such type`);
        return [];
      }
      const { member } = dictionary.termsOf(resource);
      return [[resource.name, { type, name: identifier(resource.name), block, member }]];
    }),
  );
}

/** Where the provider demands a name, Pulumi gives the logical one and seven random digits. */
function autoName({ name }: GraphResource, { attributes }: BlockSchema): Record<string, unknown> {
  return attributes?.name?.required === true ? { name: `${name}-0000000` } : {};
}

/** The engine hands a provider's settings over as text; all but texts are packed in JSON. */
function unpacked(inputs: Values, { attributes = {} }: BlockSchema): Values {
  return Object.fromEntries(
    Object.entries(inputs).map(([input, value]) => {
      const plain = memberCandidates(input).some((each) => attributes[each]?.type === 'string');
      return [input, plain || typeof value !== 'string' ? value : (JSON.parse(value) as Value)];
    }),
  );
}
