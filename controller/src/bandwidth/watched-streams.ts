// Pure: what the servers say of playing streams, made into streams that count: where they are, what they take, whether they still live.
import type { MediaServerRules, PlayingStream } from '../neighbours/media-server.ts';
import type { CapState } from './running/cap-state.ts';
import { type Demand, demandOf } from './stream-demand.ts';
import { createLocator, type HomeRanges, type ViewerLocation } from './viewer-location.ts';

/** One stream with what we think of it. Times are steady ms. */
export type WatchedStream = {
  readonly key: string;
  readonly server: string;
  /** `server/user id`, the key of the viewer's cap. */
  readonly viewer: string;
  readonly stream: PlayingStream;
  readonly location: ViewerLocation;
  readonly demand: Demand;
  readonly startedAt: number;
  /** Plays now, outside, on this uplink: it counts. */
  readonly counts: boolean;
  /** What it takes is ours still, where the WAN's traffic is told apart: it counts, or counted until a minute ago and is paused. */
  readonly draws: boolean;
  /** Its player has been silent for two minutes: cut off, though the server still lists it. */
  readonly cutOff: boolean;
  /** How it keeps to the limit that its server applies to it. */
  readonly capState: CapState;
  /** What it would take without limits: what it is given its share by. */
  readonly wishBps: number;
  /** What it takes of the line, by what was learned of players like it; `demand` where nothing was. */
  readonly wireBps: number;
};

/** What the server said of a time, and when that was here, kept while it says the same: clocks are compared once, so a clock that is set later moves nothing. */
type SaidTime = { readonly said: number | null; readonly steadyAt: number };
/** `pausedAt`: steady ms when it was first seen paused; null while it plays. */
type StreamTimes = {
  readonly checkIn: SaidTime;
  readonly start: SaidTime;
  readonly pausedAt: number | null;
  readonly placed: Placed;
  /** What was made of it last: the same object while nothing of it changed. */
  readonly watched: WatchedStream;
};
/** Where it is, and what that was read from: each second anew it would be half of what a large house costs. */
type Placed = {
  readonly from: Pick<PlayingStream, 'address' | 'userId'> & { readonly saidPlace: PlayingStream['saidPlace'] | undefined };
  readonly ranges: HomeRanges;
  readonly rules: MediaServerRules | null;
  readonly location: ViewerLocation;
  /** The viewer's key: the same text in each second, for it is looked up a dozen times in each. */
  readonly viewer: string;
};
export type SaidTimes = ReadonlyMap<string, StreamTimes>;

export type HeardSessions = {
  readonly server: string;
  readonly onUplink: boolean;
  /** A stream counts for this long after it was paused. */
  readonly pauseGraceMs: number;
  /** The server's users can be limited. */
  readonly limits: boolean;
  readonly streams: readonly PlayingStream[];
  readonly rules: MediaServerRules | null;
  /** Steady ms and UTC ms of the same moment, to bring the server adapter's UTC times onto the steady clock. */
  readonly steadyAt: number;
  readonly utcAt: number;
};

/** The web client reports each 10 s, others up to once a minute; Jellyfin itself gives up after 5 min. */
const CUT_OFF_MS = 120_000;
/**
 * A paused player fills its buffer, and what is set aside for it hides some of other people's traffic: were that seen anew in each pause
 * that is a little longer than the grace, limits would move at each of them. As long as `restore_after` usually is.
 */
const LINGER_MS = 60_000;
const DAY_MS = 24 * 3_600_000;

export const viewerKey = (server: string, userId: string): string => `${server}/${userId}`;

/** `until`: steady ms from which on it is another by the age of what was said, though nothing new is. */
export function watchStreams(
  heard: HeardSessions,
  ranges: HomeRanges,
  before: SaidTimes,
): { readonly streams: readonly WatchedStream[]; readonly said: SaidTimes; readonly until: number } {
  let until = Number.POSITIVE_INFINITY;
  const said = new Map<string, StreamTimes>();
  const place = createPlacer(ranges, heard);
  const streams = heard.streams.map((stream): WatchedStream => {
    const key = `${heard.server}/${stream.id}`;
    const known = before.get(key);
    const times = known?.watched.stream === stream && known.placed === place(stream, known.placed) ? known : null;
    const now = times ?? timesOf(stream, known, heard, place);
    const life = lifeOf(stream, now, heard);
    until = Math.min(until, ageEnds(stream, now, heard));
    const last = times?.watched ?? null;
    const watched =
      last !== null && last.counts === life.counts && last.draws === life.draws && last.cutOff === life.cutOff
        ? last
        : madeOf(stream, { key, server: heard.server }, now, life);
    said.set(key, times !== null && last === watched ? times : { ...now, watched });
    return watched;
  });
  return { streams, said, until };
}

