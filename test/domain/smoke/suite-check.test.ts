import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ProbeResponse } from '../../../scripts/domain/smoke/probe.ts';
import { stepSchema } from '../../../scripts/domain/smoke/suite.ts';
import { checkAnswer, saveFrom } from '../../../scripts/domain/smoke/suite-check.ts';

const step = (expectation: object, save: Record<string, string> = {}) =>
  stepSchema.parse({ name: 'a step', request: { path: '/' }, expect: expectation, save });
const answer = (body: unknown, rest: Partial<ProbeResponse> = {}): ProbeResponse => ({
  status: 200,
  headers: { 'content-type': 'application/json; charset=utf-8' },
  setCookies: [],
  body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)).toString('base64'),
  truncated: false,
  ...rest,
});

describe('the expectations of a step', () => {
  it('name what was expected and what came instead, all of them', () => {
    const found = checkAnswer(
      step({
        status: 201,
        headers: { 'Content-Type': 'text/html', location: '/next' },
        json: [
          { path: '$.stage', equals: 'state' },
          { path: '$.count', matches: '^\\d+$' },
          { path: '$.error', exists: false },
          { path: '$.id', exists: true },
        ],
        contains: ['welcome'],
        absent: ['"error"'],
      }),
      answer({ stage: 'upload', count: 'none', error: 'lost' }),
      {},
    );
    expect(found.map(({ at, expected, got }) => `${at}: ${expected} / ${got}`)).toEqual([
      'status: 201 / 200',
      'header Content-Type: contains "text/html" / "application/json; charset=utf-8"',
      'header location: contains "/next" / no such header',
      'body: contains "welcome" / no such text',
      'body: doesn\'t contain ""error"" / "tage":"upload","count":"none","error":"lost"}"',
      '$.stage: "state" / "upload"',
      '$.count: matches /^\\d+$/ / "none"',
      '$.error: nothing / "lost"',
      '$.id: a value / nothing',
    ]);
  });

  it('compare with values that earlier steps saved', () => {
    const expectation = step({ json: [{ path: '$.id', equals: '${id}' }], contains: ['${id}'] });
    expect(checkAnswer(expectation, answer({ id: 7 }), { id: 7 })).toEqual([]);
    expect(checkAnswer(expectation, answer({ id: 8 }), { id: 7 })).toHaveLength(2);
  });

  it('match numbers as JSON spells them, and never objects', () => {
    const expectation = step({ json: [{ path: '$.n', matches: '^1\\.5$' }] });
    expect(checkAnswer(expectation, answer({ n: 1.5 }), {})).toEqual([]);
    expect(checkAnswer(expectation, answer({ n: { a: 1.5 } }), {})).toHaveLength(1);
    const anything = step({ json: [{ path: '$.n', matches: '' }] });
    expect(checkAnswer(anything, answer({ n: null }), {})).toEqual([]);
    for (const body of [{}, { n: {} }, { n: [] }])
      expect(checkAnswer(anything, answer(body), {})).toHaveLength(1);
  });

  it('hold lists, nothing and emptiness apart', () => {
    const differs = (wanted: unknown, got: unknown) =>
      checkAnswer(step({ json: [{ path: '$.a', equals: wanted }] }), answer({ a: got }), {}).length;
    for (const [wanted, got] of [
      [[1], { 0: 1 }],
      [{ 0: 1 }, [1]],
      [null, {}],
      [{}, null],
      [{}, []],
      [{ b: 1 }, { b: 2 }],
      [{ b: 1 }, { c: 1 }],
      [[1, 2], [1]],
      [1, '1'],
      [{ b: 1 }, 'b'],
      ['b', { b: 1 }],
    ])
      expect(differs(wanted, got), JSON.stringify([wanted, got])).toBe(1);
    for (const same of [null, [], {}, [1, [2]], { b: { c: [null] } }]) expect(differs(same, same)).toBe(0);
  });

  it('are met by what is there where something has to be, and by nothing where nothing may be', () => {
    const there = step({ json: [{ path: '$.a', exists: true }] });
    const gone = step({ json: [{ path: '$.a', exists: false }] });
    expect(checkAnswer(there, answer({ a: null }), {})).toEqual([]);
    expect(checkAnswer(gone, answer({ b: 1 }), {})).toEqual([]);
    expect(checkAnswer(there, answer({ b: 1 }), {})).toHaveLength(1);
    expect(checkAnswer(gone, answer({ a: null }), {})).toHaveLength(1);
    expect(checkAnswer(step({}), answer('<html>'), {})).toEqual([]);
  });

  it('say that a body is not JSON, or was cut', () => {
    const expectation = step({ json: [{ path: '$.a', exists: true }] });
    expect(checkAnswer(expectation, answer('<html>'), {})[0]?.got).toBe('a body that is not JSON');
    expect(checkAnswer(expectation, answer('{"a":', { truncated: true }), {})[0]?.got).toContain('cut');
  });

  it('hold any value equal to itself, whatever the order of its keys, and to nothing else', () => {
    const keys = fc.string().filter((key) => key !== '__proto__');
    const json = fc.dictionary(
      keys,
      fc.oneof(
        fc.double({ noNaN: true, noDefaultInfinity: true }),
        fc.string().filter((text) => !text.includes('$')),
      ),
    );
    fc.assert(
      fc.property(json, (value) => {
        const plain = JSON.parse(JSON.stringify(value));
        fc.pre(!Object.keys(plain).some((key) => key.includes('$')));
        const expectation = step({ json: [{ path: '$', equals: plain }] });
        const reversed = Object.fromEntries(Object.entries(plain).reverse());
        expect(checkAnswer(expectation, answer(reversed), {})).toEqual([]);
        expect(checkAnswer(expectation, answer({ ...plain, 'one more': 1 }), {})).toHaveLength(1);
      }),
    );
  });
});

describe('saving', () => {
  it('adds to what earlier steps saved', () => {
    const found = saveFrom(step({}, { id: '$.a.id' }), answer({ a: { id: 3 } }), { name: 'x' });
    expect(found).toEqual({ saved: { name: 'x', id: 3 }, mismatches: [] });
  });

  it('fails where there is nothing to save', () => {
    const found = saveFrom(step({}, { id: '$.a.id' }), answer({ a: {} }), {});
    expect(found.mismatches).toEqual([{ at: '$.a.id', expected: 'a value to save as "id"', got: 'nothing' }]);
  });
});
