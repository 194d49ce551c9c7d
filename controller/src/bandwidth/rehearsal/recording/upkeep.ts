// Pure: which recording is to be thinned out or deleted next, so that days and bytes stay within their limits.
import type { RecordingFile } from './recordings.ts';

/** @property fullMs how long every turn is kept. @property thinnedMs how long one turn a minute is kept after that, counted from the same start. */
export type RecordingLimits = { readonly fullMs: number; readonly thinnedMs: number; readonly maxBytes: number };

export type UpkeepStep = { readonly kind: 'thin' | 'delete'; readonly name: string };

/** Each start makes one; a restart each minute must not fill the folder. */
const MOST_FILES = 500;

export type Keeping = {
  readonly limits: RecordingLimits;
  readonly utcNow: number;
  /** Being written. */
  readonly openName: string | null;
  /** Could not be thinned. */
  readonly failed: ReadonlySet<string>;
};

/** Null where all is within its limits. `files` oldest first. */
export function nextUpkeep(files: readonly RecordingFile[], keeping: Keeping): UpkeepStep | null {
  const { limits, utcNow, openName, failed } = keeping;
  const closed = files.filter(({ name }) => name !== openName);
  const drop = (file: RecordingFile | undefined): UpkeepStep | null =>
    file === undefined ? null : { kind: 'delete', name: file.name };
  const thinnedStems = new Set(closed.filter(({ thinned }) => thinned).map(({ name }) => stemOf(name)));
  const age = ({ start }: RecordingFile): number => utcNow - start;
  const full = closed.filter(({ name, thinned }) => !thinned && !failed.has(name));
  const due = full.find((file) => age(file) > limits.fullMs);
  const over = files.reduce((sum, { bytes }) => sum + bytes, 0) > limits.maxBytes;
  return (
    // Thinned already: what is left of it is of an interrupted run.
    drop(full.find(({ name }) => thinnedStems.has(stemOf(name)))) ??
    drop(closed.find((file) => age(file) > Math.max(limits.fullMs, limits.thinnedMs))) ??
    (due === undefined ? null : { kind: 'thin', name: due.name }) ??
    (over && full[0] !== undefined ? { kind: 'thin', name: full[0].name } : null) ??
    (over || files.length > MOST_FILES ? drop(closed[0]) : null)
  );
}

const stemOf = (name: string): string => name.replace(/\.(turns|minutes)\.rec$/, '');
