// A YAML text with its places: plain values for the schema, and line and column for whatever turns out to be wrong.
import { isAlias, isMap, isPair, isScalar, isSeq, LineCounter, type Node, parseDocument, visit } from 'yaml';
import { substitute } from './substitute.ts';

export type Place = { readonly line: number; readonly column: number };
export type Problem = { readonly place: Place; readonly path: readonly PropertyKey[]; readonly sentence: string };

export type YamlSource = {
  /** The content with variables filled in; keys without a value are left out. */
  readonly value: unknown;
  /** Syntax errors and missing variables. */
  readonly problems: readonly Problem[];
  /** Values that came from environment variables, whole or in part. */
  readonly substituted: ReadonlySet<string>;
  readonly has: (path: readonly PropertyKey[]) => boolean;
  /** Place of the value at a path; of the nearest section above where it is missing. */
  readonly placeOf: (path: readonly PropertyKey[]) => Place;
  /** Place of a key itself. */
  readonly placeOfKey: (path: readonly PropertyKey[], key: string) => Place;
};

type Env = Readonly<Record<string, string | undefined>>;
type Doc = ReturnType<typeof parseDocument>;

/** Reads a YAML 1.2 text. Never throws: what is wrong stands in `problems`. Without an environment, variables stay as they are written. */
export function readYaml(content: string, env: Env | null): YamlSource {
  const lines = new LineCounter();
  // prettyErrors would put lines of the file, and so perhaps a secret, into the message.
  const doc = parseDocument(hideBraces(content), { lineCounter: lines, prettyErrors: false, uniqueKeys: true });
  const place = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  const problems: Problem[] = doc.errors.map((error) => ({
    place: place(error.pos[0]),
    path: [],
    // What follows is a piece of the file, and so perhaps a secret.
    sentence: error.message.replace(/ in YAML stream: .*/s, ' here'),
  }));
  const substituted = new Set<string>();
  showBraces(doc);
  if (problems.length === 0 && env !== null) problems.push(...fillIn(doc, env, place, substituted));
  const offsetOf = (path: readonly PropertyKey[]): number => nodesTo(doc, path).at(-1)?.range?.[0] ?? 0;
  return {
    value: problems.length === 0 ? withoutEmpty(toPlain(doc, problems)) : undefined,
    problems,
    substituted,
    has: (path) => nodesTo(doc, path).length === path.length + 1,
    placeOf: (path) => place(offsetOf(path)),
    placeOfKey(path, key) {
      const parent = nodesTo(doc, path).at(-1);
      const pair = isMap(parent) ? parent.items.find((item) => isScalar(item.key) && String(item.key.value) === key) : undefined;
      return place((isScalar(pair?.key) ? pair.key.range?.[0] : undefined) ?? offsetOf(path));
    },
  };
}

/**
 * In `{ password: ${NAME} }` YAML takes the second `{` for a map of its own. So the braces of a variable are hidden from it behind
 * noncharacters (Unicode 23.7), as long as they are, so that places stay.
 */
const hideBraces = (content: string): string => content.replaceAll(/\$\{([^{}\n]*)\}/g, '$\ufdd0$1\ufdd1');

function showBraces(doc: Doc): void {
  visit(doc, {
    Scalar(_role, node) {
      if (typeof node.value === 'string') node.value = node.value.replaceAll('\ufdd0', '{').replaceAll('\ufdd1', '}');
    },
  });
}

/** Fills variables into every text value, in the document itself, so that places stay. Comments and keys are left alone. */
function fillIn(doc: Doc, env: Env, place: (offset: number) => Place, substituted: Set<string>): Problem[] {
  const problems: Problem[] = [];
  visit(doc, {
    Scalar(role, node, ancestors) {
      if (role === 'key' || typeof node.value !== 'string' || !node.value.includes('${')) return;
      const result = substitute(node.value, env);
      if ('ok' in result) {
        node.value = result.ok;
        if (result.names.length > 0) substituted.add(result.ok);
        return;
      }
      const path = ancestors.flatMap((one) => (isPair(one) && isScalar(one.key) ? [String(one.key.value)] : []));
      problems.push({ place: place(node.range?.[0] ?? 0), path, sentence: result.problem });
    },
  });
  return problems;
}

/** An alias bomb throws in the library; it is one more problem. */
function toPlain(doc: Doc, problems: Problem[]): unknown {
  try {
    return doc.toJS({ maxAliasCount: 100 }) ?? {};
  } catch (error) {
    problems.push({
      place: { line: 1, column: 1 },
      path: [],
      sentence: error instanceof Error ? error.message : 'cannot be read',
    });
    return undefined;
  }
}

/** The nodes from the top down to a path, as far as they exist. Keys without a value count as missing. */
function nodesTo(doc: Doc, path: readonly PropertyKey[]): Node[] {
  const found: Node[] = [];
  let node: unknown = doc.contents;
  for (const step of [undefined, ...path]) {
    if (step !== undefined) node = below(node, step);
    if (isAlias(node)) node = node.resolve(doc);
    if (!isMap(node) && !isSeq(node) && !(isScalar(node) && node.value !== null)) break;
    found.push(node);
  }
  return found;
}

function below(node: unknown, step: PropertyKey): unknown {
  if (isSeq(node)) return typeof step === 'number' ? node.items[step] : undefined;
  return isMap(node)
    ? node.items.find((item) => isScalar(item.key) && String(item.key.value) === String(step))?.value
    : undefined;
}

/** A section whose keys are all commented out is null in YAML; here it is as if it were not there. */
function withoutEmpty(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutEmpty);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, one]) => one !== null)
      .map(([key, one]) => [key, withoutEmpty(one)]),
  );
}
