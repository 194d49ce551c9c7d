// Pure: what is gone through once more when hooks come: what is known of a place, what they tell, and what follows from it.
import type { WatchChange, WatchField, WatchState } from '../../neighbours/watch-state.ts';
import type { Seen } from './observe.ts';
import type { Point } from './past.ts';
import type { WatchValue } from './watch-fields.ts';

/** Of the place, before the hooks. Times by our clock. */
export type Known = {
  readonly seen: Seen;
  readonly past: readonly Point[];
  readonly readMs: number | null;
  readonly hookMs: number | null;
};

export type Told = {
  readonly has: WatchChange;
  readonly unmeant: readonly WatchField[];
  /** When it was so, by our clock, and how far that may be off. */
  readonly ms: number;
  readonly sureMs: number;
  /** By the server's clock; missing where that does not say when. */
  readonly utcMs?: number | undefined;
  /** By the server's own clock no hook of this place is newer. */
  readonly isNewest: boolean;
};

/** What was read because of the hooks, after all of them. */
export type Found = { readonly state: WatchState; readonly ms: number };

/** Fields that somebody set. */
export type Saying = {
  readonly said: WatchChange;
  /** What the place had before. */
  readonly before: Seen;
  readonly ms: number;
  /** As in `Observation`. */
  readonly notBeforeMs: number;
  readonly follows: boolean;
  /** When a reading found what only now is told in its own time. */
  readonly foundMs?: number;
};

/** `sayings` in the order of time; `has`: what the place has now. */
export type History = { readonly sayings: readonly Saying[]; readonly past: readonly Point[]; readonly has: WatchChange };

export type Values = Partial<Record<WatchField, WatchValue | undefined>>;
/** What the place had at a moment, what was said until then, and when each field was said last. */
export type Replay = {
  readonly now: Values;
  readonly sayings: Saying[];
  readonly points: Point[];
  readonly saidMs: Partial<Record<WatchField, number>>;
  /** When a hook told what it has now; not there where we wrote or read that. */
  readonly toldMs: Partial<Record<WatchField, number>>;
  /** What is so by the way, and nobody's wish. */
  readonly silent: Set<WatchField>;
};
