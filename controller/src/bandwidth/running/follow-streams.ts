// Pure: what becomes known of each running stream beyond what its server says: whether it keeps to the limit that stands, and what came of asking its player.
import type { PlayingStream } from '../../neighbours/media-server.ts';
import type { WatchedStream } from '../watched-streams.ts';
import type { CapState } from './cap-state.ts';

/** The limit that a viewer's server applies, the server-wide one included. Infinity is none. @property since steady ms of our last write; -Infinity where it was none of ours */
export type ServerLimit = { readonly bps: number; readonly since: number };

/** A player was asked. Steady ms, but for `utcAt`. */
export type Ask = {
  readonly kind: 'lower' | 'lift' | 'replay';
  readonly at: number;
  readonly utcAt: number;
  /** That stood then. */
  readonly limitBps: number;
  readonly rateBps: number;
  /** What its server said since, the newest last. */
  readonly readings: readonly Reading[];
};

type Reading = { readonly at: number; readonly rateBps: number | null; readonly checkInAt: number | null };

export type Followed = {
  readonly itemId: string | null;
  /** Steady ms. Unlike a stream's own start it stays where a player seeks, which negotiates nothing. */
  readonly begunAt: number;
  /** The limit of ours that stood already when it negotiated; Infinity where none did for sure. */
  readonly begunUnderBps: number;
  readonly seen: PlayingStream;
  readonly ask: Ask | null;
  /** Asked, and went on as before. */
  readonly refused: boolean;
  /** Begun anew at its place, once. */
  readonly replayed: boolean;
  /** Takes less than its file for the limit's sake. */
  readonly lowered: boolean;
  /** It was to take more again, and did not: its viewer chose that quality, or its player is deaf. */
  readonly stays: boolean;
  /** What the limit of now makes of it. */
  readonly state: CapState;
};

/** By the stream's key. */
export type Following = ReadonlyMap<string, Followed>;

/** A transcode's rate lies this far above a limit: its sound is counted at 256 k (facts/jellyfin.md §12). */
const TOLERANCE_BPS = 130_000;
/** For so long a new stream's list entry may say what is not so. */
export const UNSURE_MS = 20_000;
/** A write and its reading back, and a player's last negotiation that it may have crossed. */
const CROSSED_MS = 5_000;
const APART_MS = 500;
const MOST_READINGS = 40;
/** Of its limit: whoever takes as much as this takes all that it may. */
const NEARLY = 0.85;

/** What a limit would be held against; null where it is only guessed. */
export function rateOf({ stream, demand }: Pick<WatchedStream, 'stream' | 'demand'>): number | null {
  const { transcode } = stream;
  if (transcode !== null && !(transcode.videoDirect && transcode.audioDirect) && transcode.bps === null) return null;
  return demand.from === 'transcode' || demand.from === 'source' ? demand.bps : null;
}

export const exceeds = (rateBps: number, limitBps: number): boolean => rateBps > limitBps + TOLERANCE_BPS;

/** Takes the lists of now. Streams that are gone are forgotten, and another item begins anew. */
export function followStreams(
  before: Following,
  streams: readonly WatchedStream[],
  limitOf: (viewer: string) => ServerLimit | null,
  now: { readonly steady: number; readonly startedAt: number },
): Following {
  const next = new Map<string, Followed>();
  for (const stream of streams) {
    if (!stream.location.capped || !(stream.counts || stream.draws)) continue;
    const known = before.get(stream.key);
    const limit = limitOf(stream.viewer);
    const same = known !== undefined && known.itemId === (stream.stream.itemId ?? null) ? known : beginning(stream, limit);
    next.set(stream.key, follow(same, stream, limit, now));
  }
  return next;
}

const beginning = ({ stream, startedAt }: WatchedStream, limit: ServerLimit | null): Followed => ({
  itemId: stream.itemId ?? null,
  begunAt: startedAt,
  begunUnderBps: limit !== null && isOlder(limit, startedAt) ? limit.bps : Number.POSITIVE_INFINITY,
  seen: stream,
  ask: null,
  refused: false,
  replayed: false,
  lowered: false,
  stays: false,
  state: 'unknown',
});

function follow(
  known: Followed,
  watched: WatchedStream,
  limit: ServerLimit | null,
  { steady, startedAt }: { readonly steady: number; readonly startedAt: number },
): Followed {
  const rate = rateOf(watched);
  const isNews = watched.stream !== known.seen;
  const ask = known.ask !== null && isNews ? withReading(known.ask, watched, steady) : known.ask;
  const settled = steady - known.begunAt >= UNSURE_MS;
  // Found running at the start, it may have been us who lowered it; whoever is held by a limit of now takes nearly all of that.
  const heldNow = limit !== null && rate !== null && rate >= limit.bps * NEARLY && !exceeds(rate, limit.bps);
  const isLimited = watched.stream.transcode?.limited === true && (heldNow || known.begunAt < startedAt);
  const takesLess = rate !== null && (watched.stream.nominalBps ?? 0) > rate + TOLERANCE_BPS;
  const lowered = known.lowered ? takesLess : settled && isLimited && takesLess && !known.stays;
  const isAsBefore = !isNews && ask === known.ask && lowered === known.lowered;
  const next = isAsBefore ? known : { ...known, seen: watched.stream, ask, lowered: lowered && !known.stays };
  const state = capStateOf(watched, next, limit, steady);
  return state === next.state ? next : { ...next, state };
}

function withReading(ask: Ask, watched: WatchedStream, at: number): Ask {
  const last = ask.readings.at(-1);
  if (ask.readings.length >= MOST_READINGS || (last !== undefined && at - last.at < APART_MS)) return ask;
  return { ...ask, readings: [...ask.readings, { at, rateBps: rateOf(watched), checkInAt: watched.stream.lastCheckInAt }] };
}

/** What a limit makes of this stream. */
export function capStateOf(
  watched: WatchedStream,
  followed: Omit<Followed, 'state'>,
  limit: ServerLimit | null,
  now: number,
): CapState {
  if (followed.ask !== null) return 'asked';
  if (limit === null) return 'unknown';
  if (limit.bps === Number.POSITIVE_INFINITY) return 'free';
  const rate = rateOf(watched);
  if (rate === null) return 'unknown';
  if (!exceeds(rate, limit.bps)) return 'obeyed';
  if (followed.refused) return 'ignored';
  return exceeds(rate, followed.begunUnderBps) && now - followed.begunAt >= UNSURE_MS ? 'ignored' : 'pending';
}

/** Of a limit that stood before our start it is not known since when it does. */
const isOlder = ({ since }: ServerLimit, at: number): boolean => since !== Number.NEGATIVE_INFINITY && at > since + CROSSED_MS;
