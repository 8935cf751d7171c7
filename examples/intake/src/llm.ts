import type { Settings } from './settings.ts';

/**
 * An OpenAI-compatible chat with one tool, as vLLM serves it: the model asks for a count, then writes the
 * summary.
 */
type Message = {
  role: 'system' | 'user' | 'assistant' | 'tool';
  content: string | null;
  tool_calls?: readonly ToolCall[];
  tool_call_id?: string;
};
type ToolCall = { id: string; type: 'function'; function: { name: string; arguments: string } };
type Completion = { error?: { message?: string }; choices?: readonly { message?: Message }[] };

const countCasesTool = {
  type: 'function',
  function: {
    name: 'count_cases',
    description: 'Counts the rows of the uploaded file for one facility level and age group.',
    parameters: {
      type: 'object',
      properties: { facilityLevel: { type: 'string' }, ageGroup: { type: 'string' } },
      required: ['facilityLevel', 'ageGroup'],
    },
  },
};

export type Answers = { state: string; facilityLevel: string; ageGroup: string };
export type Summary = { text: string; cases: number };

/**
 * Throws when the model can't be reached, refuses, or answers without having called the tool: then there is
 * no summary.
 */
export async function summarise(
  answers: Answers,
  countCases: (facilityLevel: string, ageGroup: string) => Promise<number>,
  llm: Settings['llm'],
): Promise<Summary> {
  const messages: Message[] = [
    {
      role: 'system',
      content: 'Summarise in one sentence. Call count_cases for the number; never guess it.',
    },
    { role: 'user', content: JSON.stringify(answers) },
  ];
  const request = await complete(messages, llm);
  const [call] = request.tool_calls ?? [];
  if (call?.function.name !== 'count_cases') throw new Error('the model did not call count_cases');
  const asked = JSON.parse(call.function.arguments);
  const cases = await countCases(String(asked.facilityLevel), String(asked.ageGroup));
  const reply: Message = { role: 'tool', tool_call_id: call.id, content: JSON.stringify({ cases }) };
  const { content } = await complete([...messages, { ...request, tool_calls: [call] }, reply], llm);
  if (content === null || content === '') throw new Error('the model answered with nothing');
  return { text: content, cases };
}

async function complete(messages: readonly Message[], llm: Settings['llm']): Promise<Message> {
  const response = await fetch(`${llm.baseUrl}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      model: llm.model,
      temperature: llm.temperature,
      messages,
      tools: [countCasesTool],
      tool_choice: 'auto',
    }),
    signal: AbortSignal.timeout(llm.timeoutMilliseconds),
  });
  const body = (await response.json()) as Completion;
  if (!response.ok) throw new Error(`the model answered ${response.status}: ${body.error?.message ?? ''}`);
  const message = body.choices?.[0]?.message;
  if (message === undefined) throw new Error('the model answered without a message');
  return message;
}
