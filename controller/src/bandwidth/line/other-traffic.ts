// Pure: what leaves the home that is neither a known stream nor a known torrent, or comes into it: the 60 s maximum of 15 s means.

import type { Demand } from '../stream-demand.ts';

/** One second of the WAN, with what of it is known to be ours. Times are steady ms. */
export type TrafficSample = {
  readonly at: number;
  /** On the wire, in the one direction that this is about. */
  readonly wanBps: number;
  readonly torrentBps: number;
  readonly streamBps: number;
  /** One of the streams is paused: what it leaves unused hides what others send. */
  readonly paused: boolean;
};

export type TrafficMemory = {
  readonly samples: readonly TrafficSample[];
  /** When streams started or sought: the seconds around them say nothing of other traffic. */
  readonly starts: readonly number[];
};

export const NO_TRAFFIC: TrafficMemory = { samples: [], starts: [] };

const WINDOW_MS = 15_000;
export const HOLD_MS = 60_000;
// A start is seen up to 4.5 s after the player's burst began (facts/jellyfin.md §12), so the newest seconds wait until it could be told.
export const LAG_MS = 6_000;
// Before NowPlaying a player runs a bitrate test of 4.5 MB; after it, it fills its buffer for up to 20 s.
const BEFORE_START_MS = 10_000;
const AFTER_START_MS = 20_000;
const LEAST_SAMPLES = 5;
/** Protocol overhead on top of the payload rate that torrent clients report (TCP/IP and BitTorrent headers, acknowledgements). */
export const TORRENT_OVERHEAD = 1.06;
/**
 * Seen: a film of 8.22 Mbit/s in direct play is 9.0 on the wire; a transcode keeps to its rate (facts/jellyfin.md §12).
 * Without it a player's own overhead would count as other traffic and move everybody's cap; the reserve has room for it.
 */
const DIRECT_PLAY_OVERHEAD = 1.1;

/** Before it was learned what such a player really draws. */
export const guessedOverhead = ({ from }: Demand): number => (from === 'transcode' ? 1 : DIRECT_PLAY_OVERHEAD);

const SPAN_MS = HOLD_MS + WINDOW_MS + LAG_MS;

export function addSample(memory: TrafficMemory, sample: TrafficSample): TrafficMemory {
  const oldest = sample.at - SPAN_MS;
  return { ...memory, samples: [...memory.samples.filter((kept) => kept.at > oldest && kept.at < sample.at), sample] };
}

/** Also forgets starts that no sample can be near any more: without a router nothing else would. */
export function addStarts(memory: TrafficMemory, starts: readonly number[], now: number): TrafficMemory {
  const known = new Set([...memory.starts, ...starts].filter((start) => start + AFTER_START_MS > now - SPAN_MS));
  return { ...memory, starts: [...known] };
}

/**
 * Other traffic in bit/s, or null while too little was seen to say. Where the last minute was all bursts `previous` stands,
 * or, where there is none yet, the quietest seconds: a burst only adds.
 */
export function otherTraffic(memory: TrafficMemory, now: number, previous: number | null): number | null {
  const residuals = memory.samples.map(({ at }, i) => ({ at, ...residual(memory.samples, i) }));
  const usable = residuals.filter(({ at }) => at <= now - LAG_MS && !isNearStart(memory.starts, at));
  const seen = highestMean(usable, now);
  const least = seen.isSure || previous === null ? 0 : Math.min(previous, surely(usable, now) ?? previous);
  const told = seen.bps === null ? (previous ?? quietest(residuals.map(({ bps }) => bps))) : Math.max(seen.bps, least);
  return told === null ? null : Math.round(Math.max(0, told));
}

/** What a player that starts, or sought, sends around that moment is not other traffic. */
export const isNearStart = (starts: readonly number[], at: number): boolean =>
  starts.some((start) => at > start - BEFORE_START_MS && at <= start + AFTER_START_MS);

/** What each second since `from` had that is not known to be ours, bit/s; newer than any mean, and not yet looked at for starts. */
export const unexplained = ({ samples }: TrafficMemory, from: number): readonly number[] =>
  samples.flatMap(({ at }, i) => (at < from ? [] : [residual(samples, i).bps]));

type Residual = { readonly at: number; readonly bps: number; readonly unsure: boolean };

/** What the sure seconds say, be they few. */
const surely = (seconds: readonly Residual[], now: number): number | null =>
  highestMean(
    seconds.filter(({ unsure }) => !unsure),
    now,
  ).bps;

/** Null where too few seconds are left. Sure where one of the means is of sure seconds alone. */
function highestMean(seconds: readonly Residual[], now: number): { readonly bps: number | null; readonly isSure: boolean } {
  let most: number | null = null;
  let isSure = false;
  let from = 0;
  let [sum, unsure] = [0, 0];
  for (const [i, second] of seconds.entries()) {
    sum += second.bps;
    unsure += Number(second.unsure);
    for (let first = seconds[from]; first !== undefined && first.at <= second.at - WINDOW_MS; first = seconds[from]) {
      sum -= first.bps;
      unsure -= Number(first.unsure);
      from += 1;
    }
    const count = i - from + 1;
    if (count < LEAST_SAMPLES || second.at <= now - HOLD_MS - LAG_MS) continue;
    most = Math.max(most ?? 0, sum / count);
    isSure ||= unsure === 0;
  }
  return { bps: most, isSure };
}

const QUIET_SAMPLES = 3;

/** The first second counts at once: to know nothing must not mean that nothing else is sent. */
function quietest(residuals: readonly number[]): number | null {
  const width = Math.min(QUIET_SAMPLES, residuals.length);
  let least: number | null = null;
  for (let end = Math.max(1, width); end <= residuals.length; end += 1) {
    const mean = residuals.slice(end - width, end).reduce((sum, bps) => sum + bps, 0) / width;
    least = Math.min(least ?? mean, mean);
  }
  return least;
}

// Torrent rates are read each 2 s and are means themselves, and a session ends before its last bytes left: the WAN is told of both at other moments.
const ALIGN_SAMPLES = 3;

/**
 * What is ours at a second is the most that was known to be ours around it. Unsure: a stream was paused then, or came or went,
 * so that less may be seen of others than there is; such seconds may only add to what is known.
 */
function residual(samples: readonly TrafficSample[], at: number): { readonly bps: number; readonly unsure: boolean } {
  let [torrentBps, streamBps] = [0, 0];
  let unsure = false;
  for (let i = Math.max(0, at - ALIGN_SAMPLES); i <= Math.min(samples.length - 1, at + ALIGN_SAMPLES); i += 1) {
    torrentBps = Math.max(torrentBps, samples[i]?.torrentBps ?? 0);
    streamBps = Math.max(streamBps, samples[i]?.streamBps ?? 0);
    unsure ||= samples[i]?.paused === true || samples[i]?.streamBps !== samples[at]?.streamBps;
  }
  return { bps: (samples[at]?.wanBps ?? 0) - torrentBps * TORRENT_OVERHEAD - streamBps, unsure };
}
