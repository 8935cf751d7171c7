import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseJsonPath, readJsonPath } from '../../../scripts/domain/smoke/json-path.ts';

const read = (value: fc.JsonValue, path: string) => {
  const parsed = parseJsonPath(path);
  if (parsed === undefined) throw new Error(`${path} is no path`);
  return readJsonPath(JSON.parse(JSON.stringify(value)), parsed);
};

describe('a JSON path', () => {
  it('reads names, quoted names and positions', () => {
    const value = { a: { b: [{ 'first name': 'Ada' }, null] } };
    expect(read(value, '$')).toEqual(value);
    expect(read(value, '$.a.b[0]')).toEqual({ 'first name': 'Ada' });
    expect(read(value, "$.a.b[0]['first name']")).toBe('Ada');
    expect(read(value, '$.a.b[1]')).toBeNull();
  });

  it('leads nowhere past the end, into text, or to what objects inherit', () => {
    const value = { a: 'text', list: [1] };
    for (const path of ['$.b', '$.a.length', '$.list[1]', '$.list.length', '$.constructor', '$.__proto__']) {
      expect(read(value, path), path).toBeUndefined();
    }
  });

  it.each(['a', '$a', '$.', '$..a', '$[*]', '$[-1]', '$[01]', '$.a[?(@.b)]', "$['a", '$.a b'])(
    'refuses %s, which is not in the subset',
    (text) => expect(parseJsonPath(text)).toBeUndefined(),
  );

  it('finds every leaf of any value by the path that leads to it', () => {
    const key = fc.string({ minLength: 1 }).filter((text) => !text.includes("'"));
    const tree = fc.letrec<{ node: fc.JsonValue }>((tie) => ({
      node: fc.oneof(
        { maxDepth: 3 },
        fc.integer(),
        fc.array(tie('node'), { maxLength: 3 }),
        fc.dictionary(key, tie('node'), { maxKeys: 3 }),
      ),
    })).node;
    fc.assert(
      fc.property(tree, (value) => {
        const plain: fc.JsonValue = JSON.parse(JSON.stringify(value));
        for (const { path, leaf } of leaves(plain, '$')) expect(read(plain, path)).toEqual(leaf);
      }),
    );
  });
});

function leaves(value: fc.JsonValue, path: string): { path: string; leaf: fc.JsonValue }[] {
  if (typeof value !== 'object' || value === null) return [{ path, leaf: value }];
  if (Array.isArray(value)) return value.flatMap((member, index) => leaves(member, `${path}[${index}]`));
  return Object.entries(value).flatMap(([key, member]) =>
    member === undefined ? [] : leaves(member, `${path}['${key}']`),
  );
}
