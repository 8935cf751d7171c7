import type { HostLlm } from '../../settings/schema/llm-schema.ts';

/**
 * What has to be known of a model before money is spent on a card. Every name is one publication on Hugging
 * Face, with its own quantisation: weights from the sizes of its safetensors files, shapes from its
 * `config.json`.
 */
export type ModelFacts = {
  family: ModelFamily;
  quantization: HostLlm['quantization'];
  weightsBytes: number;
  layers: number;
  /** Attention heads: tensor parallelism has to divide them. */
  heads: number;
  kvHeads: number;
  headSize: number;
  /** The longest context that the model was made for: vLLM refuses a longer `--max-model-len`. */
  longest: number;
};

/** Models of one family speak one language of tool calls; `vllm-flags.ts` knows it. */
export type ModelFamily = 'llama-3.1' | 'llama-3.2' | 'mistral' | 'hermes' | 'qwen-2.5' | 'gemma-2';

type Shape = Pick<ModelFacts, 'layers' | 'heads' | 'kvHeads' | 'headSize' | 'longest'>;
type Weights = Pick<ModelFacts, 'quantization' | 'weightsBytes'>;

const llama1B: Shape = { layers: 16, heads: 32, kvHeads: 8, headSize: 64, longest: 131_072 };
const llama3B: Shape = { layers: 28, heads: 24, kvHeads: 8, headSize: 128, longest: 131_072 };
const llama8B: Shape = { layers: 32, heads: 32, kvHeads: 8, headSize: 128, longest: 131_072 };
const llama70B: Shape = { layers: 80, heads: 64, kvHeads: 8, headSize: 128, longest: 131_072 };
const mistral7B: Shape = { layers: 32, heads: 32, kvHeads: 8, headSize: 128, longest: 32_768 };
const mistralNemo: Shape = { layers: 40, heads: 32, kvHeads: 8, headSize: 128, longest: 131_072 };
const gemma9B: Shape = { layers: 42, heads: 16, kvHeads: 8, headSize: 256, longest: 8_192 };
const qwen7B: Shape = { layers: 28, heads: 28, kvHeads: 4, headSize: 128, longest: 32_768 };
const qwen32B: Shape = { layers: 64, heads: 40, kvHeads: 8, headSize: 128, longest: 32_768 };
const qwen72B: Shape = { layers: 80, heads: 64, kvHeads: 8, headSize: 128, longest: 32_768 };

/** Two bytes a parameter. */
const half = (parameters: number): Weights => ({ quantization: 'none', weightsBytes: 2 * parameters });
const awq = (weightsBytes: number): Weights => ({ quantization: 'awq', weightsBytes });

export const modelFacts: Readonly<Record<string, ModelFacts>> = {
  'meta-llama/Llama-3.1-8B-Instruct': { family: 'llama-3.1', ...half(8_030_261_248), ...llama8B },
  'meta-llama/Llama-3.1-70B-Instruct': { family: 'llama-3.1', ...half(70_553_706_496), ...llama70B },
  'meta-llama/Llama-3.3-70B-Instruct': { family: 'llama-3.1', ...half(70_553_706_496), ...llama70B },
  'hugging-quants/Meta-Llama-3.1-8B-Instruct-AWQ-INT4': {
    family: 'llama-3.1',
    ...awq(5_730_000_000),
    ...llama8B,
  },
  'hugging-quants/Meta-Llama-3.1-70B-Instruct-AWQ-INT4': {
    family: 'llama-3.1',
    ...awq(39_770_000_000),
    ...llama70B,
  },
  'meta-llama/Llama-3.2-1B-Instruct': { family: 'llama-3.2', ...half(1_235_814_400), ...llama1B },
  'meta-llama/Llama-3.2-3B-Instruct': { family: 'llama-3.2', ...half(3_212_749_824), ...llama3B },
  'NousResearch/Hermes-3-Llama-3.1-8B': { family: 'hermes', ...half(8_030_261_248), ...llama8B },
  'NousResearch/Hermes-3-Llama-3.1-70B': { family: 'hermes', ...half(70_553_706_496), ...llama70B },
  'mistralai/Mistral-7B-Instruct-v0.3': { family: 'mistral', ...half(7_248_023_552), ...mistral7B },
  'mistralai/Mistral-Nemo-Instruct-2407': { family: 'mistral', ...half(12_247_782_400), ...mistralNemo },
  'Qwen/Qwen2.5-7B-Instruct': { family: 'qwen-2.5', ...half(7_615_616_512), ...qwen7B },
  'Qwen/Qwen2.5-7B-Instruct-AWQ': { family: 'qwen-2.5', ...awq(5_580_000_000), ...qwen7B },
  'Qwen/Qwen2.5-32B-Instruct': { family: 'qwen-2.5', ...half(32_763_876_352), ...qwen32B },
  'Qwen/Qwen2.5-32B-Instruct-AWQ': { family: 'qwen-2.5', ...awq(19_330_000_000), ...qwen32B },
  'Qwen/Qwen2.5-72B-Instruct': { family: 'qwen-2.5', ...half(72_706_203_648), ...qwen72B },
  'Qwen/Qwen2.5-72B-Instruct-AWQ': { family: 'qwen-2.5', ...awq(41_600_000_000), ...qwen72B },
  'google/gemma-2-9b-it': { family: 'gemma-2', ...half(9_241_705_984), ...gemma9B },
};
