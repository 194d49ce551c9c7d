// The last seconds of a channel as byte runs in the order of release, for viewers that join and viewers that lag. Pure.
import { PACKET } from './packet.ts';
import { type Counters, countersAt } from './skip-mark.ts';
import type { PlacedUnit } from './unit.ts';

export type GopRingLimits = {
  /** Held at most, beside the run that was just put in. */
  readonly mostBytes: number;
  /** Media time from the oldest key frame held to the newest unit, beside the newest GOP: one longer than this stays whole. */
  readonly mostTicks: number;
};

/** What was released at once; split before each key frame. Numbered from 0 on, without a hole. */
export type Run = { readonly number: number; readonly bytes: Uint8Array };

/** A run that begins with PAT, PMT and a key frame. */
export type KeyRun = {
  readonly number: number;
  /** PTS of the key frame. */
  readonly pts: number;
  /** What the counters of its packets, and of the next sound, begin with: for a mark before it. */
  readonly counters: Counters;
};

/**
 * A viewer's cursor is the number of the run that it gets next. Whole GOPs fall out at the old end; a GOP that alone is over the limits
 * in bytes loses its first runs, and nobody can join until the next key frame.
 */
export type GopRing = {
  /** Puts in what is released now, in order: one run, or one more for each key frame in it. */
  push(units: readonly PlacedUnit[]): void;
  /** Number of the run that the next `push` makes: the cursor of a viewer who has everything. */
  head(): number;
  /** Number of the oldest run held; `head()` where none is. */
  tail(): number;
  /** Key frame to join at so as to stand at `ticks`: the newest with a PTS at or before it, else the oldest; null where none is held. */
  keyFor(ticks: number): KeyRun | null;
  newestKey(): KeyRun | null;
  /** Runs from the cursor on, up to `mostBytes` but at least one; empty at the head. Null where they have fallen out: skip. */
  read(from: number, mostBytes: number): readonly Run[] | null;
  /** Bytes from the cursor to the head; null where it has fallen out. */
  behind(from: number): number | null;
  bytes(): number;
};

type Held = Run & {
  /** Bytes of all runs ever before this one. */
  readonly before: number;
};

type State = GopRingLimits & {
  readonly runs: Held[];
  readonly keys: KeyRun[];
  next: number;
  /** Bytes of all runs ever, and of those that fell out. */
  total: number;
  dropped: number;
  lastPts: number;
  /** Next continuity counter of sound. */
  audioCounter: number;
};

export function createGopRing(limits: GopRingLimits): GopRing {
  const state: State = { ...limits, runs: [], keys: [], next: 0, total: 0, dropped: 0, lastPts: 0, audioCounter: 0 };
  const tail = () => state.next - state.runs.length;
  return {
    push: (units) => push(state, units),
    head: () => state.next,
    tail,
    keyFor: (ticks) => state.keys.findLast(({ pts }) => pts <= ticks) ?? state.keys[0] ?? null,
    newestKey: () => state.keys.at(-1) ?? null,
    read: (from, mostBytes) => (from < tail() ? null : runsFrom(state, from - tail(), mostBytes)),
    behind: (from) => (from < tail() ? null : state.total - (state.runs[from - tail()]?.before ?? state.total)),
    bytes: () => state.total - state.dropped,
  };
}

function push(state: State, units: readonly PlacedUnit[]): void {
  for (let from = 0; from < units.length; ) {
    let to = from + 1;
    while (to < units.length && !opensGop(units[to])) to++;
    put(state, units.slice(from, to));
    from = to;
  }
  evict(state);
}

const opensGop = (unit: PlacedUnit | undefined): boolean => unit?.kind === 'video' && unit.key;

function put(state: State, units: readonly PlacedUnit[]): void {
  const first = units[0];
  if (first === undefined) return;
  const number = state.next++;
  if (opensGop(first)) state.keys.push({ number, pts: first.pts, counters: countersAt(first.bytes, state.audioCounter) });
  const bytes = units.length === 1 ? first.bytes : joined(units);
  state.runs.push({ number, bytes, before: state.total });
  state.total += bytes.length;
  for (const unit of units) {
    state.lastPts = Math.max(state.lastPts, unit.pts);
    if (unit.kind === 'audio') state.audioCounter = ((unit.bytes[unit.bytes.length - PACKET + 3] ?? 0) + 1) & 0x0f;
  }
}

function joined(units: readonly PlacedUnit[]): Uint8Array {
  const bytes = new Uint8Array(units.reduce((sum, unit) => sum + unit.bytes.length, 0));
  let to = 0;
  for (const unit of units) {
    bytes.set(unit.bytes, to);
    to += unit.bytes.length;
  }
  return bytes;
}

function evict(state: State): void {
  const { runs, keys, mostBytes, mostTicks } = state;
  const isOld = () => keys.length > 1 && state.lastPts - (keys[0]?.pts ?? 0) > mostTicks;
  const over = () => runs.length > 1 && (state.total - state.dropped > mostBytes || isOld());
  while (over()) {
    const oldest = runs[0]?.number ?? 0;
    // Up to the second key frame; what stands before the first one is of no use to anybody who joins.
    const until = keys.find(({ number }) => number > oldest)?.number ?? oldest + 1;
    const gone = runs.splice(0, until - oldest);
    for (const { bytes } of gone) state.dropped += bytes.length;
    while (keys[0] !== undefined && keys[0].number < until) keys.shift();
  }
}

function runsFrom({ runs }: State, index: number, mostBytes: number): readonly Run[] {
  let to = index;
  for (let bytes = 0; to < runs.length; to++) {
    bytes += runs[to]?.bytes.length ?? 0;
    if (bytes > mostBytes && to > index) break;
  }
  return runs.slice(index, to);
}
