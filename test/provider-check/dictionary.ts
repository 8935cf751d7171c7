import { type GraphResource, labelOf, type Value } from '../../scripts/domain/plan/graph.ts';
import type { Exceptions } from './exceptions.ts';
import type { BlockSchema, ProviderSchema } from './provider-schema.ts';
import { memberCandidates, typeCandidates } from './terraform-names.ts';
import type { Terms } from './terraform-value.ts';

/** Words of Pulumi to words of Terraform: by rule where the schema knows the result, else by an exception. */
export class Dictionary {
  /** The exceptions that were needed, as `exceptionKeys` names them. */
  readonly used = new Set<string>();
  /** What neither rule nor exception can say. */
  readonly problems: string[] = [];
  readonly #schema: ProviderSchema;
  readonly #exceptions: Exceptions;

  constructor(schema: ProviderSchema, exceptions: Exceptions) {
    this.#schema = schema;
    this.#exceptions = exceptions;
  }

  typeOf(type: string): string | undefined {
    const exception = this.#exceptions.types[type];
    if (exception === undefined) {
      return typeCandidates(type).find((each) => this.#schema.resources[each] !== undefined);
    }
    this.used.add(`types ${type}`);
    return exception.as;
  }

  /** The words of one resource. */
  termsOf(resource: GraphResource): Terms {
    return {
      member: (block, input) => this.#memberOf(resource.type, block, input),
      value: (input, value) => this.#valueOf(resource.type, input, value),
      text: (text) => text,
      problem: (where, message) => this.problems.push(`${labelOf(resource)}.${where}: ${message}`),
    };
  }

  /** Options that say nothing to a provider have to be known as such. */
  leaveOut(resource: GraphResource, options: readonly string[]): void {
    for (const option of options) {
      if (this.#exceptions.options[option] === undefined) {
        this.problems.push(`${labelOf(resource)}: option ${option}`);
      }
      this.used.add(`options ${option}`);
    }
  }

  #memberOf(type: string, block: BlockSchema, input: string): string | undefined {
    const knows = (name: string) =>
      block.attributes?.[name] !== undefined || block.block_types?.[name] !== undefined;
    const exception = this.#exceptions.names[`${type} ${input}`];
    if (exception === undefined || !knows(exception.as)) return memberCandidates(input).find(knows);
    this.used.add(`names ${type} ${input}`);
    return exception.as;
  }

  #valueOf(type: string, input: string, value: Value): Value {
    const exception = this.#exceptions.values[`${type} ${input}`];
    if (exception === undefined || exception.from !== value) return value;
    this.used.add(`values ${type} ${input}`);
    return exception.to;
  }
}
