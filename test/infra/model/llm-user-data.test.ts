import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { probeScript } from '../../../infra/model/llm-host-files.ts';
import { renderLlmUnit, renderLlmUserData, renderMirrorScript } from '../../../infra/model/llm-user-data.ts';
import type { HostLlm } from '../../../infra/settings/schema/llm-schema.ts';
import { llmSchema } from '../../../infra/settings/schema/llm-schema.ts';
import { skippedBecause, whyMissing } from '../../support/run/skipped-because.ts';

function host(changes: Partial<HostLlm> = {}): HostLlm {
  const parsed = llmSchema.parse({ mode: 'host', model: 'meta-llama/Llama-3.1-8B-Instruct', ...changes });
  if (parsed.mode !== 'host') throw new TypeError('not a host');
  return parsed;
}

const options = {
  llm: host(),
  imageDigest: `sha256:${'a'.repeat(64)}`,
  revision: 'b'.repeat(40),
  bucket: 'models-1234',
  region: 'eu-central-1',
  logGroup: '/lockstep/intake/staging/llm',
};

describe('the user data of the model host', () => {
  const script = renderLlmUserData(options);

  test('is a script that bash can read, well within the limit, and equal for equal options', () => {
    expect(spawnSync('bash', ['-n'], { input: script }).stderr.toString()).toBe('');
    expect(Buffer.byteLength(script)).toBeLessThan(8_000);
    expect(renderLlmUserData(options)).toBe(script);
  });

  test('holds scripts that bash can read too', () => {
    const inner = [
      ...script.matchAll(/<<'END-OF-LOCKSTEP-FILE'\n(#!\/bin\/bash\n[\s\S]*?)END-OF-LOCKSTEP-FILE/g),
    ];
    expect(inner).toHaveLength(2);
    for (const [, text] of inner)
      expect(spawnSync('bash', ['-n'], { input: text }).stderr.toString()).toBe('');
    expect(
      spawnSync('bash', ['-n'], { input: renderMirrorScript({ ...options, model: options.llm.model }) })
        .status,
    ).toBe(0);
  });

  test('runs the container by digest and the model by revision, and fetches from the mirror alone', () => {
    expect(script).toContain(`docker.io/vllm/vllm-openai@${options.imageDigest}`);
    expect(script).toContain(`s3://models-1234/models/meta-llama/Llama-3.1-8B-Instruct/${options.revision}`);
    expect(script).toContain('HF_HUB_OFFLINE=1');
    expect(script).not.toMatch(/password|api[-_]key|\bhf_[A-Za-z0-9]{20}|AKIA/);
  });

  test('is active only when the probe after the start has passed', () => {
    const unit = renderLlmUnit(options);
    expect(unit).toContain('ExecStartPost=/opt/lockstep/llm-probe 1200');
    expect(unit).toContain('TimeoutStartSec=1200');
    expect(unit).toContain('Restart=always');
  });
});

describe('the probe of the model host', () => {
  type Answer = { model: string; message: Record<string, unknown> };
  const call = { function: { name: 'get_weather', arguments: '{"location":"Berlin"}' } };
  const good = { model: 'meta-llama/Llama-3.1-8B-Instruct', message: { tool_calls: [call] } };

  async function probe(answer: Answer, llm = host()): Promise<{ status: number | null; said: string }> {
    const server = createServer((request, response) => {
      request.resume().on('end', () => {
        const body = { model: answer.model, choices: [{ message: answer.message }] };
        response.end(request.url === '/health' ? '' : JSON.stringify(body));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    if (typeof address !== 'object' || address === null) throw new TypeError('no address');
    const folder = mkdtempSync(path.join(tmpdir(), 'llm-probe-'));
    const file = path.join(folder, 'probe');
    // Plain HTTP stands in for the host's own TLS: what is under test is how the answer is judged.
    writeFileSync(file, probeScript({ llm, port: address.port }).replace('base=https:', 'base=http:'));
    chmodSync(file, 0o755);
    try {
      const child = spawn(file, ['5'], { stdio: ['ignore', 'ignore', 'pipe'] });
      let said = '';
      child.stderr.on('data', (chunk) => {
        said += chunk;
      });
      const status = await new Promise<number | null>((resolve) => child.on('close', resolve));
      return { status, said };
    } finally {
      server.close();
      rmSync(folder, { recursive: true });
    }
  }

  const tools = skippedBecause(whyMissing('curl', 'python3'));

  test('passes when the model calls the tool', tools, async () => {
    expect(await probe(good)).toEqual({ status: 0, said: '' });
  });

  test.each([
    ['a model that talks instead', { ...good, message: { content: 'Sunny!' } }, 'without calling the tool'],
    ['another model', { ...good, model: 'other/model' }, 'another model answers'],
    [
      'a call without its argument',
      { ...good, message: { tool_calls: [{ function: { name: 'get_weather', arguments: '{}' } }] } },
      'lacks its argument',
    ],
  ])('fails for %s, and says why', tools, async (_, answer, why) => {
    const { status, said } = await probe(answer);
    expect(status).toBe(1);
    expect(said).toContain(why);
  });

  test('asks for words where tools are switched off', tools, async () => {
    const quiet = host({ toolCalls: false });
    expect((await probe({ ...good, message: { content: 'Sunny!' } }, quiet)).status).toBe(0);
    expect((await probe({ ...good, message: { content: '' } }, quiet)).said).toContain('with nothing');
  });
});
