import { parseAst } from 'vitest/node';

/** One change of a source: the text from `start` to `end` replaced. */
export type Mutant = {
  file: string;
  kind: string;
  /** From 1. */
  line: number;
  start: number;
  end: number;
  was: string;
  replacement: string;
};

type Node = { type: string; start: number; end: number } & Record<string, unknown>;
type Change = { kind: string; node: Node; replacement: string };

/** What a decision may get wrong in one place. Texts that people read are left alone. */
export function mutantsOf(file: string, source: string): readonly Mutant[] {
  const textOf = ({ start, end }: Node) => source.slice(start, end);
  const lineOf = (offset: number) => source.slice(0, offset).split('\n').length;
  const found = new Map<string, Mutant>();
  const negated = new Set<Node>();
  const visit = (node: Node): void => {
    if (isLeftAlone(node)) return;
    for (const { kind, node: place, replacement } of changesOf(node, textOf)) {
      // The negation of a whole condition says the same.
      if (kind === 'negated comparison' && negated.has(place)) continue;
      const { start, end } = place;
      if (kind === 'negated condition') negated.add(place);
      const key = `${start}-${end} ${replacement}`;
      if (replacement === textOf(place) || found.has(key)) continue;
      found.set(key, { file, kind, line: lineOf(start), start, end, was: textOf(place), replacement });
    }
    for (const child of childrenOf(node)) {
      // Without its branch an `if` does not throw either.
      if (!(node.type === 'IfStatement' && child.type === 'ThrowStatement')) visit(child);
      else for (const inside of childrenOf(child)) visit(inside);
    }
  };
  visit(parseAst(source, { lang: 'ts' }) as unknown as Node);
  return [...found.values()].sort((left, right) => left.start - right.start || left.end - right.end);
}

/** The source with the mutant in it. */
export function applied({ start, end, replacement }: Mutant, source: string): string {
  return source.slice(0, start) + replacement + source.slice(end);
}

/** Types, wording, and the hint whether to try again. */
function isLeftAlone(node: Node): boolean {
  if (node.type === 'TemplateLiteral' || node.type === 'ImportDeclaration') return true;
  if (node.type === 'Property' && (node.key as Node).name === 'retry') return true;
  return node.type.startsWith('TS') && !/^TS(As|Satisfies|NonNull)/.test(node.type);
}

function childrenOf(node: Node): readonly Node[] {
  return Object.entries(node)
    .filter(([name]) => name !== 'typeAnnotation' && name !== 'typeArguments' && name !== 'returnType')
    .flatMap(([, value]) => (Array.isArray(value) ? value : [value]))
    .filter(isNode);
}

const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && typeof (value as Node).type === 'string';

function* changesOf(node: Node, textOf: (node: Node) => string): Generator<Change> {
  const child = (name: string) => node[name] as Node;
  switch (node.type) {
    case 'IfStatement':
      yield { kind: 'negated condition', node: child('test'), replacement: `!(${textOf(child('test'))})` };
      if (node.alternate === null)
        yield { kind: 'removed branch', node: child('test'), replacement: 'false' };
      return;
    case 'ConditionalExpression':
    case 'WhileStatement':
      yield { kind: 'negated condition', node: child('test'), replacement: `!(${textOf(child('test'))})` };
      return;
    case 'LogicalExpression':
      yield* changesOfLogical(node, textOf);
      return;
    case 'BinaryExpression':
      yield* changesOfBinary(node, textOf);
      return;
    case 'ExpressionStatement':
      if (hasEffect(child('expression'))) yield { kind: 'removed statement', node, replacement: ';' };
      return;
    case 'ThrowStatement':
      yield { kind: 'removed throw', node, replacement: ';' };
      return;
    case 'ReturnStatement':
      if (node.argument !== null) yield* constantsFor(child('argument'));
      return;
    case 'ArrowFunctionExpression':
      if (node.expression === true) yield* constantsFor(child('body'));
      return;
    case 'CallExpression':
      yield* changesOfCall(node, textOf);
      return;
    case 'Literal':
      if (typeof node.value === 'boolean')
        yield { kind: 'flipped boolean', node, replacement: String(!node.value) };
  }
}

