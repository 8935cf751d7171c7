import { expect, test } from 'vitest';
import { errored } from '../../../scripts/domain/errors.ts';
import { sendWithRetries } from '../../../scripts/store/s3/aws-retries.ts';

type Try = { status: number; code?: string } | Error;

/** Sends against these answers, one a try; the last goes on for ever. */
async function send(answers: readonly Try[], signal?: AbortSignal) {
  const renewed: boolean[] = [];
  const sent = sendWithRetries(
    { signal, pause: async () => {} },
    {
      send: async (renew) => {
        renewed.push(renew);
        const answer = answers[renewed.length - 1] ?? answers.at(-1);
        if (answer === undefined || answer instanceof Error) throw answer;
        return { status: answer.status, headers: { code: answer.code ?? '' }, body: new Uint8Array() };
      },
      judge: ({ status, headers }) => {
        const code = String(headers.code);
        return status === 200
          ? { understood: 'done' }
          : { status, code, error: errored(`${status} ${code}`) };
      },
      unreachable: (cause) => errored(`unreachable: ${cause}`),
    },
  );
  const outcome = await sent.catch((error: unknown) => error);
  return { outcome, renewed };
}

test.each<[string, Try]>([
  ['a line that broke', new Error('ECONNRESET')],
  ['an answer of 500', { status: 500 }],
])('a request may have been carried out after %s', async (_, first) => {
  expect((await send([first, { status: 200 }])).outcome).toEqual({ value: 'done', doubtful: true });
});

test('a request was not carried out by a try that was refused as too many', async () => {
  expect((await send([{ status: 429 }, { status: 200 }])).outcome).toEqual({
    value: 'done',
    doubtful: false,
  });
});

test.each(['ExpiredToken', 'ExpiredTokenException'])(
  'asks once for new credentials after %s',
  async (code) => {
    const expired = { status: 400, code };
    expect((await send([expired, { status: 200 }])).renewed).toEqual([false, true]);
    const twice = await send([expired, expired]);
    expect(twice.renewed).toEqual([false, true]);
    expect(twice.outcome).toMatchObject({ message: `400 ${code}` });
  },
);

test('a refusal that does not pass is not tried again, one that does eight times', async () => {
  expect((await send([{ status: 403, code: 'AccessDenied' }])).renewed).toHaveLength(1);
  const busy = await send([{ status: 503 }]);
  expect(busy.renewed).toHaveLength(8);
  expect(busy.outcome).toMatchObject({ message: '503 ' });
  const away = await send([new Error('nobody')]);
  expect(away.renewed).toHaveLength(8);
  expect(away.outcome).toMatchObject({ message: 'unreachable: Error: nobody' });
});

test('what is not the fault of the line ends it at once: an error of ours, or an interruption', async () => {
  expect((await send([errored('no credentials')])).renewed).toHaveLength(1);
  const stopped = await send([{ status: 200 }], AbortSignal.abort(new Error('enough')));
  expect(stopped).toMatchObject({ outcome: { message: 'enough' }, renewed: [] });
});
