// `npm run bench [-- NAME... --report FILE]`: the benches one after another, a table, a JSON report, exit code 1 where a line does not hold.
import { globSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { Bench, BenchLine } from './bench-line.ts';
import { tableOf } from './bench-table.ts';

const SUFFIX = '.bench.ts';

/** @param folder where the `*.bench.ts` lie. Their names are their files'. */
async function findBenches(folder: string, wanted: readonly string[]): Promise<readonly Bench[]> {
  const names = globSync(`*${SUFFIX}`, { cwd: folder })
    .map((file) => basename(file, SUFFIX))
    .sort();
  const unknown = wanted.filter((name) => !names.includes(name));
  if (unknown.length > 0) throw new Error(`no bench ${unknown.join(', ')}; there are ${names.join(', ') || 'none'}`);
  const chosen = wanted.length === 0 ? names : names.filter((name) => wanted.includes(name));
  if (chosen.length === 0) throw new Error(`no ${SUFFIX} file in ${folder}`);
  return Promise.all(chosen.map(async (name): Promise<Bench> => (await import(join(folder, `${name}${SUFFIX}`))).bench));
}

/** The figures are of an idle machine: a bench with a line that does not hold is measured once more, and the second run counts. */
async function measure(bench: Bench): Promise<readonly BenchLine[]> {
  process.stderr.write(`${bench.name} ...\n`);
  const first = await linesOf(bench);
  const failing = first.filter(({ holds }) => !holds);
  if (failing.length === 0) return first;
  for (const { line, value, unit, must } of failing) process.stderr.write(`  ${line}: ${value} ${unit}, must ${must}\n`);
  process.stderr.write(`${bench.name}: a line does not hold, measuring once more ...\n`);
  return linesOf(bench);
}

async function linesOf({ name, lines }: Bench): Promise<readonly BenchLine[]> {
  try {
    const measured = await lines();
    return measured.length > 0 ? measured : [broken(name, 'measured nothing')];
  } catch (error) {
    console.error(error);
    return [broken(name, `failed: ${error instanceof Error ? error.message : String(error)}`)];
  }
}

const broken = (name: string, line: string): BenchLine => ({
  ...{ name, line, value: 0, unit: '', must: 'run', holds: false },
  ...{ baseline: null, baseline_value: null, ratio: null },
});

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { report: { type: 'string' }, folder: { type: 'string', default: import.meta.dirname } },
  });
  const lines: BenchLine[] = [];
  for (const bench of await findBenches(resolve(values.folder), positionals)) {
    lines.push(...(await measure(bench)));
    // Written after each, so that a run that is cut short leaves what it measured.
    if (values.report !== undefined) writeFileSync(values.report, `${JSON.stringify(lines, null, 2)}\n`);
  }
  console.log(tableOf(lines));
  return lines.every(({ holds }) => holds) ? 0 : 1;
}

process.exitCode = await main().catch((error: Error) => {
  console.error(error.message);
  return 1;
});