function* changesOfLogical(node: Node, textOf: (node: Node) => string): Generator<Change> {
  const [left, right] = [node.left as Node, node.right as Node];
  const kind = 'dropped operand';
  if (node.operator !== '??') yield { kind, node, replacement: textOf(left) };
  // A fallback that only satisfies the compiler changes nothing where it is dropped.
  else if (right.type !== 'Literal') yield { kind, node, replacement: `${textOf(left)}!` };
  yield { kind, node, replacement: textOf(right) };
}

const boundaries: Readonly<Record<string, string>> = { '<': '<=', '<=': '<', '>': '>=', '>=': '>' };
const opposites: Readonly<Record<string, string>> = { '===': '!==', '!==': '===' };
const arithmetic: Readonly<Record<string, string>> = { '+': '-', '-': '+', '*': '/', '/': '*' };

function* changesOfBinary(node: Node, textOf: (node: Node) => string): Generator<Change> {
  const right = node.right as Node;
  const operator = String(node.operator);
  // In its place: brackets around an operand stay.
  const place = textOf({ ...node, end: right.start }).lastIndexOf(operator);
  const withOperator = (other: string) =>
    `${textOf(node).slice(0, place)}${other}${textOf(node).slice(place + operator.length)}`;
  const boundary = boundaries[operator];
  if (boundary !== undefined) yield { kind: 'boundary', node, replacement: withOperator(boundary) };
  const opposite = opposites[operator];
  if (opposite !== undefined) yield { kind: 'negated comparison', node, replacement: withOperator(opposite) };
  const flipped = arithmetic[operator];
  if (flipped !== undefined && !/['"`]/.test(textOf(node)))
    yield { kind: 'flipped arithmetic', node, replacement: withOperator(flipped) };
}

const hasEffect = (node: Node): boolean =>
  node.type === 'AwaitExpression' || node.type === 'UnaryExpression'
    ? hasEffect(node.argument as Node)
    : ['CallExpression', 'AssignmentExpression', 'UpdateExpression', 'ChainExpression'].includes(node.type);

const truths = /^(some|every|includes|has|test|startsWith|endsWith|aborted)$/;
const lists = /^(map|filter|flatMap|sort|toSorted|slice)$/;

/**
 * `true` and `false` in the place of a truth, `[]` in that of a list; other values have no constant of their
 * own.
 */
function* constantsFor(value: Node): Generator<Change> {
  const kind = 'constant return';
  const method = value.type === 'CallExpression' ? methodOf(value) : '';
  const isComparison = value.type === 'BinaryExpression' && /^([<>]=?|[!=]==)$/.test(String(value.operator));
  const isLogical = value.type === 'LogicalExpression' && value.operator !== '??';
  const isTruth = isComparison || isLogical || (value.type === 'UnaryExpression' && value.operator === '!');
  if (isTruth || truths.test(method)) {
    yield { kind, node: value, replacement: 'true' };
    yield { kind, node: value, replacement: 'false' };
  } else if (lists.test(method) || (value.type === 'ArrayExpression' && (value.elements as []).length > 0)) {
    yield { kind, node: value, replacement: '[]' };
  }
}

const swaps: Readonly<Record<string, string>> = {
  some: 'every',
  every: 'some',
  find: 'findLast',
  findLast: 'find',
  max: 'min',
  min: 'max',
};

function* changesOfCall(node: Node, textOf: (node: Node) => string): Generator<Change> {
  const callee = node.callee as Node;
  const method = methodOf(node);
  if (method === '') return;
  const [object, property] = [callee.object as Node, callee.property as Node];
  const swap = swaps[method];
  const isOfLists = method !== 'max' && method !== 'min';
  if (swap !== undefined && (isOfLists || object.name === 'Math'))
    yield { kind: 'swapped method', node: property, replacement: swap };
  if (/^(sort|toSorted)$/.test(method)) yield { kind: 'without order', node, replacement: textOf(object) };
  const [first] = node.arguments as readonly Node[];
  if (method === 'at' && first !== undefined)
    yield { kind: 'swapped method', node: first, replacement: textOf(first) === '-1' ? '0' : '-1' };
}

function methodOf(call: Node): string {
  const callee = call.callee as Node;
  return callee.type === 'MemberExpression' ? String((callee.property as Node).name ?? '') : '';
}
