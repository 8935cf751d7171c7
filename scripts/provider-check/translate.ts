import { failed } from '../domain/errors.ts';
import { type Graph, type GraphResource, labelOf, type Value, type Values } from '../domain/graph.ts';
import type { Exceptions } from './exceptions.ts';
import type { BlockSchema, ProviderSchema } from './provider-schema.ts';
import { type Named, references } from './references.ts';
import { identifier, memberCandidates, typeCandidates } from './terraform-names.ts';
import { type Terms, translateBlock } from './terraform-value.ts';

/** A resource as Terraform's JSON has it; `body` without what Terraform itself wants to know (provider, lifecycle). */
export type TerraformResource = {
  label: string;
  pulumiType: string;
  type: string;
  name: string;
  body: Record<string, unknown>;
  /** Alias of the provider; null for the default one. */
  provider: string | null;
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
 * A recorded graph in the words of Terraform's AWS provider, by the provider's own schema. References stay references,
 * so that the provider sees what is known and what isn't as it does under Pulumi. Remote components have to be gone
 * (`standInForVpcs`); components say nothing to a provider.
 *
 * What it can't say: options that only the engine knows (see the exceptions), references inside what is packed (user
 * data in base64), which become `depends_on`.
 *
 * @throws LockstepError failed, with a line of details for all that neither rule nor exception can translate
 */
export function translate(graph: Graph, schema: ProviderSchema, exceptions: Exceptions): Translation {
  const problems: string[] = [];
  const used = new Set<string>();
  const own = graph.resources.filter(({ custom }) => custom);
  const [providers, resources] = [own.filter(isProvider), own.filter((each) => !isProvider(each))];
  const named = new Map<string, Named & { block: BlockSchema }>();
  for (const resource of resources) {
    const type = typeOf(resource.type, schema, exceptions, used);
    const block = schema.resources[type ?? ''];
    if (type === undefined || block === undefined) {
      problems.push(`${labelOf(resource)}: the provider knows no such type`);
    } else {
      const terms = termsOf(resource, exceptions, used, problems);
      named.set(resource.name, { type, name: identifier(resource.name), block, member: terms.member });
    }
  }
  const refer = references(named, (problem) => problems.push(problem));
  const translated = resources.flatMap((resource): TerraformResource[] => {
    const target = named.get(resource.name);
    if (target === undefined) return [];
    const terms = termsOf(resource, exceptions, used, problems);
    const { text, seen } = refer(labelOf(resource));
    const body = translateBlock(resource.inputs, target.block, { ...terms, text });
    if (target.block.attributes?.name?.required === true && body.name === undefined) {
      body.name = `${resource.name}-0000000`;
    }
    const { provider, ignoreChanges, dependencies, ...rest } = resource.options;
    for (const option of Object.keys(rest)) {
      if (exceptions.options[option] === undefined) problems.push(`${labelOf(resource)}: option ${option}`);
      used.add(`options ${option}`);
    }
    return [
      {
        ...{
          label: labelOf(resource),
          pulumiType: resource.type,
          type: target.type,
          name: target.name,
          body,
        },
        provider: typeof provider === 'string' ? aliasOf(provider) : null,
        ignoreChanges: textsOf(ignoreChanges).map((input) => terms.member(target.block, input) ?? input),
        dependsOn: dependsOn(textsOf(dependencies), resources, named).filter((each) => !seen.has(each)),
      },
    ];
  });
  const configured = providers.map((resource) => ({
    alias: identifier(resource.name),
    body: translateBlock(
      unpacked(resource.inputs, schema.provider),
      schema.provider,
      termsOf(resource, exceptions, used, problems),
    ),
  }));
  if (problems.length > 0) {
    throw failed('the graph can not be said in the words of the provider', { details: problems });
  }
  return { providers: configured, resources: translated, used };
}

const isProvider = ({ type }: GraphResource) => type === 'pulumi:providers:aws';
const aliasOf = (label: string) => identifier(label.replace(/ \(.*$/, ''));
const textsOf = (value: Value | undefined) =>
  Array.isArray(value) ? value.filter((each): each is string => typeof each === 'string') : [];

function typeOf(
  type: string,
  { resources }: ProviderSchema,
  { types }: Exceptions,
  used: Set<string>,
): string | undefined {
  const exception = types[type];
  if (exception === undefined) return typeCandidates(type).find((each) => resources[each] !== undefined);
  used.add(`types ${type}`);
  return exception.as;
}

function termsOf(
  resource: GraphResource,
  { names, values }: Exceptions,
  used: Set<string>,
  problems: string[],
): Terms {
  return {
    member: (block, input) => {
      const exception = names[`${resource.type} ${input}`];
      if (exception !== undefined) {
        used.add(`names ${resource.type} ${input}`);
        return exception.as;
      }
      return memberCandidates(input).find(
        (each) => block.attributes?.[each] !== undefined || block.block_types?.[each] !== undefined,
      );
    },
    value: (input, value) => {
      const exception = values[`${resource.type} ${input}`];
      if (exception === undefined || exception.from !== value) return value;
      used.add(`values ${resource.type} ${input}`);
      return exception.to;
    },
    text: (text) => text,
    problem: (where, message) => problems.push(`${labelOf(resource)}.${where}: ${message}`),
  };
}

function dependsOn(
  labels: readonly string[],
  resources: readonly GraphResource[],
  named: ReadonlyMap<string, Named>,
): readonly string[] {
  return resources
    .filter((resource) => labels.includes(labelOf(resource)))
    .flatMap(({ name }) => {
      const target = named.get(name);
      return target === undefined ? [] : [`${target.type}.${target.name}`];
    });
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
