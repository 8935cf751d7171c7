import * as pulumi from '@pulumi/pulumi';
import rpc from '@pulumi/pulumi/runtime/rpc.js';
import { attributesOf } from '../../../infra/aws/sdk-attributes.ts';
import { shapeOf } from './attribute-shapes.ts';

/**
 * Pulumi drops an input whose output came to undefined, without a word. Two watches keep that from happening
 * in a recording. *Reading* an attribute that the recorder has no truthful value for throws where the program
 * reads it (this also covers what would vanish inside a JSON text). *Passing* an output that came to
 * undefined is reported with its path.
 *
 * Both wrap functions of Pulumi's own runtime, which has no seam for them; tests hold that an upgrade still
 * calls them.
 *
 * @param report takes one sentence for each fault
 * @returns a function that puts the runtime back
 */
export function watchOutputs(report: (problem: string) => void): () => void {
  const { serializeResourceProperties, serializeProperties, transferProperties } = rpc;
  Object.assign(rpc, {
    transferProperties(resource: object, label: string, given: Record<string, unknown>) {
      const resolvers = transferProperties(resource as pulumi.Resource, label, given);
      guardAttributes(resource, label, given);
      return resolvers;
    },
    async serializeResourceProperties(...args: Parameters<typeof serializeResourceProperties>) {
      const [label, given] = args;
      try {
        if (!label.includes('[pulumi:providers:')) await findUndefined(label, given, false, report);
        return await serializeResourceProperties(...args);
      } catch (error) {
        // Rejecting would end the process through Pulumi's own unhandled rejections; the recording fails all
        // the same.
        report(`${label}: ${error instanceof Error ? error.message : String(error)}`);
        return [{}, new Map()];
      }
    },
    async serializeProperties(...args: Parameters<typeof serializeProperties>) {
      const [label, given] = args;
      try {
        await findUndefined(label, given, false, report);
        return await serializeProperties(...args);
      } catch (error) {
        report(`${label}: ${error instanceof Error ? error.message : String(error)}`);
        return Object.fromEntries(Object.keys(given).map((key) => [key, {}]));
      }
    },
  });
  return () => {
    Object.assign(rpc, { serializeResourceProperties, serializeProperties, transferProperties });
  };
}

/**
 * Makes reading an attribute throw where neither an input, a token nor a shape gives it a value. The class
 * itself names its attributes in `given`, so that one which the recorder has never heard of is noticed too.
 */
function guardAttributes(resource: object, label: string, given: Record<string, unknown>): void {
  const [, name = '', type = ''] = /^resource:(.*)\[(.*)\]$/.exec(label) ?? [];
  const known = attributesOf(type);
  if (known === undefined) return;
  for (const attribute of new Set([...known.keys(), ...Object.keys(given)])) {
    const kind = known.get(attribute);
    if (kind === 'scalar' || given[attribute] !== undefined || shapeOf(type, attribute) !== undefined)
      continue;
    Object.defineProperty(resource, attribute, {
      configurable: true,
      get() {
        throw new TypeError(`${name}.${attribute} (${type}) ${whyUnknown[kind ?? 'forgotten']}`);
      },
    });
  }
}

const whyUnknown = {
  optional: 'is not given, and AWS may leave it empty: give it, or use another attribute',
  shaped: 'is not text: give it, or add its shape to scripts/adapters/pulumi/attribute-shapes.ts',
  forgotten: 'is not among what infra/aws/sdk-attributes.ts reads of its type',
};

/** Reports every output at or under `value` that came to undefined, by its path. */
async function findUndefined(
  path: string,
  value: unknown,
  fromOutput: boolean,
  report: (problem: string) => void,
): Promise<void> {
  if (pulumi.Output.isInstance(value)) {
    await findUndefined(path, await promised(value), true, report);
  } else if (value instanceof Promise) {
    await findUndefined(path, await value, true, report);
  } else if (value === undefined) {
    if (fromOutput) report(`${path}: an output came to undefined, so that the input would vanish`);
  } else if (typeof value === 'object' && value !== null && !pulumi.Resource.isInstance(value)) {
    const children = Object.entries(value);
    await Promise.all(
      children.map(([key, child]) => findUndefined(`${path}.${key}`, child, fromOutput, report)),
    );
  }
}

/** `promise` is public at run time and hidden in the types; `apply` would make one more output. */
function promised(output: pulumi.Output<unknown>): Promise<unknown> {
  return (output as unknown as { promise(withUnknowns: boolean): Promise<unknown> }).promise(true);
}
