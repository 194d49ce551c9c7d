// Pure: how a user's item of a server came to be as it was last seen: the last few changes, ours and others', so that a hook that comes late is understood.
import type { WatchChange, WatchField } from '../../neighbours/watch-state.ts';
import type { Registers, Seen } from './observe.ts';
import { FIELDS, isSame, onlyFields, type WatchValue } from './watch-fields.ts';

/**
 * By our clock. `write`: by us, at some moment between the two; null: its answer was never heard. `read`: it was so at some moment between the two.
 * Of `hook` both are the same.
 */
export type Point = {
  readonly by: 'write' | 'read' | 'hook';
  readonly fromMs: number;
  readonly toMs: number | null;
  /** Of a hook whose time was known badly: that by its server's clock, and how far ours may be off. */
  readonly unsure?: { readonly utcMs: number; readonly sureMs: number } | undefined;
  /** Of the fields that became another. */
  readonly was: Seen;
  readonly is: WatchChange;
};

/** A hook that is older says nothing that reading has not told since. */
const KEPT_MS = 60_000;
const MOST_KEPT = 8;

/** In the order of time; the old ones go. */
export function withPoint(past: readonly Point[], point: Point, nowMs: number): readonly Point[] {
  if (Object.keys(point.is).length === 0) return past;
  const kept = past.filter(({ fromMs, toMs }) => (toMs ?? fromMs) > nowMs - KEPT_MS);
  return [...kept, point].sort((a, b) => a.fromMs - b.fromMs).slice(-MOST_KEPT);
}

/** Known so well, a time needs no mending. */
const SURE_MS = 200;

/** What a point of a hook remembers of its time. */
export const unsureOf = (utcMs: number | undefined, sureMs: number): Pick<Point, 'unsure'> =>
  utcMs === undefined || sureMs <= SURE_MS || !Number.isFinite(sureMs) ? {} : { unsure: { utcMs, sureMs } };

/** Hooks of one server are in the order of its own clock: those whose times were known badly have better ones as soon as that clock is known. */
export function redated(
  past: readonly Point[],
  skew: { readonly ms: number; readonly plusMinusMs: number } | null,
): readonly Point[] {
  if (skew === null || skew.plusMinusMs > SURE_MS || past.every(({ unsure }) => unsure === undefined)) return past;
  const now = past.map(({ unsure, ...point }) => {
    if (unsure === undefined) return point;
    const ms = unsure.utcMs - skew.ms;
    // Farther than it may have been off: its clock was set meanwhile.
    return Math.abs(ms - point.fromMs) > unsure.sureMs ? point : { ...point, fromMs: ms, toMs: ms };
  });
  return now.sort((a, b) => a.fromMs - b.fromMs);
}

/** Made before all that is remembered: what was so then, nobody knows any more, and what was so after it, a reading has told. */
export const isForgotten = (
  { past, readMs }: { readonly past: readonly Point[]; readonly readMs: number | null },
  ms: number,
): boolean => past.length === MOST_KEPT && ms < (past[0]?.fromMs ?? 0) && ms < (readMs ?? 0);

/** The write that was on its way was done. */
export const withEnd = (past: readonly Point[], endMs: number): readonly Point[] =>
  past.map((point) => (point.toMs === null ? { ...point, toMs: endMs } : point));

/** After a reading it is known what became of a write whose answer was never heard: of what is not there, nothing was done. */
export function withFound(past: readonly Point[], found: Seen, endMs: number): readonly Point[] {
  return past.flatMap((point) => {
    if (point.toMs !== null) return [point];
    const done = FIELDS.filter((field) => field in point.is && isSame(field, point.is[field], found[field]));
    return done.length === 0 ? [] : [{ ...point, toMs: endMs, was: onlyFields(point.was, done), is: onlyFields(point.is, done) }];
  });
}

export const isOpen = ({ toMs }: Point): boolean => toMs === null;

/** What it had then, as far as is known: of a write without an answer nobody knows. */
export function valueAt(
  { seen, past }: { seen: Seen; past: readonly Point[] },
  field: WatchField,
  ms: number,
): WatchValue | undefined {
  const known = past.filter((point) => field in point.is && !isOpen(point));
  const next = known.find(({ fromMs }) => fromMs > ms);
  if (next === undefined) return seen[field];
  const last = known.findLast(({ fromMs }) => fromMs <= ms);
  return last === undefined ? next.was[field] : last.is[field];
}

/** What it may have had at a moment that is known so well: hooks of one server are sure among themselves, our own doings beside them are not. What a reading found is told by a hook, too. */
export function mayHaveHad(
  known: { seen: Seen; past: readonly Point[] },
  field: WatchField,
  { ms, sureMs }: { ms: number; sureMs: number },
): readonly (WatchValue | undefined)[] {
  const near = known.past.filter(
    ({ by, fromMs, toMs, is }) =>
      by !== 'hook' && field in is && fromMs <= ms + sureMs && (toMs ?? Number.POSITIVE_INFINITY) >= ms - sureMs,
  );
  return [
    valueAt(known, field, ms),
    ...near.flatMap(({ by, was, is }) => (by === 'write' ? [was[field], is[field]] : [was[field]])),
  ];
}

/** We wrote this, and may have done so at that moment or later. */
export const isOurs = (past: readonly Point[], field: WatchField, value: WatchValue | undefined, sinceMs: number): boolean =>
  past.some(
    ({ by, toMs, is }) =>
      by === 'write' && field in is && isSame(field, is[field], value) && (toMs ?? Number.POSITIVE_INFINITY) >= sinceMs,
  );

/** We wrote this, and never heard whether it was done. */
export const isUnheard = (past: readonly Point[], field: WatchField, value: WatchValue | undefined): boolean =>
  past.some(({ by, toMs, is }) => by === 'write' && toMs === null && field in is && isSame(field, is[field], value));

/**
 * What a server is last seen to have, after this. Who goes on by half a second, again and again, has gone on: what was last seen stays until it differs, and
 * what is the same as what is agreed is taken for that.
 */
export function seenNow(before: Seen, has: WatchChange, registers: Registers): Seen {
  const now: Record<string, WatchValue | undefined> = { ...before };
  for (const field of FIELDS) {
    const [value, agreed] = [has[field], registers[field]?.value];
    if (value === undefined) continue;
    if (agreed !== undefined && isSame(field, value, agreed)) now[field] = agreed;
    else if (!isSame(field, value, before[field])) now[field] = value;
  }
  return now as Seen;
}

/** The fields that became another. */
export function changed(before: Seen, after: WatchChange): Pick<Point, 'was' | 'is'> {
  const fields = FIELDS.filter((field) => field in after && !isSame(field, before[field], after[field]));
  return {
    was: Object.fromEntries(fields.map((field) => [field, before[field]])) as Seen,
    is: Object.fromEntries(fields.map((field) => [field, after[field]])) as WatchChange,
  };
}
