// Runs test files, each by its own Node, so many at once. tap's own runner does the same with loaders that cost half a second a file.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { createTapReader, type FileResult } from './read-tap.ts';

/** @property jobs files at once. */
export type Lane = { readonly files: readonly string[]; readonly jobs: number };
export type RunOptions = {
  readonly root: string;
  /** For a test, and (a little more) for a file as a whole: tap ends what hangs and says where; what does not even do that is killed. */
  readonly timeoutS: number;
  /** Besides this process's own. */
  readonly environment: Readonly<Record<string, string>>;
  readonly onResult: (result: FileResult) => void;
};

const GRACE_MS = 15_000;
const WITHOUT_HOOKS = join(import.meta.dirname, 'no-async-hooks.ts');
const COMPILED = 'node_modules/.cache/node-compile';

/**
 * Lanes run beside each other; one that is through helps the first. Resolves when all have ended. Files that gave no result at all are failures with their
 * last words.
 */
export async function runFiles(lanes: readonly Lane[], options: RunOptions): Promise<readonly FileResult[]> {
  const results: FileResult[] = [];
  const waiting = lanes.map(({ files }) => [...files]);
  const work = async (own: string[]): Promise<void> => {
    for (let file = own.shift(); file !== undefined; file = own.shift() ?? waiting[0]?.shift()) {
      const result = await runFile(file, options);
      results.push(result);
      options.onResult(result);
    }
  };
  await Promise.all(lanes.flatMap(({ jobs }, at) => Array.from({ length: jobs }, () => work(waiting[at] ?? []))));
  return results;
}

async function runFile(file: string, { root, timeoutS, environment }: RunOptions): Promise<FileResult> {
  const reader = createTapReader();
  const startedAt = performance.now();
  const child = spawn(process.execPath, ['--require', WITHOUT_HOOKS, file], {
    cwd: root,
    // Stripped and compiled once for all files, and for the programs that they start: half of what a start costs.
    env: { ...process.env, TAP: '1', TAP_TIMEOUT: String(timeoutS), NODE_COMPILE_CACHE: join(root, COMPILED), ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const limit = setTimeout(() => child.kill('SIGKILL'), timeoutS * 2 * 1_000 + GRACE_MS);
  const ended = new Promise<number | null>((done) => child.once('error', () => done(null)).once('close', done));
  // As tap's runner has it: a file's own lines stand four spaces in, between its title and the line that closes it.
  reader.line(`# Subtest: ${file}`);
  for (const output of [child.stdout, child.stderr])
    createInterface({ input: output }).on('line', (line) => void reader.line(`    ${line}`));
  const code = await ended;
  clearTimeout(limit);
  const time = `# time=${(performance.now() - startedAt).toFixed(1)}ms`;
  const result = reader.line(`${code === 0 ? '' : 'not '}ok 1 - ${file} ${time}`);
  if (result === null) throw new Error(`${file}: its result cannot be read`);
  return result;
}
