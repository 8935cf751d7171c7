import type { HostLlm } from '../../settings/schema/llm-schema.ts';
import { type ModelFamily, modelFacts } from './model-facts.ts';

/** Where the official image keeps the examples that come with vLLM. */
const templateFolder = '/vllm-workspace/examples';

export type ToolCalling = {
  /** vLLM `--tool-call-parser`. */
  parser: string;
  /** A file of vLLM's examples; null: the template in the model's own tokenizer is the right one. */
  template: string | null;
};

/** How a family writes tool calls (vLLM documentation, "Tool Calling"); null: it was never taught to. */
const toolCalling: Readonly<Record<ModelFamily, ToolCalling | null>> = {
  'llama-3.1': { parser: 'llama3_json', template: 'tool_chat_template_llama3.1_json.jinja' },
  'llama-3.2': { parser: 'llama3_json', template: 'tool_chat_template_llama3.2_json.jinja' },
  mistral: { parser: 'mistral', template: 'tool_chat_template_mistral.jinja' },
  hermes: { parser: 'hermes', template: null },
  'qwen-2.5': { parser: 'hermes', template: null },
  'gemma-2': null,
};

/** How a model calls tools, or null where its family is unknown or knows no tools. */
export function toolCallingOf(model: string): ToolCalling | null {
  const facts = modelFacts[model];
  return facts === undefined ? null : toolCalling[facts.family];
}

/** Models that may be asked for with `toolCalls: true`. */
export function modelsWithTools(): string[] {
  return Object.keys(modelFacts).filter((model) => toolCallingOf(model) !== null);
}

/**
 * vLLM's names. The Marlin kernels are asked for by name: plain `awq` and `gptq` force slow ones, which take
 * no bfloat16 (vLLM says so in a warning only). Every card in `gpu-instances.ts` runs them.
 */
const kernels: Record<Exclude<HostLlm['quantization'], 'none'>, string> = {
  awq: 'awq_marlin',
  gptq: 'gptq_marlin',
  fp8: 'fp8',
};

/**
 * The arguments of the official container, whose entry point is the OpenAI-compatible server.
 *
 * @param modelPath the weights inside the container: the server is never told a name that it could fetch by
 *   itself
 * @param tls key and certificate inside the container
 * @throws TypeError for tool calls with a model that has no known parser; the settings' rules refuse that
 *   before
 */
export function renderVllmCommand(
  llm: HostLlm,
  { modelPath, port, tls }: { modelPath: string; port: number; tls: { key: string; certificate: string } },
): string[] {
  return [
    ...['--model', modelPath, '--served-model-name', llm.model],
    ...['--host', '0.0.0.0', '--port', String(port)],
    ...['--ssl-keyfile', tls.key, '--ssl-certfile', tls.certificate],
    ...['--dtype', llm.dtype],
    ...(llm.quantization === 'none' ? [] : ['--quantization', kernels[llm.quantization]]),
    ...['--max-model-len', String(llm.maxModelLength)],
    ...['--gpu-memory-utilization', String(llm.gpuMemoryUtilization)],
    ...['--tensor-parallel-size', String(llm.tensorParallel)],
    ...(llm.toolCalls ? toolFlags(llm.model) : []),
  ];
}

function toolFlags(model: string): string[] {
  const calling = toolCallingOf(model);
  if (calling === null) {
    throw new TypeError(
      `llm.toolCalls: ${model} has no known tool-call parser. Set llm.toolCalls: false, or choose one of ` +
        modelsWithTools().join(', '),
    );
  }
  const { parser, template } = calling;
  return [
    '--enable-auto-tool-choice',
    ...['--tool-call-parser', parser],
    ...(template === null ? [] : ['--chat-template', `${templateFolder}/${template}`]),
  ];
}
