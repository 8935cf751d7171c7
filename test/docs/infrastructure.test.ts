import { test } from 'vitest';
import { recordStack } from '../../scripts/adapters/pulumi/stack-recorder.ts';
import { exampleSubject } from '../support/cloud/example-settings.ts';
import { expectSection } from './doc-section.ts';
import { drawGraph } from './graph-picture.ts';

test('the picture shows what production declares', async () => {
  const graph = await recordStack(exampleSubject('production'));
  await expectSection('infrastructure.md', 'picture', `\`\`\`mermaid\n${drawGraph(graph)}\n\`\`\``);
});
