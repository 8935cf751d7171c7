import { expect, test } from 'vitest';
import { physicalName } from '../../../infra/stack/naming.ts';
import { compareCuts, wholeNamesIn, writeOutNames } from '../../../scripts/domain/plan/cut-names.ts';
import type { Graph } from '../../../scripts/domain/plan/graph.ts';

const stack = { app: 'intake', environment: 'production' };
const graphOf = (name: string): Graph => ({
  resources: [
    {
      type: 'aws:s3/bucket:Bucket',
      name: 'logs',
      parent: null,
      custom: true,
      inputs: { tags: { Name: `arn:aws:s3:::${name}/*` } },
      options: {},
    },
  ],
  outputs: { name },
});
const whole = graphOf(physicalName(stack, 'access-logs', 255));
const names = wholeNamesIn(whole, 'intake');

test('a cut name is written out as what its hash proves it was cut from, in front of a hyphen too', () => {
  const cut = physicalName(stack, 'access-logs', 20);
  expect(cut).toMatch(/^intake-produc-[0-9a-f]{6}$/);
  expect(writeOutNames(graphOf(cut), names)).toEqual(whole);
  expect(writeOutNames(graphOf(`${cut}-`), names).outputs).toEqual({
    name: 'intake-production-access-logs-',
  });
});

test.each(['intake-produc-abcdef', 'other-produc-4f5a2c', 'intake-production-access-logs-abcdef'])(
  '%s proves nothing and stays as it is',
  (name) => {
    expect(writeOutNames(graphOf(name), names)).toEqual(graphOf(name));
  },
);

test('a hash that belongs to another name than the one before it stays as it is', () => {
  const hash = physicalName(stack, 'access-logs', 20).slice(-6);
  expect(writeOutNames(graphOf(`intake-staging-${hash}`), names)).toEqual(graphOf(`intake-staging-${hash}`));
});

test('two graphs cut a name alike, or their place and what each kept is reported', () => {
  const at = (limit: number) => [graphOf(physicalName(stack, 'access-logs', limit)), names] as const;
  expect(compareCuts(at(20), at(20))).toEqual([]);
  expect(compareCuts(at(20), at(24)).map(({ left, right }) => [left, right])).toEqual([
    ['13', '17'],
    ['13', '17'],
  ]);
  expect(compareCuts(at(255), at(24))[0]).toEqual({
    resource: 'logs (aws:s3/bucket:Bucket)',
    at: 'inputs.tags.Name (characters before the hash)',
    left: undefined,
    right: '17',
  });
});
