// `npm test [-- PATH...]` and `npm run soak`: all test files of all workspaces, one line a file, a count at the end.
import { globSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import { buildPrograms } from './build-programs.ts';
import { buildTap } from './build-tap.ts';
import type { FileResult } from './read-tap.ts';
import { type Lane, runFiles } from './run-files.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const KINDS = {
  // A machine that is busy with other things may take its time.
  test: { pattern: '*/test/**/*.test.ts', timeoutS: 90 },
  // Soaks take minutes and measure: one at a time, with time.
  soak: { pattern: '*/test/**/*.soak.ts', timeoutS: 1_800 },
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

/** Less than a quarter of their time is work. */
const PATIENT =
  /^agent-router\/|end-to-end\/(agent-|cake-|notifications|saturated|shaper-|usage|wan-)|bandwidth-service-running|other-traffic-viewers/;

/**
 * Most files take seconds and wait for half of them: more at once than there are cores. Beside them those that play films, one at a time, for which one
 * core is just enough, and two at a time of those that look at seconds that pass and leave the cores to the others: the router agent's, and a few more.
 */
function lanesOf(files: readonly string[]): readonly Lane[] {
  const isFilm = (file: string): boolean => /end-to-end\/channels-|controller\/test\/(live|ffmpeg)\//.test(file);
  const isPatient = (file: string): boolean => PATIENT.test(file);
  return [
    { files: mixed(files.filter((file) => !isFilm(file) && !isPatient(file))), jobs: 3 },
    { files: files.filter(isFilm).reverse(), jobs: 1 },
    { files: files.filter(isPatient), jobs: 2 },
  ];
}

/** Those that wait among those that work: the first and the last by turns, so that end-to-end files lie between small ones. */
function mixed(files: readonly string[]): readonly string[] {
  const [front, back] = [files.slice(0, Math.ceil(files.length / 2)), files.slice(Math.ceil(files.length / 2)).reverse()];
  return front.flatMap((file, i) => [...back.slice(i, i + 1), file]);
}

const [kind, ...wanted] = process.argv.slice(2);
const { pattern, timeoutS } = KINDS[kind === 'soak' ? 'soak' : 'test'];
const files = filesOf(pattern, wanted);
await buildTap(ROOT, console.log);
// A few files are done before the bundles would be.
const environment = kind === 'test' && wanted.length === 0 ? await buildPrograms(ROOT) : {};
const startedAt = performance.now();
const lanes = kind === 'soak' ? [{ files, jobs: 1 }] : lanesOf(files);
const results = await runFiles(lanes, { root: ROOT, timeoutS, environment, onResult: show });
const sum = (key: 'passed' | 'failed' | 'skipped') => results.reduce((total, result) => total + result[key], 0);
const nothing = files.length === 0 && wanted.length === 0 ? [pattern] : unmatched(files, wanted);
for (const path of nothing) console.log(`FAIL no test file matches ${path}`);
const failed = sum('failed') + nothing.length;
const skipped = sum('skipped');
console.log(
  `${results.length} files in ${((performance.now() - startedAt) / 1000).toFixed(1)} s${skipped > 0 ? `, ${skipped} skipped` : ''}`,
);
console.log(`${sum('passed')} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;
