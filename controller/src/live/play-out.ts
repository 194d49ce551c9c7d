// What a channel sends next: the frames of the programme that is on, joined to its successor's at the scheduled place, and the slate wherever none is ready.
import type { Feed } from './feed.ts';
import type { SlateLoop } from './slate-loop.ts';
import type { TimeLine } from './time-line.ts';
import { TICKS_PER_MS } from './time-line.ts';
import type { Splicer } from './transport-stream/splicer.ts';
import type { PlacedUnit, Unit } from './transport-stream/unit.ts';

/** A programme that gave nothing for so long makes way for the slate, if it is behind as well. Viewers have more than that in hand. */
const SILENT_MS = 700;
/** One that gives too little makes way when it is so far behind. */
const TOO_LATE_MS = 5_000;
/** Ends one round of the loop: no tick sends more than these frames (20 s of pictures with their sound). */
const MAX_UNITS = 2_000;

export type PlayOutDeps = {
  readonly splicer: Splicer;
  readonly timeLine: TimeLine;
  readonly frameTicks: number;
  /** A programme may run late by less than this; more is made up for by dropping up to its next key frame. */
  readonly gopTicks: number;
  /** The programme of the schedule at a moment, where it has one that runs. */
  readonly feedAt: (ms: number) => Feed | null;
  /** How long the feed's step lasts on the present schedule; null where it is not on it any more. */
  readonly endOf: (feed: Feed) => number | null;
  /** What stands in where no programme is ready. */
  readonly slate: () => SlateLoop | null;
  /** A programme begins, so late. */
  readonly onJoin: (feed: Feed, lateTicks: number) => void;
};

export type PlayOut = {
  /** All frames up to the live edge, or as many as there are. The slate is sent up to `slateTicks` only. */
  advance(edgeTicks: number, slateTicks: number): readonly PlacedUnit[];
  /** The programme that is on; null while the slate is. */
  current(): Feed | null;
  /** End of what was sent. */
  frontTicks(): number;
  /** Goes on with the slate. */
  drop(): void;
};

export function createPlayOut(deps: PlayOutDeps): PlayOut {
  const { splicer, timeLine, frameTicks } = deps;
  let current: Feed | null = null;
  const slate = createSlateFill(deps);
  /** Sound that belongs before the cut stands behind pictures that belong after it. */
  const leave = (feed: Feed, atTicks: number, sent: PlacedUnit[]): void => {
    splicer.until(atTicks);
    for (const unit of feed.queued()) {
      if (splicer.reachedUntil()) break;
      const placed = splicer.place(unit);
      if (placed !== null) sent.push(placed);
    }
    current = null;
  };
  const join = ({ feed, unit, atTicks }: Beginning): void => {
    const from = Math.max(atTicks, splicer.endTicks());
    splicer.cut(from, unit.pts);
    current = feed;
    deps.onJoin(feed, from - atTicks);
  };
  /** The next frame of what is on. False: nothing more can be sent now. */
  const step = (feed: Feed, end: number, edge: number, sent: PlacedUnit[]): boolean => {
    const [unit] = feed.queued();
    if (unit === undefined) {
      if (feed.ended() === null && !hasStarved(feed, (edge - splicer.endTicks()) / TICKS_PER_MS)) return false;
      current = null;
      return true;
    }
    const place = splicer.wouldPlace(unit);
    if (place >= end && unit.kind === 'video') {
      leave(feed, end, sent);
      return true;
    }
    if (place > edge) return false;
    feed.take();
    const placed = splicer.place(unit);
    if (placed !== null) sent.push(placed);
    return true;
  };
  const goOn = (feed: Feed, edge: number, sent: PlacedUnit[]): boolean => {
    const endMs = deps.endOf(feed);
    // Taken off the schedule: it goes on until its successor can begin.
    const successor = endMs === null ? beginnable(deps, feed, splicer.endTicks(), edge) : null;
    if (successor !== null && successor.atTicks < splicer.endTicks() + frameTicks) {
      leave(feed, splicer.endTicks(), sent);
      return true;
    }
    return step(feed, timeLine.ticksOf(endMs ?? feed.step.endMs), edge, sent);
  };
  const begin = (edge: number, slateTicks: number, sent: PlacedUnit[]): boolean => {
    const found = beginnable(deps, null, splicer.endTicks(), edge);
    // Early: the slate fills up to its place.
    slate.upTo(found !== null && found.atTicks <= edge ? found.atTicks : slateTicks, sent);
    if (found === null || found.atTicks > edge) return false;
    slate.leave(sent);
    join(found);
    return true;
  };
  return {
    advance(edgeTicks, slateTicks) {
      const sent: PlacedUnit[] = [];
      for (let more = true; more && sent.length < MAX_UNITS; )
        more = current === null ? begin(edgeTicks, slateTicks, sent) : goOn(current, edgeTicks, sent);
      return sent;
    },
    current: () => current,
    frontTicks: () => splicer.endTicks(),
    drop: () => {
      current = null;
    },
  };
}

