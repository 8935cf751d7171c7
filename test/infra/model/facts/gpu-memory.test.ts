import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { gpuInstances } from '../../../../infra/model/facts/gpu-instances.ts';
import { cacheBytesPerToken, fitModel } from '../../../../infra/model/facts/gpu-memory.ts';
import { modelFacts } from '../../../../infra/model/facts/model-facts.ts';
import { type HostLlm, llmSchema } from '../../../../infra/settings/schema/llm-schema.ts';

function host(changes: Partial<HostLlm> = {}): HostLlm {
  const parsed = llmSchema.parse({ mode: 'host', model: 'meta-llama/Llama-3.1-8B-Instruct', ...changes });
  if (parsed.mode !== 'host') throw new TypeError('not a host');
  return parsed;
}

describe('the memory of a GPU host', () => {
  test('holds an 8B model with 16k of context, and says how many sequences', () => {
    const fit = fitModel(host());
    expect(fit).toEqual({
      fits: true,
      sequences: 1,
      weightsGiB: 15,
      cacheBytesPerToken: 131_072,
      poolMiB: expect.any(Number),
    });
    expect(fitModel(host({ maxModelLength: 4_096 }))).toMatchObject({ sequences: 6 });
  });

  test('does not hold 131k on a 24 GB card: the numbers, a length that fits and a host that fits are named', () => {
    const fit = fitModel(host({ maxModelLength: 131_072 }));
    if (fit.fits) throw new TypeError('it fits');
    expect(fit.key).toBe('maxModelLength');
    expect(fit.message).toContain('1 x 23000 MiB (L4) x 0.9 - 15 GiB of weights');
    expect(fit.message).toContain('131072 tokens at 128 KiB needs 16384 MiB');
    expect(fit.fix).toBe('set maxModelLength: 26624, or set instanceType: g6e.xlarge');
  });

  test.each([
    ['meta-llama/Llama-3.1-70B-Instruct', 'none', 131.4],
    ['hugging-quants/Meta-Llama-3.1-70B-Instruct-AWQ-INT4', 'awq', 37],
  ] as const)(
    'does not hold %s on one small card, and no shorter length is offered',
    (model, quantization, weights) => {
      const fit = fitModel(host({ model, quantization }));
      if (fit.fits) throw new TypeError('it fits');
      expect(fit.key).toBe('instanceType');
      expect(fit.message).toContain(`${weights} GiB of weights`);
      expect(fit.fix).toMatch(/^set instanceType: \S+ with tensorParallel: [248]$/);
    },
  );

  test.each([
    ['an unknown model', { model: 'meta-llama/Llama-3.1-8B-Instrukt' }, 'model'],
    ['an unknown instance type', { instanceType: 'm7i.large' }, 'instanceType'],
    ['a quantisation that was not published', { quantization: 'awq' }, 'quantization'],
    ['more cards than the host has', { tensorParallel: 2 }, 'tensorParallel'],
    ['a context longer than the model was made for', { maxModelLength: 262_144 }, 'maxModelLength'],
  ] as const)('is not asked about %s: that is refused first, by name', (_, changes, key) => {
    expect(fitModel(host(changes))).toMatchObject({ fits: false, key });
  });

  test('splits a model only where its heads divide evenly', () => {
    const qwen = { model: 'Qwen/Qwen2.5-7B-Instruct', instanceType: 'g6.48xlarge' } as const;
    expect(fitModel(host({ ...qwen, tensorParallel: 8 }))).toMatchObject({ allowed: '1, 2, 4' });
    expect(fitModel(host({ ...qwen, tensorParallel: 4 }))).toMatchObject({ fits: true });
  });

  const settings = fc.record({
    model: fc.constantFrom(...Object.keys(modelFacts)),
    instanceType: fc.constantFrom(...gpuInstances.map(({ type }) => type)),
    maxModelLength: fc.integer({ min: 512, max: 131_072 }),
    tensorParallel: fc.constantFrom(1, 2, 4, 8),
    gpuMemoryUtilization: fc.double({ min: 0.5, max: 0.98, noNaN: true }),
  });

  test('always holds what its own suggestion asks for', () => {
    fc.assert(
      fc.property(settings, (random) => {
        const quantization = modelFacts[random.model]?.quantization ?? 'none';
        let llm = host({ ...random, quantization } as Partial<HostLlm>);
        // One suggestion at a time, as a person would follow them: never more than there are keys.
        for (let step = 0; step < 4; step++) {
          const fit = fitModel(llm);
          if (fit.fits || !fit.fix.startsWith('set ')) return;
          const taken = (fit.fix.split(', or ')[0] ?? '').matchAll(/(\w+): (\S+)/g);
          const changes = [...taken].map(([, key, value]) => [
            key,
            key === 'instanceType' || key === 'quantization' ? value : Number(value),
          ]);
          llm = host({ ...llm, ...Object.fromEntries(changes) });
        }
        expect(fitModel(llm)).toMatchObject({ fits: true });
      }),
    );
  });

  test('holds at least as many short sequences as long ones', () => {
    fc.assert(
      fc.property(settings, (random) => {
        const quantization = modelFacts[random.model]?.quantization ?? 'none';
        const long = fitModel(host({ ...random, quantization } as Partial<HostLlm>));
        const short = fitModel(host({ ...random, quantization, maxModelLength: 512 } as Partial<HostLlm>));
        if (!long.fits) return;
        expect(short.fits && short.sequences >= long.sequences).toBe(true);
      }),
    );
  });

  test('keeps the cache of 70B at 320 KiB a token, however few of 8 cards it is split over', () => {
    const facts = modelFacts['meta-llama/Llama-3.1-70B-Instruct'];
    if (facts === undefined) throw new TypeError('no facts');
    expect([1, 2, 4, 8].map((cards) => cacheBytesPerToken(facts, cards) / 1024)).toEqual([
      320, 320, 320, 320,
    ]);
  });
});
