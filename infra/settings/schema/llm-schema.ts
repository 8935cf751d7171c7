import { z } from 'zod';
import { instanceType } from './fleet-schema.ts';

/** Hugging Face's name of a model: owner/name. */
const modelName = z
  .string()
  .regex(/^[\w.-]+\/[\w.-]+$/, "a model's name such as meta-llama/Llama-3.1-8B-Instruct");

const timeoutSeconds = z
  .int()
  .min(1)
  .max(3_600)
  .default(20)
  .describe(
    'Seconds that the app waits for an answer of the model. Must be less than the longest request, or the app is cut off before it can say that the model is slow.',
  );

export const llmSchema = z
  .discriminatedUnion('mode', [
    z.strictObject({ mode: z.literal('none') }),
    z.strictObject({
      mode: z.literal('external'),
      baseUrl: z
        .url({ protocol: /^https$/, error: 'a URL that starts with https://' })
        .describe(
          'Where an OpenAI-compatible API answers: the binding `LLM_BASE_URL`, usually ending in `/v1`.',
        ),
      model: z.string().min(1).describe('Name of the model at that API: the binding `LLM_MODEL`.'),
      timeoutSeconds,
    }),
    z.strictObject({
      mode: z.literal('host'),
      model: modelName.describe(
        'Name of the model at Hugging Face. Its revision must be pinned in `infra/pins.json`, its weights must be in the mirror.',
      ),
      instanceType: instanceType
        .default('g6.xlarge')
        .describe(
          "EC2 instance type of the model's host, the dearest single item. Weights and context must fit into its GPU memory; `lockstep plan` says when they don't.",
        ),
      dtype: z
        .enum(['bfloat16', 'float16'])
        .default('bfloat16')
        .describe(
          'Number format of the weights in memory (vLLM `--dtype`): the one that the model was trained in.',
        ),
      quantization: z
        .enum(['none', 'awq', 'gptq', 'fp8'])
        .default('none')
        .describe(
          'How the published weights are compressed (vLLM `--quantization`). The model must have been published that way, or the server does not start.',
        ),
      maxModelLength: z
        .int()
        .min(512)
        .max(1_048_576)
        .default(16_384)
        .describe(
          'Tokens that a request and its answer may have together (vLLM `--max-model-len`). Longer takes more GPU memory and leaves room for fewer requests at once.',
        ),
      gpuMemoryUtilization: z
        .number()
        .min(0.1)
        .max(0.98)
        .default(0.9)
        .describe('Share of GPU memory that vLLM takes. Too high: it runs out of memory at start.'),
      tensorParallel: z
        .literal([1, 2, 4, 8])
        .default(1)
        .describe('GPUs that one model is spread over; the instance type must have as many.'),
      toolCalls: z
        .boolean()
        .default(true)
        .describe(
          "Whether the model may call tools, and whether its start is proved by such a call. Needs a known parser for the model's family.",
        ),
      timeoutSeconds,
      startSeconds: z
        .int()
        .min(60)
        .max(7_200)
        .default(1_200)
        .describe(
          'Seconds from launch to the first answer: container image, weights, warm-up. Too short: the server is stopped and started again before it is ready.',
        ),
      volumeSizeGiB: z
        .int()
        .min(75)
        .max(16_384)
        .default(150)
        .describe('Size of the root disk in GiB: system image, container image, weights.'),
    }),
  ])
  .describe(
    'The language model that the app uses: `none`; `external`, an API of somebody else; `host`, vLLM on a GPU host of this environment.',
  );
export type Llm = z.output<typeof llmSchema>;
/** The settings of a model that runs on a host of ours. */
export type HostLlm = Extract<Llm, { mode: 'host' }>;
