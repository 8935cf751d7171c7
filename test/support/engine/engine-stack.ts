import { z } from 'zod';
import { type PreviewStep, previewSchema, typeAndName } from '../../../scripts/domain/plan/preview.ts';
import { succeeded } from './engine-command.ts';
import { createEngineProject } from './engine-project.ts';

const exportSchema = z.looseObject({
  deployment: z.looseObject({
    resources: z.array(z.looseObject({ urn: z.string(), protect: z.boolean().default(false) })).default([]),
  }),
});

export type EngineStack = Awaited<ReturnType<typeof createEngineStack>>;

/** A stack of this repository's own settings, made as a person makes it. */
export async function createEngineStack(stack: string) {
  const project = await createEngineProject(stack);
  const { pulumi } = project;
  succeeded(await project.init());
  const answerOf = async (...words: string[]): Promise<unknown> =>
    JSON.parse(succeeded(await pulumi(...words)).stdout);
  return {
    ...project,
    /** Steps of a preview that succeeds. */
    preview: async (): Promise<readonly PreviewStep[]> =>
      previewSchema.parse(await answerOf('preview', '--json')).steps,
    up: (...words: string[]) => pulumi('up', '--yes', '--skip-preview', ...words),
    /** In no certain order: what doesn't depend on each other is made at the same time. */
    resources: async () => exportSchema.parse(await answerOf('stack', 'export')).deployment.resources,
    outputs: async () => z.record(z.string(), z.unknown()).parse(await answerOf('stack', 'output', '--json')),
  };
}

/** Type and name of what the program itself declares: neither the stack nor what the engine and awsx add. */
export function declaredBy(urns: readonly string[]): string[] {
  return urns
    .filter((urn) => !/::pulumi:(pulumi:Stack|providers:awsx)::|awsx:ec2:Vpc\$/.test(urn))
    .map((urn) => Object.values(typeAndName(urn)).join(' '))
    .sort();
}
