import { describe, expect, it } from 'vitest';
import { suiteSchema } from '../../../scripts/domain/smoke/suite.ts';

const problems = (suite: object) =>
  suiteSchema
    .safeParse({ name: 'walk', travels: 'each-host', ...suite })
    .error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`) ?? [];
const step = (request: object, rest: object = {}) => ({
  name: 'a step',
  request: { path: '/', ...request },
  ...rest,
});

describe('a suite', () => {
  it('may use in later steps what an earlier one saved', () => {
    const steps = [
      step({}, { save: { id: '$.id' } }),
      step({ path: '/${id}' }, { expect: { contains: ['${id}'] } }),
    ];
    expect(problems({ steps })).toEqual([]);
  });

  it('refuses a value that is used before it is saved, wherever it is used', () => {
    const body = { method: 'POST', json: { a: ['${inJson}'] } };
    const steps = [
      step(body, { save: { id: '$.id' } }),
      step(
        { headers: { 'x-a': '${inHeader}' } },
        { expect: { json: [{ path: '$.a', equals: '${inExpectation}' }] } },
      ),
    ];
    expect(problems({ steps })).toEqual([
      'steps.0: ${inJson} is not saved by an earlier step (nothing is saved by then)',
      'steps.1: ${inHeader} is not saved by an earlier step (saved by then: id)',
      'steps.1: ${inExpectation} is not saved by an earlier step (saved by then: id)',
    ]);
  });

  it.each([
    ['two bodies', { method: 'POST', json: 1, form: { a: 'b' } }, /one body at most/],
    ['a GET with a body', { json: 1 }, /carries no body/],
    ['a header name with a colon', { headers: { 'a:b': 'c' } }, /headers\.a:b/],
  ])('refuses %s', (_, request, message) => {
    expect(problems({ steps: [step(request)] }).join('\n')).toMatch(message);
  });

  it.each([
    ['a path outside the subset', { json: [{ path: '$[*]', exists: true }] }, /no wildcards/],
    ['an expectation that expects nothing', { json: [{ path: '$.a' }] }, /expects nothing/],
    ['a broken pattern', { json: [{ path: '$.a', matches: '(' }] }, /not a regular expression/],
  ])('refuses %s', (_, expectation, message) => {
    expect(problems({ steps: [step({}, { expect: expectation })] }).join('\n')).toMatch(message);
  });

  it('refuses to cross with a single step', () => {
    expect(problems({ travels: 'crossing', steps: [step({})] }).join('\n')).toMatch(/two steps or more/);
    expect(problems({ travels: 'crossing', steps: [step({}), step({})] })).toEqual([]);
    expect(problems({ travels: 'each-host', steps: [step({})] })).toEqual([]);
  });
});