type Times = Omit<StreamTimes, 'watched'>;
type Life = Pick<WatchedStream, 'counts' | 'draws' | 'cutOff'>;

function timesOf(
  stream: PlayingStream,
  known: StreamTimes | undefined,
  heard: HeardSessions,
  place: (stream: PlayingStream, before: Placed | undefined) => Placed,
): Times {
  const { lastCheckInAt, startedAt, paused } = stream;
  return {
    checkIn: known?.checkIn.said === lastCheckInAt ? known.checkIn : { said: lastCheckInAt, steadyAt: heard.steadyAt },
    start: known?.start.said === startedAt ? known.start : { said: startedAt, steadyAt: steadyStart(stream, heard) },
    pausedAt: paused ? (known?.pausedAt ?? heard.steadyAt) : null,
    placed: place(stream, known?.placed),
  };
}

function lifeOf(stream: PlayingStream, { checkIn, pausedAt, placed }: Times, heard: HeardSessions): Life {
  const cutOff = stream.lastCheckInAt !== null && heard.steadyAt - checkIn.steadyAt > CUT_OFF_MS;
  const pausedMs = pausedAt === null ? Number.NEGATIVE_INFINITY : heard.steadyAt - pausedAt;
  const lives = heard.onUplink && placed.location.usesUplink && !cutOff;
  const { pauseGraceMs } = heard;
  return { counts: lives && pausedMs < pauseGraceMs, draws: lives && pausedMs < pauseGraceMs + LINGER_MS, cutOff };
}

/** Steady ms at which it is cut off, or its pause counts no more; Infinity where neither is to come. */
function ageEnds(stream: PlayingStream, { checkIn, pausedAt }: Times, { steadyAt, pauseGraceMs }: HeardSessions): number {
  // Strictly later than so long ago is cut off.
  const cutOffAt = stream.lastCheckInAt === null ? Number.POSITIVE_INFINITY : checkIn.steadyAt + CUT_OFF_MS + 1;
  const countsUntil = pausedAt === null ? Number.POSITIVE_INFINITY : pausedAt + pauseGraceMs;
  const edges = [cutOffAt, countsUntil, countsUntil + LINGER_MS].filter((edge) => edge > steadyAt);
  return Math.min(...edges);
}

function madeOf(
  stream: PlayingStream,
  at: { readonly key: string; readonly server: string },
  { placed, start }: Times,
  life: Life,
): WatchedStream {
  const demand = demandOf(stream);
  return {
    key: at.key,
    server: at.server,
    viewer: placed.viewer,
    stream,
    location: placed.location,
    demand,
    startedAt: start.steadyAt,
    counts: life.counts,
    draws: life.draws,
    cutOff: life.cutOff,
    capState: 'free',
    wishBps: demand.bps,
    wireBps: demand.bps,
  };
}

function createPlacer(ranges: HomeRanges, { server, rules, limits }: HeardSessions) {
  const locate = createLocator(ranges, rules);
  return ({ address, saidPlace, userId }: PlayingStream, before: Placed | undefined): Placed => {
    const isKnown = before?.ranges === ranges && before.rules === rules && before.from.userId === userId;
    if (isKnown && before.from.address === address && before.from.saidPlace === saidPlace) return before;
    const { capped, ...location } = locate(address, saidPlace);
    const viewer = viewerKey(server, userId);
    return { from: { address, saidPlace, userId }, ranges, rules, location: { ...location, capped: capped && limits }, viewer };
  };
}

/** The adapter's time is of this machine's clock; one from the future or long ago is of a clock that was set since. */
const steadyStart = ({ startedAt }: PlayingStream, { steadyAt, utcAt }: HeardSessions): number =>
  steadyAt - Math.min(DAY_MS, Math.max(0, utcAt - startedAt));
