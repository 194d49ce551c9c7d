// An agent's configuration: one YAML file, environment variables over it, secrets from files. Read once, checked whole, frozen.
import { readFileSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { LineCounter, parseDocument } from 'yaml';
import * as z from 'zod/mini';
import { AgentError, messageOf } from './errors.ts';

export type Environment = Readonly<Record<string, string | undefined>>;
/** What an agent's configuration may hold, and where it comes from. */
export type ConfigForm<Schema extends z.ZodMiniType> = {
  readonly schema: Schema;
  /** Of its environment variables, such as HEADGATE_ROUTER_. */
  readonly prefix: string;
  /** Keys that environment variables may set: `mqtt.url` is HEADGATE_ROUTER_MQTT_URL. */
  readonly environmentKeys: EnvironmentKeys;
  /** `KEY_file` in the configuration puts that file's text at `KEY`. */
  readonly fileKeys: readonly string[];
  /** Further variables, from name to key, which give way to those with the prefix. */
  readonly otherVariables?: Readonly<Record<string, string>>;
};
type Kind = 'text' | 'number' | 'boolean' | 'list';
/** Values of `number` and `boolean` keys are read as such; `list`: commas between the values. */
export type EnvironmentKeys = Readonly<Record<string, Kind>>;

type Path = readonly PropertyKey[];
type Tree = { [key: string]: unknown };
/** Says where a key stands, for an error: `file:line: key` or the variable's name. */
type Locate = (path: Path) => string;

/** PEM text, which ends with its line. */
const WHOLE_FILES = ['private_key', 'ca'];
const MOST_BYTES = 256 * 1024;

/**
 * @param file path of the YAML, or undefined for environment variables alone
 * @throws AgentError `config_invalid`; each problem is one line `FILE:LINE: KEY: what is wrong`
 */
export function readConfig<Schema extends z.ZodMiniType>(
  form: ConfigForm<Schema>,
  file: string | undefined,
  environment: Environment,
): z.output<Schema> {
  const { tree, lineOf } = file === undefined ? { tree: {}, lineOf: () => undefined } : readYaml(file);
  const fromEnvironment = overlay(tree, environment, form);
  const locate: Locate = (path) => {
    const key = path.map(String).join('.');
    const variable = fromEnvironment.get(key) ?? fromEnvironment.get(`${key}_file`);
    if (variable !== undefined) return variable;
    const line = lineOf(path);
    return `${file ?? 'environment'}${line === undefined ? '' : `:${line}`}: ${key === '' ? 'the whole' : key}`;
  };
  expand(tree, [], environment, locate);
  readSecrets(tree, file === undefined ? '.' : dirname(resolve(file)), form.fileKeys, locate);
  const result = z.safeParse(form.schema, tree);
  if (!result.success) throw invalid(result.error.issues.flatMap((issue) => problems(issue, locate)).join('\n'));
  return deepFreeze(result.data);
}

function readYaml(file: string): { tree: Tree; lineOf: (path: Path) => number | undefined } {
  const lines = new LineCounter();
  const document = parseDocument(
    readSmall(file, (problem) => `${file}: ${problem}`),
    { lineCounter: lines, prettyErrors: false },
  );
  const [error] = document.errors;
  if (error !== undefined) throw invalid(`${file}:${lines.linePos(error.pos[0]).line}: ${error.message}`);
  let tree: unknown;
  try {
    // No aliases: a file of a few lines could grow to gigabytes.
    tree = document.toJS({ maxAliasCount: 0 });
  } catch (cause) {
    throw invalid(`${file}: ${messageOf(cause)}`);
  }
  if (!isTree(tree)) throw invalid(`${file}:1: must be keys and values, not ${tree === null ? 'empty' : typeof tree}`);
  const lineOf = (path: Path): number | undefined => {
    for (let length = path.length; length > 0; length -= 1) {
      const node: unknown = document.getIn(path.slice(0, length), true);
      const range =
        typeof node === 'object' && node !== null && 'range' in node ? (node.range as readonly number[] | null) : null;
      if (range?.[0] !== undefined) return lines.linePos(range[0]).line;
    }
    return 1;
  };
  return { tree, lineOf };
}

/** Puts the variables over the file. Answers which key came from which variable. */
function overlay(
  tree: Tree,
  environment: Environment,
  { prefix, environmentKeys, otherVariables = {} }: Omit<ConfigForm<z.ZodMiniType>, 'schema'>,
): ReadonlyMap<string, string> {
  const known = new Map(Object.keys(environmentKeys).map((key) => [prefix + key.replaceAll('.', '_').toUpperCase(), key]));
  const used = new Map<string, string>();
  const put = (key: string, value: string, name: string): void => {
    const [first = '', second] = key.split('.');
    const read = typed(value, environmentKeys[key]);
    used.set(key, name);
    if (second === undefined) tree[first] = read;
    else {
      const section = isTree(tree[first]) ? tree[first] : {};
      section[second] = read;
      tree[first] = section;
    }
  };
  for (const [name, key] of Object.entries(otherVariables)) put(key, environment[name] ?? '', name);
  for (const [name, value] of Object.entries(environment)) {
    if (!name.startsWith(prefix) || value === undefined) continue;
    const key = known.get(name);
    if (key === undefined) throw invalid(`${name}: no such variable`);
    put(key, value, name);
  }
  return used;
}

function typed(value: string, kind: Kind | undefined): unknown {
  if (kind === 'number' && /^\d+(\.\d+)?$/.test(value)) return Number(value);
  if (kind === 'boolean' && (value === 'true' || value === 'false')) return value === 'true';
  if (kind === 'list') return value.split(',').map((one) => one.trim());
  return value;
}

/** `${NAME}` in any text becomes that environment variable. */
function expand(node: unknown, path: Path, environment: Environment, locate: Locate): void {
  if (Array.isArray(node)) return;
  if (!isTree(node)) return;
  for (const [key, value] of Object.entries(node)) {
    if (typeof value !== 'string') expand(value, [...path, key], environment, locate);
    else
      node[key] = value.replaceAll(/\$\{(\w+)\}/g, (_, name: string) => {
        const found = environment[name];
        if (found === undefined) throw invalid(`${locate([...path, key])}: the environment has no ${name}`);
        return found;
      });
  }
}

function readSecrets(tree: Tree, folder: string, fileKeys: readonly string[], locate: Locate): void {
  for (const [section, values] of Object.entries(tree)) {
    if (!isTree(values)) continue;
    for (const key of fileKeys) {
      const fileKey = `${key}_file`;
      const file = values[fileKey];
      if (file === undefined) continue;
      const where = locate([section, fileKey]);
      if (values[key] !== undefined) throw invalid(`${where}: give ${key} or ${fileKey}, not both`);
      if (typeof file !== 'string') throw invalid(`${where}: must be a path`);
      const content = readSmall(resolve(folder, file), (problem) => `${where}: ${problem}`);
      // An editor's newline at the end of a password file is no part of the password.
      values[key] = WHOLE_FILES.includes(key) ? content : content.replace(/\r?\n$/, '');
      delete values[fileKey];
    }
  }
}

function readSmall(file: string, told: (problem: string) => string): string {
  try {
    if (statSync(file).size > MOST_BYTES) throw new Error(`more than ${MOST_BYTES} bytes`);
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw invalid(told(`cannot read ${file}: ${messageOf(cause)}`), cause);
  }
}

function problems(issue: z.core.$ZodIssue, locate: Locate): readonly string[] {
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => `${locate([...issue.path, key])}: no such key`);
  return [`${locate(issue.path)}: ${issue.message}`];
}

const invalid = (message: string, cause?: unknown): AgentError => new AgentError('config_invalid', message, { cause });

const isTree = (value: unknown): value is Tree => typeof value === 'object' && value !== null && !Array.isArray(value);

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) for (const inner of Object.values(value)) deepFreeze(inner);
  return Object.freeze(value);
}
