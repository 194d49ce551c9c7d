// `npm test [-- PATH...]` and `npm run soak`: all test files of all workspaces through tap, one line a file, a count at the end.
import { spawn } from 'node:child_process';
import { globSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { buildTap } from './build-tap.ts';
import { createTapReader, type FileResult } from './read-tap.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const KINDS = {
  // Each file takes seconds; a machine that is busy with other things may take its time.
  test: { pattern: '*/test/**/*.test.ts', flags: ['--timeout=90'] },
  // Soaks take minutes and measure: one at a time, with time.
  soak: { pattern: '*/test/**/*.soak.ts', flags: ['--jobs=1', '--timeout=1800'] },
} as const;

/** Those of `wanted` that match no file: most likely a slip of the pen. */
const unmatched = (files: readonly string[], wanted: readonly string[]): readonly string[] =>
  wanted.filter((path) => !files.some((file) => file.includes(path) || file.includes(relative(ROOT, resolve(path)))));

/** Files of a kind; with `wanted`, those whose path begins with one of them, or contains it. */
function filesOf(pattern: string, wanted: readonly string[]): readonly string[] {
  const all = globSync(pattern, { cwd: ROOT, exclude: (path) => path.includes('node_modules') }).sort();
  const paths = wanted.map((path) => relative(ROOT, resolve(path)));
  return wanted.length === 0 ? all : all.filter((file) => [...paths, ...wanted].some((part) => file.includes(part)));
}

function show(result: FileResult): void {
  const state = result.failed > 0 ? 'FAIL' : 'ok  ';
  const skipped = result.skipped > 0 ? `, ${result.skipped} skipped` : '';
  const failed = result.failed > 0 ? `, ${result.failed} failed` : '';
  console.log(`${state} ${result.file}  ${result.passed} passed${failed}${skipped}  ${(result.ms / 1000).toFixed(1)} s`);
  for (const line of result.failures) console.log(line);
}

async function runTap(files: readonly string[], flags: readonly string[]): Promise<{ results: FileResult[]; code: number }> {
  const tap = resolve(ROOT, 'node_modules/.bin/tap');
  const child = spawn(tap, ['--reporter=tap', ...flags, ...files], { cwd: ROOT, stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise<number>((done, fail) => child.once('error', fail).once('close', (code) => done(code ?? 1)));
  const results: FileResult[] = [];
  const reader = createTapReader();
  for await (const line of createInterface({ input: child.stdout })) {
    const result = reader.line(line);
    if (result === null) continue;
    results.push(result);
    show(result);
  }
  return { results, code: await ended };
}

const [kind, ...wanted] = process.argv.slice(2);
const { pattern, flags } = KINDS[kind === 'soak' ? 'soak' : 'test'];
const files = filesOf(pattern, wanted);
await buildTap(ROOT, console.log);
const startedAt = performance.now();
const { results, code } = files.length === 0 ? { results: [], code: 0 } : await runTap(files, flags);
const sum = (key: 'passed' | 'failed' | 'skipped') => results.reduce((total, result) => total + result[key], 0);
// A file that tap never told of, or a tap that fails without a failed test, is a failure too.
const silent = files.length - results.length;
if (silent > 0) console.log(`FAIL ${silent} of ${files.length} test files gave no result`);
const nothing = files.length === 0 && wanted.length === 0 ? [pattern] : unmatched(files, wanted);
for (const path of nothing) console.log(`FAIL no test file matches ${path}`);
const failed = sum('failed') + silent + nothing.length;
const lost = failed === 0 && code !== 0 ? 1 : 0;
if (lost > 0) console.log(`FAIL tap ended with exit code ${code}`);
const skipped = sum('skipped');
console.log(
  `${results.length} files in ${((performance.now() - startedAt) / 1000).toFixed(1)} s${skipped > 0 ? `, ${skipped} skipped` : ''}`,
);
console.log(`${sum('passed')} passed, ${failed + lost} failed`);
process.exitCode = failed + lost > 0 ? 1 : 0;
