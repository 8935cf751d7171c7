import { partsOf } from '../../scripts/domain/plan/graph.ts';
import type { BlockSchema } from './provider-schema.ts';
import { escapeTemplate, snakeCase } from './terraform-names.ts';

/** Where a token leads. */
export type Named = {
  type: string;
  name: string;
  block: BlockSchema;
  member: (block: BlockSchema, attribute: string) => string | undefined;
};

/** Makes templates of texts; `seen` are the addresses that they referred to. */
export type Templates = { text: (text: string) => string; seen: ReadonlySet<string> };

/**
 * Turns `«fleet-template.latestVersion»` into `${aws_launch_template.fleet-template.latest_version}`, inside
 * longer texts too, and keeps everything else as it is written.
 *
 * @param named by the name of a recorded resource
 */
export function references(
  named: ReadonlyMap<string, Named>,
  problem: (message: string) => void,
): (label: string) => Templates {
  return (label) => {
    const seen = new Set<string>();
    const refer = (found: string): string => {
      const { name, attribute } = partsOf(found);
      const target = named.get(name);
      const expression = target === undefined ? undefined : expressionOf(target, attribute);
      if (target === undefined || expression === undefined) {
        problem(`${label}: ${found} is nothing that the provider knows`);
        return found;
      }
      seen.add(`${target.type}.${target.name}`);
      return `\${${expression}}`;
    };
    const text = (given: string) =>
      given
        .split(/(«[^«»]+»)/)
        .map((part) => (part.startsWith('«') ? refer(part) : escapeTemplate(part)))
        .join('');
    return { text, seen };
  };
}

/** Members of a set have no index, and the schema may call a list a set: `tolist` takes both. */
function expressionOf({ type, name, block, member }: Named, attribute: string): string | undefined {
  const [, first = '', index, rest] = /^(\w+)(?:\[(\d+)\](?:\.(\w+))?)?$/.exec(attribute) ?? [];
  const found = first === 'id' ? 'id' : member(block, first);
  if (found === undefined) return undefined;
  const whole = `${type}.${name}.${found}`;
  if (index === undefined) return whole;
  return `tolist(${whole})[${index}]${rest === undefined ? '' : `.${snakeCase(rest)}`}`;
}
