import { z } from 'zod';

const stateSchema = z.looseObject({
  type: z.string().optional(),
  inputs: z.record(z.string(), z.unknown()).default({}),
  protect: z.boolean().default(false),
});

/** One step of `pulumi preview --json` (its `steps`), as far as a review needs it. */
export const previewStepSchema = z.looseObject({
  op: z.string(),
  urn: z.string(),
  oldState: stateSchema.nullish(),
  newState: stateSchema.nullish(),
  /** Inputs that force a replacement. */
  replaceReasons: z.array(z.string()).nullish(),
  /** Inputs that changed. */
  diffReasons: z.array(z.string()).nullish(),
});
export type PreviewStep = z.output<typeof previewStepSchema>;

/** The answer of `pulumi preview --json`. */
export const previewSchema = z.looseObject({ steps: z.array(previewStepSchema).default([]) });

/** `urn:pulumi:stack::project::parent$type::name`. */
export function typeAndName(urn: string): { type: string; name: string } {
  const [, , chain = '', ...name] = urn.split('::');
  return { type: chain.split('$').at(-1) ?? chain, name: name.join('::') };
}
