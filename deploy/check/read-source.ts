// Pure: one source file to the few things that the rules ask about. TypeScript 7 has no programming interface, so oxc reads.
import { posix } from 'node:path';
import { parseSync } from 'oxc-parser';

export type Import = {
  readonly specifier: string;
  /** Path below the root for a relative import, else null. */
  readonly target: string | null;
  readonly typeOnly: boolean;
  /** `export … from`: passes names on, and uses none. */
  readonly passesOn: boolean;
  readonly line: number;
};

/** Something at a line: a name, and for functions the count of parameters. */
export type Spot = { readonly line: number; readonly what: string };

export type Source = {
  readonly path: string;
  readonly firstLine: string;
  readonly lineCount: number;
  readonly imports: readonly Import[];
  readonly syntaxErrors: readonly string[];
  /** `await`, `for await` and `await using`. */
  readonly awaits: readonly Spot[];
  /** Clocks, timers and chance. */
  readonly clocks: readonly Spot[];
  readonly processUses: readonly Spot[];
  readonly longParameterLists: readonly Spot[];
  /** Module-level `let`, `var`, and collections that start empty. */
  readonly moduleState: readonly Spot[];
};

type Node = { readonly type: string; readonly start: number; readonly [key: string]: unknown };
type Found = { [Key in 'imports']: Import[] } & { [Key in SpotKey]: Spot[] };
type SpotKey = 'awaits' | 'clocks' | 'processUses' | 'longParameterLists' | 'moduleState';

const MAX_PARAMETERS = 4;

export function readSource(path: string, text: string): Source {
  const { program, errors } = parseSync(path, text, { sourceType: 'module' });
  const found: Found = { imports: [], awaits: [], clocks: [], processUses: [], longParameterLists: [], moduleState: [] };
  const lineOf = lineFinder(text);
  for (const statement of program.body as unknown as readonly Node[]) lookForState(statement, found, lineOf);
  walk(program as unknown as Node, (node) => {
    lookForImport(node, path, found, lineOf);
    lookForWaiting(node, found, lineOf);
    lookForSurroundings(node, found, lineOf);
  });
  const lines = text.split('\n');
  return {
    path,
    // A program's first line is for the kernel.
    firstLine: (lines[0]?.startsWith('#!') ? lines[1] : lines[0]) ?? '',
    lineCount: lines.at(-1) === '' ? lines.length - 1 : lines.length,
    syntaxErrors: errors.map((error) => error.message),
    ...found,
  };
}

type LineOf = (node: Node) => number;

function lineFinder(text: string): LineOf {
  const starts = [0];
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return ({ start }) => starts.findLastIndex((begin) => begin <= start) + 1;
}

function walk(node: Node, visit: (node: Node) => void): void {
  visit(node);
  for (const value of Object.values(node)) {
    for (const child of Array.isArray(value) ? value : [value]) if (isNode(child)) walk(child, visit);
  }
}

const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && 'type' in value && 'start' in value;

const IMPORTING = ['ImportDeclaration', 'ExportNamedDeclaration', 'ExportAllDeclaration', 'ImportExpression', 'TSImportType'];

function lookForImport(node: Node, path: string, found: Found, lineOf: LineOf): void {
  if (!IMPORTING.includes(node.type)) return;
  const source = node['source'] ?? node['argument'];
  const specifier = isNode(source)
    ? (source['value'] ?? (isNode(source['literal']) ? source['literal']['value'] : undefined))
    : undefined;
  if (typeof specifier !== 'string') return;
  found.imports.push({
    specifier,
    target: specifier.startsWith('.') ? posix.join(posix.dirname(path), specifier) : null,
    typeOnly: node.type === 'TSImportType' || isTypeOnly(node),
    passesOn: node.type.startsWith('Export'),
    line: lineOf(node),
  });
}

function isTypeOnly(node: Node): boolean {
  if (node['importKind'] === 'type' || node['exportKind'] === 'type') return true;
  const names = node['specifiers'];
  return (
    Array.isArray(names) &&
    names.length > 0 &&
    names.every((name) => isNode(name) && (name['importKind'] ?? name['exportKind']) === 'type')
  );
}

function lookForWaiting(node: Node, found: Found, lineOf: LineOf): void {
  const waits = node.type === 'AwaitExpression' || node['await'] === true || node['kind'] === 'await using';
  if (waits) found.awaits.push({ line: lineOf(node), what: 'await' });
}

const CLOCKS = ['Date.now', 'performance.now', 'Math.random', 'setTimeout', 'setInterval', 'setImmediate', 'fetch'];

function lookForSurroundings(node: Node, found: Found, lineOf: LineOf): void {
  const line = lineOf(node);
  const called = node.type === 'CallExpression' ? nameOf(node['callee']) : undefined;
  if (called !== undefined && CLOCKS.includes(called)) found.clocks.push({ line, what: called });
  if (node.type === 'NewExpression' && nameOf(node['callee']) === 'Date' && isEmpty(node['arguments']))
    found.clocks.push({ line, what: 'new Date()' });
  const member = node.type === 'MemberExpression' ? nameOf(node) : undefined;
  if (member === 'process.exit' || member === 'process.env') found.processUses.push({ line, what: member });
  const params = node['params'];
  if (
    ['FunctionDeclaration', 'FunctionExpression', 'ArrowFunctionExpression'].includes(node.type) &&
    Array.isArray(params) &&
    params.length > MAX_PARAMETERS
  )
    found.longParameterLists.push({ line, what: `${nameOf(node['id']) ?? 'a function'} takes ${params.length} parameters` });
}

/** `a` or `a.b`; undefined for anything longer or computed. */
function nameOf(node: unknown): string | undefined {
  if (!isNode(node)) return undefined;
  if (node.type === 'Identifier') return String(node['name']);
  if (node.type !== 'MemberExpression' || node['computed'] === true) return undefined;
  const [object, property] = [node['object'], node['property']];
  return isNode(object) && object.type === 'Identifier' && isNode(property)
    ? `${String(object['name'])}.${String(property['name'])}`
    : undefined;
}

const isEmpty = (value: unknown): boolean => Array.isArray(value) && value.length === 0;

function lookForState(statement: Node, found: Found, lineOf: LineOf): void {
  const declaration = statement.type === 'ExportNamedDeclaration' ? statement['declaration'] : statement;
  if (!isNode(declaration) || declaration.type !== 'VariableDeclaration' || declaration['declare'] === true) return;
  const [line, kind] = [lineOf(declaration), declaration['kind']];
  if (kind === 'let' || kind === 'var') found.moduleState.push({ line, what: `module-level ${kind}` });
  for (const { init } of (declaration['declarations'] ?? []) as readonly { init: unknown }[]) {
    if (!isNode(init) || init.type !== 'NewExpression' || !isEmpty(init['arguments'])) continue;
    if (['Map', 'Set', 'WeakMap', 'WeakSet', 'Array'].includes(nameOf(init['callee']) ?? ''))
      found.moduleState.push({ line, what: 'module-level collection' });
  }
}
