import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { BlockSchema, ProviderSchema } from './provider-schema.ts';
import { providerVersion } from './terraform-config.ts';
import type { Translation } from './translate.ts';

/**
 * What the provider says of the types that the program declares: names, types, and which of them are
 * required. It lets every machine compare the program with the provider; where Terraform and the provider are
 * there, the table itself is compared with what the provider prints (`npm run test:provider`;
 * UPDATE_PROVIDER_TABLE=1 writes it).
 */
export const tableFile = path.join(import.meta.dirname, `../fixtures/provider/aws-${providerVersion}.json`);

export function readTable(): ProviderSchema {
  return JSON.parse(readFileSync(tableFile, 'utf8')) as ProviderSchema;
}

/** Terraform's types of what was translated. */
export function typesOf({ resources }: Translation): readonly string[] {
  return resources.map(({ type }) => type);
}

/** One line a type, so that a difference can be read. */
export function renderTable({ provider, resources }: ProviderSchema, types: ReadonlySet<string>): string {
  const lines = [...types].toSorted().flatMap((type) => {
    const block = resources[type];
    return block === undefined ? [] : [`    ${JSON.stringify(type)}: ${JSON.stringify(shortened(block))}`];
  });
  const own = JSON.stringify(shortened(provider));
  return `{\n  "provider": ${own},\n  "resources": {\n${lines.join(',\n')}\n  }\n}\n`;
}

function shortened({ attributes = {}, block_types = {} }: BlockSchema): BlockSchema {
  return {
    attributes: Object.fromEntries(
      Object.entries(attributes).map(([name, { type, required }]) => [
        name,
        required === true ? { type, required } : { type },
      ]),
    ),
    block_types: Object.fromEntries(
      Object.entries(block_types).map(([name, { block, min_items }]) => [
        name,
        min_items === undefined ? { block: shortened(block) } : { block: shortened(block), min_items },
      ]),
    ),
  };
}
