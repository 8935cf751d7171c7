import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LockstepError } from '../../../scripts/domain/errors.ts';
import { type SavedValues, substituteJson } from '../../../scripts/domain/smoke/saved-values.ts';
import { suiteRequestSchema } from '../../../scripts/domain/smoke/suite.ts';
import { buildRequest } from '../../../scripts/domain/smoke/suite-request.ts';

const build = (request: object, saved: SavedValues = {}, cookie?: string) =>
  buildRequest(suiteRequestSchema.parse(request), { saved, cookie, timeoutSeconds: 5 });
const text = (body: string | null) => Buffer.from(body ?? '', 'base64').toString('utf8');
const asResponse = (request: ReturnType<typeof build>) =>
  new Response(Buffer.from(request.body ?? '', 'base64'), { headers: request.headers });

describe('the request of a step', () => {
  it('has no body unless one is given, and carries the cookies of the session', () => {
    expect(build({ path: '/health' }, {}, 'sid=1')).toEqual({
      method: 'GET',
      path: '/health',
      headers: { cookie: 'sid=1' },
      body: null,
      timeoutSeconds: 5,
    });
  });

  it('keeps the type of a saved value that is all of a JSON text, and writes it into longer ones', () => {
    const request = build(
      { method: 'POST', path: '/', json: { id: '${id}', label: 'no. ${id}', plain: '$${id}' } },
      { id: 7 },
    );
    expect(JSON.parse(text(request.body))).toEqual({ id: 7, label: 'no. 7', plain: '${id}' });
  });

  it('refuses a value that no step saved', () => {
    expect(() => build({ path: '/${id}' })).toThrow(LockstepError);
    expect(() => build({ path: '/${constructor}' })).toThrow(LockstepError);
  });

  it('refuses a saved value that would begin a header of its own', () => {
    const request = { path: '/', headers: { 'x-id': '${id}' } };
    expect(build(request, { id: 'abc' }).headers['x-id']).toBe('abc');
    expect(() => build(request, { id: 'abc\r\nx-admin: yes' })).toThrow(/can't carry/);
  });

  it('keeps any saved value inside its place: path segment, JSON text, form field', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (value) => {
        fc.pre(value !== '.' && value !== '..');
        const { path } = build({ path: '/items/${id}/rows?of=${id}' }, { id: value });
        const url = new URL(path, 'http://app');
        expect(url.pathname.split('/')).toHaveLength(4);
        expect(url.searchParams.get('of')).toBe(value);
        const json = build({ method: 'POST', path: '/', json: { a: 'x${id}' } }, { id: value });
        expect(JSON.parse(text(json.body))).toEqual({ a: `x${value}` });
        const form = build({ method: 'POST', path: '/', form: { a: '${id}', b: 'end' } }, { id: value });
        expect([...new URLSearchParams(text(form.body))]).toEqual([
          ['a', value],
          ['b', 'end'],
        ]);
      }),
    );
  });

  it.each(['.', '..'])('refuses a saved value that would walk up a path: %s', (value) => {
    expect(() => build({ path: '/items/${id}/rows' }, { id: value })).toThrow('leads elsewhere');
    expect(build({ path: '/items?of=${id}' }, { id: value }).path).toBe(`/items?of=${value}`);
  });

  it('leaves JSON without references as it is', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        fc.pre(!JSON.stringify(value).includes('${'));
        const plain = JSON.parse(JSON.stringify(value));
        expect(substituteJson(plain, {})).toEqual(plain);
      }),
    );
  });

  it.each(['', 'plain', 'two\r\n\r\nlines\r\n', '--lockstep-', '\u0000 and 😀'])(
    'writes a multipart body that a server reads back: %j',
    async (content) => {
      const file = { filename: 'cases "1".csv', contentType: 'text/csv', content };
      const request = { method: 'POST', path: '/', multipart: { note: 'a "note"', file } };
      const built = build(request);
      expect(build(request)).toEqual(built);
      const form = await asResponse(built).formData();
      expect(form.get('note')).toBe('a "note"');
      const received = form.get('file');
      if (!(received instanceof File)) throw new Error('no file arrived');
      expect(received.name).toBe('cases "1".csv');
      expect(await received.text()).toBe(content);
    },
  );

  it('chooses another boundary when a file contains the first one', () => {
    const multipart = (content: string) => ({ method: 'POST', path: '/', multipart: { file: content } });
    const boundaryOf = (content: string) =>
      build(multipart(content)).headers['content-type']?.split('boundary=')[1] ?? '';
    expect(boundaryOf('a')).not.toBe(boundaryOf('b'));
    expect(text(build(multipart('a')).body).split(boundaryOf('a'))).toHaveLength(3);
  });
});
