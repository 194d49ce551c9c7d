// Pure: how far what a kind of player draws from the line lies above what its film is said to need, from half minutes in which hardly anything else was sent.
import type { PlayingStream } from '../../neighbours/media-server.ts';
import type { WatchedStream } from '../watched-streams.ts';

/** One second of the line, in the direction of viewers. `at`: steady ms. */
export type LineSample = {
  readonly at: number;
  /** On the wire. */
  readonly wanBps: number;
  /** On the wire, of known torrents. */
  readonly torrentBps: number;
  /** The shaper's rate; null where it is not known. */
  readonly capacityBps: number | null;
  /** Those that draw now. */
  readonly streams: readonly WatchedStream[];
};

/** Wire rate by nominal rate, of one half minute. */
export type Lesson = { readonly kind: string; readonly factor: number };

type Run = { readonly stream: WatchedStream | null; readonly from: number; readonly sum: number; readonly count: number };

export type LearnMemory = {
  readonly run: Run | null;
  /** What else is sent while nobody watches, and when that was last seen. */
  readonly quiet: { readonly bps: number; readonly at: number } | null;
};

export const NOTHING_LEARNED: LearnMemory = { run: null, quiet: null };

const WINDOW_MS = 30_000;
const LEAST_SAMPLES = 20;
/** A player bursts for 20 s after a start and a seek, and is seen up to 4.5 s late. */
const SETTLED_MS = 45_000;
/** What else was sent then says little of what is sent now. */
const QUIET_FOR_MS = 30 * 60_000;
/** Of the film: more of others, and a lesson would be of them. */
const MOST_OTHER = 0.15;
const FULL = 0.9;
/** Outside of these the film's rate is wrong, its player's buffer is full, or somebody else sends. */
const [LEAST_FACTOR, MOST_FACTOR] = [0.6, 2.2];
export const LOWEST = 1;
const HIGHEST = 2;

/** Client and how its film is sent: for a direct play the file as it is, for a transcode what is made of it. */
export const kindOf = ({ stream }: WatchedStream): string => `${stream.client.slice(0, 60)}|${methodOf(stream)}`;

function methodOf({ transcode }: PlayingStream): 'direct' | 'remux' | 'transcode' {
  if (transcode === null) return 'direct';
  return transcode.videoDirect && transcode.audioDirect ? 'remux' : 'transcode';
}

export function learn(memory: LearnMemory, sample: LineSample): { readonly memory: LearnMemory; readonly lesson: Lesson | null } {
  const { at, wanBps, torrentBps, streams } = sample;
  const [stream = null] = streams;
  const isUsable = streams.length === 0 || (streams.length === 1 && stream !== null && isSteady(stream, sample, memory));
  if (!isUsable) return { memory: { ...memory, run: null }, lesson: null };
  const last = memory.run !== null && isSame(memory.run.stream, stream) ? memory.run : null;
  const run = {
    stream,
    from: last?.from ?? at,
    sum: (last?.sum ?? 0) + wanBps - torrentBps,
    count: (last?.count ?? 0) + 1,
  };
  if (at - run.from < WINDOW_MS) return { memory: { ...memory, run }, lesson: null };
  const enough = run.count >= LEAST_SAMPLES;
  const mean = Math.max(0, run.sum / run.count);
  if (stream === null) return { memory: { run: null, quiet: enough ? { bps: mean, at } : memory.quiet }, lesson: null };
  const factor = (mean - (memory.quiet?.bps ?? 0)) / stream.demand.bps;
  const isPlausible = enough && factor >= LEAST_FACTOR && factor <= MOST_FACTOR;
  const lesson = isPlausible ? { kind: kindOf(stream), factor: Math.min(HIGHEST, Math.max(LOWEST, factor)) } : null;
  return { memory: { ...memory, run: null }, lesson };
}

function isSteady(watched: WatchedStream, { at, wanBps, torrentBps, capacityBps }: LineSample, { quiet }: LearnMemory): boolean {
  const { stream, demand, startedAt } = watched;
  if (quiet === null || at - quiet.at > QUIET_FOR_MS || quiet.bps > demand.bps * MOST_OTHER) return false;
  if (torrentBps > demand.bps * MOST_OTHER) return false;
  if (capacityBps !== null && wanBps > capacityBps * FULL) return false;
  const isKnown = demand.from === 'transcode' || demand.from === 'source';
  return isKnown && !stream.paused && stream.kind !== 'download' && at - startedAt >= SETTLED_MS;
}

const isSame = (a: WatchedStream | null, b: WatchedStream | null): boolean =>
  a === null || b === null
    ? a === b
    : a.key === b.key && a.demand.bps === b.demand.bps && a.startedAt === b.startedAt && kindOf(a) === kindOf(b);
