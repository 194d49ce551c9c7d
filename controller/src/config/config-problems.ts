// Pure: turns what the schema found into sentences with a place and a key. Values that were written never appear, except where the schema quotes them.
import type { z } from 'zod';
import { hint } from './closest-key.ts';
import type { Problem, YamlSource } from './yaml-source.ts';

type Issue = z.core.$ZodIssue;
/** The part of a JSON schema that is walked here. */
export type SchemaNode = {
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly items?: SchemaNode;
  readonly additionalProperties?: SchemaNode | boolean;
};

const KINDS: Readonly<Record<string, string>> = {
  object: 'must be a section with keys of its own',
  record: 'must be a section with keys of its own',
  array: 'must be a list',
  string: 'must be text',
};

/** One problem per thing that is wrong, in the order of the file. */
export function problemsOf(issues: readonly Issue[], source: YamlSource, schema: SchemaNode): Problem[] {
  return issues.flatMap((issue) => problemsOfIssue(issue, source, schema)).sort(byPlace);
}

/** `file:line:column: key: sentence` */
export const lineOf = (file: string, { place, path, sentence }: Problem): string =>
  `${file}:${place.line}:${place.column}: ${path.length === 0 ? '' : `${keyOf(path)}: `}${sentence}`;

/** `media_servers[0].url` */
const keyOf = (path: readonly PropertyKey[]): string =>
  path.map((step, index) => (typeof step === 'number' ? `[${step}]` : `${index === 0 ? '' : '.'}${String(step)}`)).join('');

function problemsOfIssue(issue: Issue, source: YamlSource, schema: SchemaNode): Problem[] {
  if (issue.code === 'unrecognized_keys') {
    const known = Object.keys(schemaAt(schema, issue.path)?.properties ?? {});
    return issue.keys.map((key) => ({
      place: source.placeOfKey(issue.path, key),
      path: [...issue.path, key],
      sentence: `is not a key; ${hint(key, known)}`,
    }));
  }
  const place = source.placeOf(issue.path);
  if (issue.code === 'invalid_key')
    return [{ place, path: issue.path, sentence: issue.issues[0]?.message ?? 'is not a valid name' }];
  if (issue.code !== 'custom' && !source.has(issue.path)) return [{ place, path: issue.path, sentence: 'is missing' }];
  const sentence =
    (issue.code === 'invalid_type' && issue.message.startsWith('Invalid') && KINDS[issue.expected]) || issue.message;
  return [{ place, path: issue.path, sentence }];
}

function schemaAt(schema: SchemaNode, path: readonly PropertyKey[]): SchemaNode | undefined {
  let node: SchemaNode | undefined = schema;
  for (const step of path) {
    const further: SchemaNode | boolean | undefined =
      typeof step === 'number' ? node?.items : (node?.properties?.[String(step)] ?? node?.additionalProperties);
    node = typeof further === 'object' ? further : undefined;
  }
  return node;
}

const byPlace = (a: Problem, b: Problem): number => a.place.line - b.place.line || a.place.column - b.place.column;
