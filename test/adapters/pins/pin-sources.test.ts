import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import examplePins from '../../../infra/pins.json' with { type: 'json' };
import { pinsSchema } from '../../../infra/settings/schema/pins.ts';
import { type PinEndpoints, publicPinSources } from '../../../scripts/adapters/pins/pin-sources.ts';
import { updatePins } from '../../../scripts/workflows/pins/update-pins.ts';

const digest = `sha256:${'ab'.repeat(32)}`;
const revision = 'cd'.repeat(20);
const pins = pinsSchema.parse(examplePins);
const nodeSum = 'ef'.repeat(32);
const { signal } = new AbortController();

/** Answers as AWS, Docker Hub and Hugging Face document theirs; that theirs are so is not proved here. */
describe('looking up pins, over HTTP as the three services document it', () => {
  let server: http.Server;
  let endpoints: PinEndpoints;
  let image = 'ami-0123456789abcdef0';

  beforeAll(async () => {
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'test');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test');
    server = http.createServer((request, response) => {
      void answer(request).then(({ status = 200, headers = {}, body, text: plain }) => {
        response
          .writeHead(status, headers)
          .end(plain ?? (body === undefined ? undefined : JSON.stringify(body)));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    endpoints = { ssm: base, node: base, registryToken: `${base}/token`, registry: base, models: base };
  });
  afterAll(async () => {
    vi.unstubAllEnvs();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  type Answer = { status?: number; headers?: Record<string, string>; body?: unknown; text?: string };
  async function answer(request: http.IncomingMessage): Promise<Answer> {
    const url = new URL(request.url ?? '/', 'http://here');
    if (request.headers['x-amz-target'] === 'AmazonSSM.GetParameter') {
      const { Name } = JSON.parse(await text(request));
      expect(Name).toMatch(/^\/aws\/service\//);
      return { body: { Parameter: { Name, Value: image } } };
    }
    if (url.pathname === '/token') {
      return { body: { token: `for ${url.searchParams.get('scope')}` } };
    }
    if (url.pathname === '/v2/vllm/vllm-openai/manifests/v9') {
      const allowed = request.headers.authorization === 'Bearer for repository:vllm/vllm-openai:pull';
      return allowed && request.method === 'HEAD'
        ? { headers: { 'docker-content-digest': digest } }
        : { status: 401 };
    }
    if (url.pathname === '/dist/v24.9.0/SHASUMS256.txt') {
      return {
        text: ['x64', 'arm64'].map((cpu) => `${nodeSum}  node-v24.9.0-linux-${cpu}.tar.gz`).join('\n'),
      };
    }
    if (url.pathname.endsWith('/revision/main')) return { body: { sha: revision, private: false } };
    return { status: 404 };
  }

  test('takes what the services say, and lists every value that moved', async () => {
    const update = { pins, signal, tags: { 'vllm/vllm-openai': 'v9' } };
    const { pins: updated, changes } = await updatePins(publicPinSources(signal, endpoints), update);
    expect(pinsSchema.parse(updated)).toMatchObject({ example: false });
    expect(updated.containers).toEqual({ 'vllm/vllm-openai': { tag: 'v9', digest } });
    expect(changes.map(({ pin }) => pin)).toEqual([
      'regions eu-central-1 images host-x86_64',
      'regions eu-central-1 images host-arm64',
      'regions eu-central-1 images gpu-x86_64',
      'hosts agentSha256',
      'hosts node sha256 x86_64',
      'hosts node sha256 arm64',
      'containers vllm/vllm-openai tag',
      'containers vllm/vllm-openai digest',
      'models meta-llama/Llama-3.1-8B-Instruct revision',
    ]);
    const again = { pins: updated, signal };
    expect((await updatePins(publicPinSources(signal, endpoints), again)).changes).toEqual([]);
  });

  test('adds a region and a model', async () => {
    const { pins: updated } = await updatePins(publicPinSources(signal, endpoints), {
      pins,
      signal,
      tags: { 'vllm/vllm-openai': 'v9' },
      addModels: ['owner/model'],
      addRegion: { name: 'us-east-1', zones: ['us-east-1a', 'us-east-1b'] },
    });
    expect(updated.regions['us-east-1']).toMatchObject({ zones: ['us-east-1a', 'us-east-1b'] });
    expect(updated.models['owner/model']).toEqual({ revision });
  });

  test('changes nothing when an answer is missing or makes no sense, and says which', async () => {
    image = 'not-an-image';
    const failing = updatePins(publicPinSources(signal, endpoints), { pins, signal });
    await expect(failing).rejects.toMatchObject({
      kind: 'errored',
      details: expect.arrayContaining([
        expect.stringContaining('image host-arm64 of eu-central-1'),
        expect.stringMatching(/container vllm\/vllm-openai:v0.11.0: .* answered 404/),
      ]),
    });
    image = 'ami-0123456789abcdef0';
  });

  test('refuses a tag for a container that is not pinned', async () => {
    const update = { pins, signal, tags: { 'vllm/vllm': 'v9' } };
    await expect(updatePins(publicPinSources(signal, endpoints), update)).rejects.toMatchObject({
      kind: 'usage',
    });
  });
});
