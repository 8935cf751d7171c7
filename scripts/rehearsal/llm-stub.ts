import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { z } from 'zod';

/**
 * Stands in for a vLLM host: the OpenAI-compatible chat interface, one tool-call round trip included. Asked
 * with tools, it calls the first one with arguments taken from the user's message; given the tool's answer,
 * it writes a sentence. The same request always gets the same answer.
 */
export type LlmStub = { url: string; model: string; completions: () => number; close: () => Promise<void> };

const requestSchema = z.object({
  model: z.string(),
  messages: z
    .array(
      z.object({
        role: z.enum(['system', 'user', 'assistant', 'tool']),
        content: z.string().nullish(),
        tool_call_id: z.string().optional(),
      }),
    )
    .min(1),
  tools: z
    .array(
      z.object({
        type: z.literal('function'),
        function: z.object({
          name: z.string(),
          parameters: z.object({ required: z.array(z.string()).default([]) }),
        }),
      }),
    )
    .default([]),
});
type ChatRequest = z.infer<typeof requestSchema>;

/** `port` 0 takes a free one. Loopback only: it answers anybody. */
export async function startLlmStub(
  options: { port?: number; model?: string | undefined } = {},
): Promise<LlmStub> {
  const model = options.model ?? 'stub-llama';
  let completions = 0;
  const server = createServer((request, response) => {
    const asked = `${request.method} ${request.url}`;
    if (asked === 'GET /health') return answer(response, 200, {});
    if (asked === 'GET /v1/models') return answer(response, 200, { object: 'list', data: [{ id: model }] });
    if (asked !== 'POST /v1/chat/completions') return refuse(response, 404, `no ${asked} here`);
    completions += 1;
    chat(request, response, model).catch((error: unknown) => refuse(response, 400, String(error)));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new TypeError('expected a TCP address');
  return {
    url: `http://127.0.0.1:${address.port}`,
    model,
    completions: () => completions,
    close: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error === undefined ? resolve() : reject(error)));
        server.closeAllConnections();
      }),
  };
}

async function chat(request: IncomingMessage, response: ServerResponse, model: string): Promise<void> {
  let text = '';
  for await (const chunk of request) text += chunk;
  const parsed = requestSchema.safeParse(JSON.parse(text));
  if (!parsed.success) return refuse(response, 400, z.prettifyError(parsed.error));
  const asked = parsed.data;
  if (asked.model !== model) return refuse(response, 404, `The model \`${asked.model}\` does not exist.`);
  const message = reply(asked);
  answer(response, 200, {
    id: 'chatcmpl-stub',
    object: 'chat.completion',
    created: 0,
    model,
    choices: [{ index: 0, message, finish_reason: message.tool_calls.length > 0 ? 'tool_calls' : 'stop' }],
    usage: { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 },
  });
}

function reply({ messages, tools }: ChatRequest) {
  const last = messages.at(-1);
  const asked = messages.findLast(({ role }) => role === 'user')?.content ?? '';
  const tool = tools[0]?.function;
  if (last?.role === 'tool' || tool === undefined) {
    const content = `For ${asked} the answer is ${last?.role === 'tool' ? last.content : 'unknown'}.`;
    return { role: 'assistant', content, tool_calls: [] };
  }
  const known = facts(asked);
  const wanted = tool.parameters.required.map((name) => [name, known[name] ?? '']);
  const call = { name: tool.name, arguments: JSON.stringify(Object.fromEntries(wanted)) };
  return {
    role: 'assistant',
    content: null,
    tool_calls: [{ id: 'call-1', type: 'function', function: call }],
  };
}

/** What the user's message says, where it is a JSON object. */
function facts(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}

function answer(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}

function refuse(response: ServerResponse, status: number, message: string): void {
  answer(response, status, { object: 'error', error: { message, code: status } });
}

if (import.meta.main) {
  const option = (name: string) => {
    const at = process.argv.indexOf(`--${name}`);
    return at < 0 ? undefined : process.argv[at + 1];
  };
  const stub = await startLlmStub({
    port: Number(option('port') ?? 0),
    model: option('model'),
  });
  console.log(`${stub.model} at ${stub.url}`);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void stub.close());
}
