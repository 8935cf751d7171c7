import type { Finding } from '../../settings/problems/problem.ts';
import type { Llm } from '../../settings/schema/llm-schema.ts';
import { fitModel } from '../facts/gpu-memory.ts';
import { modelsWithTools, toolCallingOf } from '../facts/vllm-flags.ts';

/** Everything about the model's host that would fail only after it has been paid for. */
export function findLlmFaults({
  llm,
  models,
}: {
  llm: Llm;
  /** Names of models whose revision is pinned. */
  models: readonly string[];
}): Finding[] {
  if (llm.mode !== 'host') return [];
  const findings: Finding[] = [];
  const fit = fitModel(llm);
  if (!fit.fits) {
    const { fits: _, key, ...finding } = fit;
    findings.push({ path: ['llm', key], ...finding });
  }
  if (llm.toolCalls && toolCallingOf(llm.model) === null) {
    findings.push({
      path: ['llm', 'toolCalls'],
      message: `no tool-call parser is known for ${llm.model}`,
      allowed: `false, or one of ${modelsWithTools().join(', ')}`,
      fix: 'set toolCalls: false, or choose a model of a known family',
    });
  }
  if (!models.includes(llm.model)) {
    findings.push({
      path: ['llm', 'model'],
      message: 'no revision of this model is pinned',
      allowed: models.join(', ') || 'infra/pins.json holds no model',
      fix: 'add it to models in infra/pins.json by `lockstep pins update`',
      unknownName: { word: llm.model, known: models },
    });
  }
  return findings;
}
