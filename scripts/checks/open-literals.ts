import type { ESTree } from 'rolldown/utils';
import { declarationOf, isFunction } from './declarations.ts';
import { type Fault, lineOf, type Node, nodesOf, readSources, report, type Source } from './syntax-tree.ts';

type Place = { above: readonly Node[]; source: Source; sources: ReadonlyMap<string, Source> };

/**
 * The compiler finds a misspelt property only in a literal that it compares with a declared type as it
 * stands. A spread ends that comparison, and so does a name or a function between the literal and the
 * resource that gets it. This finds the literals behind such openings that nothing compares with a type.
 */
export function openLiterals(sources: ReadonlyMap<string, Source>): readonly Fault[] {
  return [...sources.values()].flatMap((source) =>
    [...nodesOf(source.program)].flatMap(({ node, above }) => {
      const place = { above, source, sources };
      const at = (message: string): Fault => ({
        file: source.file,
        line: lineOf(source.text, node.start),
        message,
      });
      if (node.type === 'SpreadElement') return openIn(node.argument, place).map(at);
      if (node.type === 'NewExpression') return openArguments(node, place).map(at);
      return isUntypedPlan(node, above, source) ? [at('declare what a plan function returns')] : [];
    }),
  );
}

/**
 * Where values become resources, records and requests. A test's fixture declares its shape by its own
 * literal.
 */
const isTyped = ({ file }: Source) => file.startsWith('infra/') || file.startsWith('scripts/');

/** What is open in an expression that is spread. */
function openIn(expression: ESTree.Expression, place: Place): readonly string[] {
  return valuesOf(expression).flatMap((value) => {
    if (isOpenLiteral(value)) return ['write the properties out, or let the spread literal satisfy a type'];
    if (!isTyped(place.source)) return [];
    return [...openDeclaration(value, place), ...openCallbacks(value)];
  });
}

/**
 * The second argument of a resource, and what it contains: a literal in place is compared, a value from a
 * name, a call or a callback must have a type.
 */
function openArguments(
  { callee, arguments: [, args] }: ESTree.NewExpression,
  place: Place,
): readonly string[] {
  if (!isTyped(place.source) || !isResource(callee)) return [];
  if (args === undefined || args.type === 'SpreadElement') return [];
  const within = [...nodesOf(args)].flatMap(({ node, above }) => {
    if (node.type === 'CallExpression') return openCallbacks(node);
    if (node.type !== 'ObjectExpression') return [];
    const here = { ...place, above: [...place.above, ...above] };
    return node.properties.flatMap((property) =>
      property.type === 'Property'
        ? valuesOf(property.value).flatMap((value) => openDeclaration(value, here))
        : [],
    );
  });
  return [...valuesOf(args).flatMap((value) => openDeclaration(value, place)), ...within];
}

/** A callback's literal is compared with nothing: what it returns is inferred from the literal. */
function openCallbacks(value: ESTree.Expression): readonly string[] {
  if (value.type !== 'CallExpression') return [];
  const open = value.arguments.filter(isFunction).filter((callback) => {
    const returned = callback.body?.type === 'BlockStatement' ? null : callback.body;
    return !callback.returnType && returned !== null && valuesOf(returned).some(isOpenLiteral);
  });
  return open.map(() => 'declare what the callback returns');
}

function openDeclaration(value: ESTree.Expression, { above, source, sources }: Place): readonly string[] {
  const named = value.type === 'CallExpression' ? value.callee : value;
  if (named.type !== 'Identifier') return [];
  const found = declarationOf(named.name, above, source, sources);
  if (found?.kind === 'value' && value === named) {
    const open = !found.typed && valuesOf(found.value).some(isOpenLiteral);
    return open ? [`declare the type of ${named.name}`] : [];
  }
  if (found?.kind === 'function' && value !== named) {
    return found.value.returnType ? [] : [`declare what ${named.name} returns`];
  }
  return [];
}

/**
 * The values that an expression may have, through conditions and through wrappers that keep a literal as it
 * is.
 */
function valuesOf(expression: ESTree.Expression): readonly ESTree.Expression[] {
  switch (expression.type) {
    case 'ConditionalExpression':
      return [...valuesOf(expression.consequent), ...valuesOf(expression.alternate)];
    case 'LogicalExpression':
      return [
        ...(expression.operator === '&&' ? [] : valuesOf(expression.left)),
        ...valuesOf(expression.right),
      ];
    case 'AwaitExpression':
      return valuesOf(expression.argument);
    case 'TSAsExpression':
    case 'TSNonNullExpression':
      return valuesOf(expression.expression);
    default:
      return [expression];
  }
}

/** An object with properties of its own, or a list of such; an empty one has nothing to misspell. */
function isOpenLiteral(value: Node): boolean {
  if (value.type === 'ObjectExpression') return value.properties.some(({ type }) => type === 'Property');
  return (
    value.type === 'ArrayExpression' &&
    value.elements.some((element) => element !== null && isOpenLiteral(element))
  );
}

function isUntypedPlan(node: Node, above: readonly Node[], { file }: Source): boolean {
  if (!file.startsWith('infra/') || !isFunction(node) || node.returnType) return false;
  const holder = above.at(-1);
  const name = holder?.type === 'VariableDeclarator' && holder.id.type === 'Identifier' ? holder.id : node.id;
  return /^plan[A-Z]/.test(name?.name ?? '');
}

const isResource = (callee: Node): boolean =>
  callee.type === 'MemberExpression'
    ? isResource(callee.object)
    : callee.type === 'Identifier' && /^awsx?$/.test(callee.name);

if (import.meta.main) report(openLiterals(await readSources(['infra', 'scripts', 'test', 'bench'])));
