import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LlmStub, startLlmStub } from '../../scripts/rehearsal/llm-stub.ts';

let stub: LlmStub;
beforeAll(async () => {
  stub = await startLlmStub({ model: 'sample' });
});
afterAll(() => stub.close());

const parameters = { type: 'object', properties: { level: { type: 'string' } }, required: ['level'] };
const tools = [{ type: 'function', function: { name: 'count', description: '', parameters } }];
const user = { role: 'user', content: '{"level":"primary","age":"under-5"}' };

async function chat(body: object): Promise<{ status: number; body: unknown }> {
  const response = await fetch(`${stub.url}/v1/chat/completions`, {
    method: 'POST',
    body: JSON.stringify(body),
  });
  return { status: response.status, body: await response.json() };
}

describe('the stand-in for a model', () => {
  it('calls the first tool with what the user said, then writes a sentence around its answer', async () => {
    const call = {
      id: 'call-1',
      type: 'function',
      function: { name: 'count', arguments: '{"level":"primary"}' },
    };
    const asked = await chat({ model: 'sample', messages: [user], tools });
    expect(asked.body).toMatchObject({
      choices: [{ finish_reason: 'tool_calls', message: { content: null, tool_calls: [call] } }],
    });
    const reply = { role: 'tool', tool_call_id: 'call-1', content: '{"cases":2}' };
    const assistant = { role: 'assistant', content: null, tool_calls: [call] };
    const told = await chat({ model: 'sample', messages: [user, assistant, reply], tools });
    expect(told.body).toMatchObject({
      choices: [{ finish_reason: 'stop', message: { content: expect.stringContaining('{"cases":2}') } }],
    });
  });

  it('answers without tools too, and the same every time', async () => {
    const first = await chat({ model: 'sample', messages: [user] });
    expect(first.body).toMatchObject({ choices: [{ finish_reason: 'stop' }] });
    expect(await chat({ model: 'sample', messages: [user] })).toEqual(first);
  });

  it('serves one model, and refuses any other as a real host does', async () => {
    const models = await (await fetch(`${stub.url}/v1/models`)).json();
    expect(models).toMatchObject({ data: [{ id: 'sample' }] });
    expect(await chat({ model: 'other', messages: [user] })).toMatchObject({
      status: 404,
      body: { error: { message: 'The model `other` does not exist.' } },
    });
  });

  it('refuses what is not a chat', async () => {
    expect((await chat({ model: 'sample', messages: [] })).status).toBe(400);
    expect((await fetch(`${stub.url}/v1/chat/completions`, { method: 'POST', body: '{' })).status).toBe(400);
    expect((await fetch(`${stub.url}/v1/embeddings`)).status).toBe(404);
  });
});
