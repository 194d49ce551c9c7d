// `import`: reads another program's configuration and answers with, or writes, the controller.yaml that means the same.
import { open } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { ControllerError, messageOf } from '../../errors.ts';
import { lineOf, problemsOf } from '../config-problems.ts';
import { configSchema } from '../config-schema.ts';
import { readSmall } from '../referenced-files.ts';
import { readYaml } from '../yaml-source.ts';
import { variablesIn } from './imported.ts';
import { HEADGATE, invalid, PROGRAMS, programOf } from './programs.ts';

export type ImportOptions = {
  /** From `--from`. */
  readonly from: string | undefined;
  /** The old file. */
  readonly file: string | undefined;
  /** From `--out`: a file that is not there yet. */
  readonly out: string | undefined;
  readonly algorithms: readonly string[];
};

export type ImportAnswer = {
  /** For standard output: the YAML, what was left out at its end as comments; or, where that is in a file now, that it is. */
  readonly answer: string;
  /** What was left out, a line each, for whoever sends the answer into a file unread. */
  readonly remarks: readonly string[];
};

export async function importConfig({ from, file, out, algorithms }: ImportOptions): Promise<ImportAnswer> {
  const names = Object.keys(PROGRAMS);
  const program = from !== undefined && Object.hasOwn(PROGRAMS, from) ? PROGRAMS[from] : undefined;
  if (from === undefined || program === undefined) throw invalid(`import needs --from ${names.join(' or --from ')}`);
  if (file === undefined) throw invalid(`import --from ${from} needs the file: import --from ${from} ${program.usualFile}`);
  const content = await readSmall(resolve(file), MAX_FILE_BYTES);
  if ('problem' in content) throw invalid(content.problem);
  const source = readYaml(content.text.replace(/^\uFEFF/, ''), null);
  if (source.problems.length > 0) throw invalid(...source.problems.map((one) => lineOf(file, one)));
  const looksLike = programOf(source.value);
  if (looksLike === HEADGATE) throw invalid(`${file} is a configuration of Headgate already: start it with --config ${file}`);
  if (looksLike !== undefined && looksLike !== from)
    throw invalid(`${file} looks like the configuration of ${looksLike}: import --from ${looksLike} ${file}`);
  const { lines, leftOut } = program.turn(source, file, out !== undefined);
  const told = leftOut.map(({ key, why }) => `${key}: ${why}`);
  const yaml = `${[...headOf(from, file, lines), ...lines, ...footOf(told)].join('\n')}\n`;
  await checkResult(yaml, file, algorithms);
  if (out === undefined) return { answer: yaml, remarks: told };
  await writeNew(resolve(out), yaml);
  const next = `${out} is written, and holds its secrets: only you can read it. Check it with --config ${out} --test`;
  return { answer: `${[next, ...told.map((line) => `not taken over: ${line}`)].join('\n')}\n`, remarks: [] };
}

const MAX_FILE_BYTES = 1024 * 1024;

function headOf(from: string, file: string, lines: readonly string[]): readonly string[] {
  const name = basename(file).replaceAll(/[^\w. -]/g, '_');
  const variables = variablesIn(lines.join('\n'));
  return [
    `# Headgate's controller.yaml, made from ${name} of ${from}. All keys: controller/CONFIGURATION.md`,
    ...(variables.length === 0 ? [] : [`# To be set in its environment before the start: ${variables.join(', ')}`]),
    '',
  ];
}

const footOf = (told: readonly string[]): readonly string[] =>
  told.length === 0
    ? ['', '# Everything was taken over.']
    : ['', '# Not taken over, or not as it was:', ...told.map((line) => `# ${line}`)];

/** Whatever the old file said: what is given out can be loaded. */
async function checkResult(yaml: string, file: string, algorithms: readonly string[]): Promise<void> {
  const source = readYaml(yaml, Object.fromEntries(variablesIn(yaml).map((name) => [name, 'x'])));
  const schema = configSchema({ algorithms, readFile: async () => ({ problem: '' }), absolute: (path) => path });
  const result = await schema.safeParseAsync(source.value);
  const wrong = result.success ? source.problems : problemsOf(result.error.issues, source, {});
  if (wrong.length === 0) return;
  throw invalid(
    ...wrong.map((one) => `${file} makes a configuration that Headgate refuses: ${one.path.join('.')}: ${one.sentence}`),
  );
}

async function writeNew(path: string, text: string): Promise<void> {
  try {
    await using file = await open(path, 'wx', 0o600);
    await file.writeFile(text);
    await file.sync();
  } catch (cause) {
    const exists = cause instanceof Error && 'code' in cause && cause.code === 'EEXIST';
    const why = exists ? 'is there already and stays as it is: name a new file' : `cannot be written: ${messageOf(cause)}`;
    throw new ControllerError('config_invalid', `--out ${path} ${why}`, { cause });
  }
}
