// Pure: what leaves the home that is neither a known stream nor a known torrent: the 60 s maximum of 15 s means.

/** One second of the WAN, with what of it is known to be ours. Times are steady ms. */
export type TrafficSample = {
  readonly at: number;
  readonly upBps: number;
  readonly torrentBps: number;
  readonly streamBps: number;
};

export type TrafficMemory = {
  readonly samples: readonly TrafficSample[];
  /** When streams started or sought: the seconds around them say nothing of other traffic. */
  readonly starts: readonly number[];
};

export const NO_TRAFFIC: TrafficMemory = { samples: [], starts: [] };

const WINDOW_MS = 15_000;
const HOLD_MS = 60_000;
// A start is seen up to 4.5 s after the player's burst began (facts/jellyfin.md §12), so the newest seconds wait until it could be told.
const LAG_MS = 6_000;
// Before NowPlaying a player runs a bitrate test of 4.5 MB; after it, it fills its buffer for up to 20 s.
const BEFORE_START_MS = 10_000;
const AFTER_START_MS = 20_000;
const LEAST_SAMPLES = 5;
/** Protocol overhead on top of the payload rate that torrent clients report (TCP/IP and BitTorrent headers, acknowledgements). */
export const TORRENT_OVERHEAD = 1.06;

export function addSample(memory: TrafficMemory, sample: TrafficSample): TrafficMemory {
  const oldest = sample.at - HOLD_MS - WINDOW_MS - LAG_MS;
  return {
    samples: [...memory.samples.filter((kept) => kept.at > oldest && kept.at < sample.at), sample],
    starts: memory.starts.filter((start) => start + AFTER_START_MS > oldest),
  };
}

export const addStart = (memory: TrafficMemory, at: number): TrafficMemory =>
  memory.starts.includes(at) ? memory : { ...memory, starts: [...memory.starts, at] };

/**
 * Other traffic in bit/s, or null while too little was seen to say. Where the last minute was all bursts `previous` stands,
 * or, where there is none yet, the quietest seconds: a burst only adds.
 */
export function otherTraffic(memory: TrafficMemory, now: number, previous: number | null): number | null {
  const usable = memory.samples.filter(
    ({ at }) =>
      at <= now - LAG_MS && !memory.starts.some((start) => at > start - BEFORE_START_MS && at <= start + AFTER_START_MS),
  );
  let most: number | null = null;
  let from = 0;
  let sum = 0;
  for (const [i, sample] of usable.entries()) {
    sum += residual(sample);
    for (let first = usable[from]; first !== undefined && first.at <= sample.at - WINDOW_MS; first = usable[from]) {
      sum -= residual(first);
      from += 1;
    }
    const count = i - from + 1;
    if (count >= LEAST_SAMPLES && sample.at > now - HOLD_MS - LAG_MS) most = Math.max(most ?? 0, sum / count);
  }
  const told = most ?? previous ?? quietest(memory.samples);
  return told === null ? null : Math.round(Math.max(0, told));
}

const QUIET_SAMPLES = 3;

function quietest(samples: readonly TrafficSample[]): number | null {
  let least: number | null = null;
  for (let end = QUIET_SAMPLES; end <= samples.length; end += 1) {
    const window = samples.slice(end - QUIET_SAMPLES, end);
    const mean = window.reduce((sum, sample) => sum + residual(sample), 0) / QUIET_SAMPLES;
    least = Math.min(least ?? mean, mean);
  }
  return least;
}

const residual = ({ upBps, torrentBps, streamBps }: TrafficSample): number => upBps - torrentBps * TORRENT_OVERHEAD - streamBps;
