// One server's streams as they are now: made anew where it told others, where home or rules are others, or where one of them is old enough to count no more.
import type { Clock } from '../clock.ts';
import type { MediaServer, MediaServerRules, PlayingStream } from '../neighbours/media-server.ts';
import type { HomeRanges } from './viewer-location.ts';
import { type SaidTimes, type WatchedStream, watchStreams } from './watched-streams.ts';

type Reviewed = {
  readonly heard: readonly PlayingStream[];
  readonly ranges: HomeRanges;
  readonly rules: MediaServerRules | null;
  readonly streams: readonly WatchedStream[];
  /** Steady ms from which on one of them is another by its age alone. */
  readonly until: number;
};

/** Answers with a function of what the server told last; called each second, and for most servers nothing has changed. */
export function createStreamReview(
  { name, onUplink, pauseGraceMs, userLimits }: MediaServer,
  { ranges, clock }: { readonly ranges: () => HomeRanges; readonly clock: Clock },
): (heard: readonly PlayingStream[], rules: MediaServerRules | null) => readonly WatchedStream[] {
  let said: SaidTimes = new Map();
  let last: Reviewed | null = null;
  return (heard, rules) => {
    const now = { steadyAt: clock.monotonic(), utcAt: clock.now() };
    const home = ranges();
    const isKnown = last !== null && last.heard === heard && last.ranges === home && last.rules === rules;
    if (last !== null && isKnown && now.steadyAt < last.until) return last.streams;
    const limits = userLimits !== null;
    const watched = watchStreams({ server: name, onUplink, pauseGraceMs, limits, streams: heard, rules, ...now }, home, said);
    said = watched.said;
    last = { heard, ranges: home, rules, streams: watched.streams, until: watched.until };
    return watched.streams;
  };
}
