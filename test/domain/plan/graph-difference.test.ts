import { expect, test } from 'vitest';
import type { Graph, Values } from '../../../scripts/domain/plan/graph.ts';
import { compareGraphs, describeDifference } from '../../../scripts/domain/plan/graph-difference.ts';

const graphOf = (inputs: Values): Graph => ({
  resources: [
    { type: 'aws:sqs/queue:Queue', name: 'queue', parent: null, custom: true, inputs, options: {} },
  ],
  outputs: null,
});
const compared = (left: Values, right: Values) =>
  compareGraphs(graphOf(left), graphOf(right)).map(({ at, left: one, right: other }) => [at, one, other]);

test.each([
  ['intake-production-abc123', 'intake-production-def456'],
  ['intake-abc123', 'intake-production-abc123'],
  ['arn:aws:iam::1:role/web-000000', 'arn:aws:iam::1:role/web-111111'],
  ['intake-7b7d8c', 'intake-production'],
])('%s and %s are two texts, whatever six hex digits stand at their ends', (left, right) => {
  expect(compared({ name: left }, { name: right })).toEqual([['inputs.name', left, right]]);
  const [json, other] = [JSON.stringify({ a: [left] }), JSON.stringify({ a: [right] })];
  expect(compared({ policy: json }, { policy: other })).toEqual([['inputs.policy (JSON).a.0', left, right]]);
  expect(compared({ data: `a\n${left}\n` }, { data: `a\n${right}\n` })).toEqual([
    ['inputs.data line 2', left, right],
  ]);
});

test('JSON that says the same in another layout is a difference too', () => {
  expect(compared({ policy: '{"a":"b-abc123"}' }, { policy: '{ "a": "b-abc123" }' })).toEqual([
    ['inputs.policy', '{"a":"b-abc123"}', '{ "a": "b-abc123" }'],
  ]);
});

test('what one graph has more of is said to be added or removed by the difference', () => {
  const none: Graph = { resources: [], outputs: null };
  const said = (left: Graph, right: Graph) => compareGraphs(left, right).map(describeDifference);
  const one = graphOf({});
  expect(said(none, one)).toEqual(['queue (aws:sqs/queue:Queue): added by this difference']);
  expect(said(one, none)).toEqual(['queue (aws:sqs/queue:Queue): removed by this difference']);
});
