// Pure: bench lines as a table that a person reads.
import type { BenchLine } from './bench-line.ts';

const HEAD = ['', 'bench', 'what', 'value', 'must', 'baseline', 'ratio'];
/** Numbers stand to the right. */
const RIGHT = [false, false, false, true, false, false, true];

export function tableOf(lines: readonly BenchLine[]): string {
  const rows = [HEAD, ...lines.map(cells)];
  const widths = HEAD.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const pad = (cell: string, column: number) =>
    RIGHT[column] ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0);
  return rows.map((row) => row.map(pad).join('  ').trimEnd()).join('\n');
}

function cells({ name, line, value, unit, must, baseline, baseline_value, ratio, holds }: BenchLine): readonly string[] {
  const beside = baseline === null ? '' : `${baseline}: ${baseline_value === null ? '?' : `${short(baseline_value)} ${unit}`}`;
  return [holds ? 'ok  ' : 'FAIL', name, line, `${short(value)} ${unit}`, must, beside, ratio === null ? '' : ratio.toFixed(2)];
}

/** Three significant digits, and no more than the number has: 6,300 · 0.42 · 17. */
const short = (value: number): string =>
  Number.isFinite(value)
    ? Number(value.toPrecision(value >= 1000 ? 4 : 3)).toLocaleString('en-US', { maximumFractionDigits: 6 })
    : String(value);