type SlateFill = {
  /** Sends it up to a place on the time line: whole frames, so up to one more. */
  upTo(ticks: number, sent: PlacedUnit[]): void;
  /** Sends the sound that belongs to the pictures that were sent. */
  leave(sent: PlacedUnit[]): void;
};

function createSlateFill({ splicer, slate }: PlayOutDeps): SlateFill {
  let loop: SlateLoop | null = null;
  let endedAt = Number.NaN;
  const send = (from: SlateLoop, sent: PlacedUnit[]): void => {
    const placed = splicer.place(from.peek().unit);
    if (placed !== null) sent.push(placed);
    from.next();
  };
  return {
    upTo(ticks, sent) {
      const next = slate();
      if (next === null) return;
      // Something else was sent since, or it is another slate.
      if (next !== loop || splicer.endTicks() !== endedAt) next.rewind();
      loop = next;
      while (splicer.endTicks() < ticks && sent.length < MAX_UNITS) {
        if (next.peek().isFirst) splicer.cut(splicer.endTicks());
        send(next, sent);
      }
      endedAt = splicer.endTicks();
    },
    leave(sent) {
      if (loop === null || splicer.endTicks() !== endedAt) return;
      splicer.until(endedAt);
      while (!splicer.reachedUntil() && !loop.peek().isFirst) send(loop, sent);
    },
  };
}

const hasStarved = (feed: Feed, behindMs: number): boolean =>
  behindMs > TOO_LATE_MS || (behindMs > SILENT_MS && feed.silentMs() > SILENT_MS);

type Beginning = { readonly feed: Feed; readonly unit: Unit; readonly atTicks: number };

/** The programme that is to play at `front`, else the one of the live edge, at the first key frame that is less than a GOP late; not `except`. */
function beginnable(deps: PlayOutDeps, except: Feed | null, front: number, edge: number): Beginning | null {
  const { timeLine, frameTicks, feedAt } = deps;
  // The last frame before a boundary may end a little short of it.
  const here = except === null ? feedAt(timeLine.msOf(front + frameTicks)) : null;
  return beginningOf(deps, here, front) ?? beginningOf(deps, exceptThis(except, feedAt(timeLine.msOf(edge))), front);
}

const exceptThis = (except: Feed | null, feed: Feed | null): Feed | null => (feed === except ? null : feed);

function beginningOf({ timeLine, gopTicks }: PlayOutDeps, feed: Feed | null, front: number): Beginning | null {
  if (feed === null) return null;
  for (let unit = feed.toKeyFrame(); unit !== null; unit = feed.toKeyFrame()) {
    const atTicks = timeLine.ticksOf(feed.belongsAtMs(unit));
    if (front - atTicks < gopTicks) return { feed, unit, atTicks };
    feed.take();
  }
  return null;
}
