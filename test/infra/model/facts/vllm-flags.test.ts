import { describe, expect, test } from 'vitest';
import {
  modelsWithTools,
  renderVllmCommand,
  toolCallingOf,
} from '../../../../infra/model/facts/vllm-flags.ts';
import { findLlmFaults } from '../../../../infra/model/rules/llm-rules.ts';
import type { HostLlm } from '../../../../infra/settings/schema/llm-schema.ts';
import { llmSchema } from '../../../../infra/settings/schema/llm-schema.ts';

const places = {
  modelPath: '/model',
  port: 8000,
  tls: { key: '/tls/key.pem', certificate: '/tls/cert.pem' },
};

function host(changes: Partial<HostLlm> = {}): HostLlm {
  const parsed = llmSchema.parse({ mode: 'host', model: 'meta-llama/Llama-3.1-8B-Instruct', ...changes });
  if (parsed.mode !== 'host') throw new TypeError('not a host');
  return parsed;
}

describe('the command of vLLM', () => {
  test('holds every setting as a flag, and serves the model under its own name', () => {
    expect(renderVllmCommand(host(), places)).toEqual([
      ...['--model', '/model', '--served-model-name', 'meta-llama/Llama-3.1-8B-Instruct'],
      ...['--host', '0.0.0.0', '--port', '8000'],
      ...['--ssl-keyfile', '/tls/key.pem', '--ssl-certfile', '/tls/cert.pem'],
      ...['--dtype', 'bfloat16', '--max-model-len', '16384', '--gpu-memory-utilization', '0.9'],
      ...['--tensor-parallel-size', '1', '--enable-auto-tool-choice', '--tool-call-parser', 'llama3_json'],
      ...['--chat-template', '/vllm-workspace/examples/tool_chat_template_llama3.1_json.jinja'],
    ]);
  });

  test.each([
    ['meta-llama/Llama-3.3-70B-Instruct', 'llama3_json', 'tool_chat_template_llama3.1_json.jinja'],
    ['meta-llama/Llama-3.2-3B-Instruct', 'llama3_json', 'tool_chat_template_llama3.2_json.jinja'],
    ['mistralai/Mistral-7B-Instruct-v0.3', 'mistral', 'tool_chat_template_mistral.jinja'],
    ['Qwen/Qwen2.5-7B-Instruct', 'hermes', null],
    ['NousResearch/Hermes-3-Llama-3.1-8B', 'hermes', null],
  ])('reads the tool calls of %s with %s', (model, parser, template) => {
    expect(toolCallingOf(model)).toEqual({ parser, template });
  });

  test('asks for the kernels that take bfloat16 where a model is quantised', () => {
    const command = renderVllmCommand(
      host({ model: 'Qwen/Qwen2.5-7B-Instruct-AWQ', quantization: 'awq' }),
      places,
    );
    expect(command.join(' ')).toContain('--quantization awq_marlin');
  });

  test('is refused with tool calls of a family that knows none, and made without them', () => {
    const gemma = { model: 'google/gemma-2-9b-it', maxModelLength: 1_024 };
    expect(() => renderVllmCommand(host(gemma), places)).toThrow('has no known tool-call parser');
    expect(renderVllmCommand(host({ ...gemma, toolCalls: false }), places)).not.toContain(
      '--tool-call-parser',
    );
    expect(modelsWithTools()).not.toContain('google/gemma-2-9b-it');
  });
});

describe('the rules of the model host', () => {
  const models = ['meta-llama/Llama-3.1-8B-Instruct'];

  test('let the default host through', () => {
    expect(findLlmFaults({ llm: host(), models })).toEqual([]);
  });

  test('have nothing to say of a model elsewhere', () => {
    expect(findLlmFaults({ llm: { mode: 'none' }, models: [] })).toEqual([]);
  });

  test('name everything at once: the size, the tools and the pin', () => {
    const llm = host({ model: 'google/gemma-2-9b-it' });
    const findings = findLlmFaults({ llm, models });
    expect(findings.map(({ path }) => path.join('.'))).toEqual([
      'llm.maxModelLength',
      'llm.toolCalls',
      'llm.model',
    ]);
    for (const { fix } of findings) expect(fix).not.toBe('');
  });
});
