import type { HostLlm } from '../../settings/schema/llm-schema.ts';
import { type GpuInstance, gpuInstances } from './gpu-instances.ts';
import { type ModelFacts, modelFacts } from './model-facts.ts';

export type Fit =
  | {
      fits: true;
      /** How many contexts of full length find room at a time; shorter ones share it, the cache is paged. */
      sequences: number;
      poolMiB: number;
      weightsGiB: number;
      cacheBytesPerToken: number;
    }
  | {
      fits: false;
      /** The key under `llm` that has to change. */
      key: 'model' | 'instanceType' | 'quantization' | 'tensorParallel' | 'maxModelLength';
      message: string;
      allowed: string;
      fix: string;
      /** For a name that nobody knows. */
      unknownName?: { word: string; known: readonly string[] };
    };
type Misfit = Extract<Fit, { fits: false }>;

const MiB = 2 ** 20;
const GiB = 2 ** 30;
/** Activations, CUDA graphs and the runtime, beside weights and cache: about, as observed with vLLM. */
const overheadMiB = 2_048;
const parallel = [1, 2, 4, 8] as const;

/**
 * Whether a model fits on its host, in vLLM's own arithmetic: cards x usable memory x utilisation - weights -
 * about 2 GiB is the pool of the key-value cache, which has to hold one sequence of the full length at least.
 */
export function fitModel(llm: HostLlm): Fit {
  const model = modelFacts[llm.model];
  const instance = gpuInstances.find(({ type }) => type === llm.instanceType);
  if (model === undefined) return unknown('model', llm.model, Object.keys(modelFacts));
  const types = gpuInstances.map(({ type }) => type);
  if (instance === undefined) return unknown('instanceType', llm.instanceType, types);
  return findMismatch(llm, model, instance) ?? fitMemory(llm, model, instance);
}

/**
 * Keys and values of all layers, two bytes each; with more cards than key-value heads the heads are repeated.
 */
export function cacheBytesPerToken(model: ModelFacts, cards: number): number {
  return 2 * model.layers * Math.max(model.kvHeads, cards) * model.headSize * 2;
}

function poolMiBOf(llm: HostLlm, model: ModelFacts, usableMiB: number, cards: number): number {
  return Math.floor(cards * usableMiB * llm.gpuMemoryUtilization - model.weightsBytes / MiB - overheadMiB);
}

function fitMemory(llm: HostLlm, model: ModelFacts, instance: GpuInstance): Fit {
  const cards = llm.tensorParallel;
  const perToken = cacheBytesPerToken(model, cards);
  const poolMiB = poolMiBOf(llm, model, instance.usableMiB, cards);
  const tokens = Math.floor((poolMiB * MiB) / perToken);
  const weightsGiB = Math.round((model.weightsBytes / GiB) * 10) / 10;
  if (tokens >= llm.maxModelLength) {
    const sequences = Math.floor(tokens / llm.maxModelLength);
    return { fits: true, sequences, poolMiB, weightsGiB, cacheBytesPerToken: perToken };
  }
  const wanted = Math.ceil((llm.maxModelLength * perToken) / MiB);
  const sum =
    `${cards} x ${instance.usableMiB} MiB (${instance.gpu}) x ${llm.gpuMemoryUtilization} - ${weightsGiB} GiB of weights - 2 GiB ` +
    `leave ${Math.max(0, poolMiB)} MiB; one sequence of ${llm.maxModelLength} tokens at ${perToken / 1024} KiB needs ${wanted} MiB`;
  const longest = longestThatFits(tokens);
  const shorter = longest === null ? [] : [`set maxModelLength: ${longest}`];
  const larger = suggestInstance(llm, model);
  const fixes = [...shorter, ...(larger === null ? [] : [larger])];
  return {
    fits: false,
    key: longest === null ? 'instanceType' : 'maxModelLength',
    message: `the model does not fit: ${sum}`,
    allowed: longest === null ? 'a host that holds the weights' : `up to ${longest} tokens on this host`,
    fix: fixes.join(', or ') || 'choose a smaller or quantised model',
  };
}

/** The settings' own lower bound is 512; steps of 512 keep the suggestion readable. */
function longestThatFits(tokens: number): number | null {
  const rounded = Math.floor(tokens / 512) * 512;
  return rounded >= 512 ? rounded : null;
}

/** The cheapest host that holds it, with as few cards as will do. */
function suggestInstance(llm: HostLlm, model: ModelFacts): string | null {
  for (const { type, gpus, usableMiB } of gpuInstances) {
    for (const cards of parallel) {
      if (cards > gpus || model.heads % cards !== 0) continue;
      const needed = (llm.maxModelLength * cacheBytesPerToken(model, cards)) / MiB;
      if (poolMiBOf(llm, model, usableMiB, cards) < needed) continue;
      return `set instanceType: ${type}${cards === llm.tensorParallel ? '' : ` with tensorParallel: ${cards}`}`;
    }
  }
  return null;
}

/** What vLLM would refuse only after the host has started and loaded the weights. */
function findMismatch(llm: HostLlm, model: ModelFacts, instance: GpuInstance): Misfit | null {
  const misfit = (key: Misfit['key'], message: string, allowed: string, fix: string): Misfit => {
    return { fits: false, key, message, allowed, fix };
  };
  if (llm.quantization !== model.quantization) {
    const message = 'not how this model was published';
    return misfit('quantization', message, model.quantization, `set quantization: ${model.quantization}`);
  }
  const possible = parallel.filter((cards) => cards <= instance.gpus && model.heads % cards === 0);
  if (!possible.some((cards) => cards === llm.tensorParallel)) {
    const message = `${instance.type} has ${instance.gpus} card(s), and the model's ${model.heads} heads must divide evenly`;
    return misfit('tensorParallel', message, possible.join(', '), `set tensorParallel: ${possible.at(-1)}`);
  }
  if (llm.maxModelLength > model.longest) {
    const message = 'longer than the model was made for';
    return misfit(
      'maxModelLength',
      message,
      `up to ${model.longest}`,
      `set maxModelLength: ${model.longest}`,
    );
  }
  return null;
}

function unknown(key: 'model' | 'instanceType', word: string, known: readonly string[]): Misfit {
  const subject = key === 'model' ? 'a model of unknown size' : 'not a known GPU instance type';
  const file = key === 'model' ? 'infra/model/facts/model-facts.ts' : 'infra/model/facts/gpu-instances.ts';
  const fix = `choose one of these, or add its facts to ${file}`;
  return {
    fits: false,
    key,
    message: subject,
    allowed: known.join(', '),
    fix,
    unknownName: { word, known },
  };
}
