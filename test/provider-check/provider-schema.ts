import { errored } from '../../scripts/domain/errors.ts';

/** The type of an attribute as Terraform writes it: `"string"`, `["set", "string"]`, `["object", {…}]`. */
export type TypeSchema =
  | string
  | readonly ['list' | 'set' | 'map', TypeSchema]
  | readonly ['object', Readonly<Record<string, TypeSchema>>];

export type AttributeSchema = { type: TypeSchema; required?: boolean };

/** What a resource, or a block inside one, can hold. */
export type BlockSchema = {
  attributes?: Readonly<Record<string, AttributeSchema>>;
  block_types?: Readonly<Record<string, { block: BlockSchema; min_items?: number }>>;
};

/** What the provider says of itself: its own settings, and every resource type that it knows. */
export type ProviderSchema = { provider: BlockSchema; resources: Readonly<Record<string, BlockSchema>> };

type Printed = {
  provider_schemas?: Record<
    string,
    { provider: { block: BlockSchema }; resource_schemas: Record<string, { block: BlockSchema }> }
  >;
};

/**
 * Reads what `terraform providers schema -json` prints.
 * @throws LockstepError errored when the AWS provider is not in it.
 */
export function parseProviderSchema(text: string): ProviderSchema {
  const { provider_schemas: all = {} } = JSON.parse(text) as Printed;
  const found = Object.entries(all).find(([source]) => source.endsWith('/hashicorp/aws'));
  if (found === undefined) {
    throw errored(`terraform knows ${Object.keys(all).join(', ') || 'no provider'}, and not hashicorp/aws`);
  }
  const [, { provider, resource_schemas }] = found;
  const resources = Object.entries(resource_schemas).map(([type, { block }]) => [type, block] as const);
  return { provider: provider.block, resources: Object.fromEntries(resources) };
}
