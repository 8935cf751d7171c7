import path from 'node:path';
import type { ESTree } from 'rolldown/utils';
import { childrenOf, type Node, type Source } from './syntax-tree.ts';

type FunctionNode = ESTree.Function | ESTree.ArrowFunctionExpression;

/** What a name refers to: a value, with its type annotation if any, or a parameter or the like. */
export type Declaration =
  | { kind: 'value'; source: Source; value: ESTree.Expression; typed: boolean }
  | { kind: 'function'; source: Source; value: FunctionNode }
  | { kind: 'other' };

/**
 * What a name refers to where it is used; imports of files of this repository are followed.
 *
 * @param above the nodes that contain the use, the outermost first
 */
export function declarationOf(
  name: string,
  above: readonly Node[],
  source: Source,
  sources: ReadonlyMap<string, Source>,
): Declaration | undefined {
  for (const scope of above.toReversed()) {
    const found = declaredIn(scope, name, source, sources);
    if (found !== undefined) return found;
  }
  return undefined;
}

export function isFunction(node: Node): node is FunctionNode {
  return ['FunctionDeclaration', 'FunctionExpression', 'ArrowFunctionExpression'].includes(node.type);
}

function declaredIn(
  scope: Node,
  name: string,
  source: Source,
  sources: ReadonlyMap<string, Source>,
): Declaration | undefined {
  if (isFunction(scope) && scope.params.some((parameter) => binds(parameter, name))) return { kind: 'other' };
  if (scope.type === 'CatchClause' || scope.type.startsWith('For')) {
    return childrenOf(scope).some((child) => child.type === 'VariableDeclaration' && binds(child, name))
      ? { kind: 'other' }
      : undefined;
  }
  if (!('body' in scope) || !Array.isArray(scope.body)) return undefined;
  for (const statement of scope.body as readonly Node[]) {
    const found =
      statement.type === 'ImportDeclaration'
        ? imported(statement, name, source, sources)
        : declaredBy(statement, name, source);
    if (found !== undefined) return found;
  }
  return undefined;
}

function declaredBy(statement: Node, name: string, source: Source): Declaration | undefined {
  if (statement.type === 'ExportNamedDeclaration') {
    return statement.declaration ? declaredBy(statement.declaration, name, source) : undefined;
  }
  if (statement.type === 'FunctionDeclaration') {
    return statement.id?.name === name ? { kind: 'function', source, value: statement } : undefined;
  }
  if (statement.type !== 'VariableDeclaration') return undefined;
  for (const { id, init } of statement.declarations) {
    if (id.type !== 'Identifier') {
      if (binds(id, name)) return { kind: 'other' };
    } else if (id.name === name) {
      if (init === null) return { kind: 'other' };
      const typed = Boolean(id.typeAnnotation);
      if (isFunction(init)) return typed ? { kind: 'other' } : { kind: 'function', source, value: init };
      return { kind: 'value', source, value: init, typed };
    }
  }
  return undefined;
}

/** Follows one import of a file of this repository; imports of packages are not followed. */
function imported(
  statement: ESTree.ImportDeclaration,
  name: string,
  source: Source,
  sources: ReadonlyMap<string, Source>,
): Declaration | undefined {
  const specifier = statement.specifiers.find(({ local }) => local.name === name);
  if (specifier === undefined) return undefined;
  const from = statement.source.value;
  const target = from.startsWith('.')
    ? sources.get(path.posix.join(path.posix.dirname(source.file), from))
    : undefined;
  if (specifier.type !== 'ImportSpecifier' || target === undefined) return { kind: 'other' };
  const wanted =
    specifier.imported.type === 'Identifier' ? specifier.imported.name : specifier.imported.value;
  return declaredIn(target.program, wanted, target, sources) ?? { kind: 'other' };
}

/** Whether a parameter or a pattern binds a name, however deep. */
function binds(pattern: Node, name: string): boolean {
  if (pattern.type === 'Identifier') return pattern.name === name;
  return childrenOf(pattern).some((child) => binds(child, name));
}
