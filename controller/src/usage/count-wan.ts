// Pure: bytes that went through the WAN, by the router's own counters, so that a silence of ours or of the agent loses none.

/** A WAN's newest word. */
export type WanSample = {
  /** `router/wan` */
  readonly wan: string;
  readonly device: string;
  /** The router's, at the counters' reading. */
  readonly uptimeS: number;
  readonly txBytes: number;
  readonly rxBytes: number;
  /** Router time since the reading before, with the rates of that time. */
  readonly intervalS: number;
  readonly upBps: number;
  readonly downBps: number;
  /** UTC ms of when it was heard here. */
  readonly utc: number;
};

/** What is remembered of the sample before; kept over restarts. */
export type WanBaseline = Pick<WanSample, 'wan' | 'device' | 'uptimeS' | 'txBytes' | 'rxBytes' | 'utc'>;

export type WanCount = {
  readonly upBytes: number;
  readonly downBytes: number;
  /** How long it took: `filled` of a silence that the counters tell of, else `seen`. ms */
  readonly seenMs: number;
  readonly filledMs: number;
};

/** Samples come each second; with some lost on the way it is no silence yet. */
const SILENCE_MS = 15_000;
/** No line of a home carries 100 Gbit/s: counters that say so were set by somebody. Bytes a ms. */
const MOST_BYTES_A_MS = 12_500_000;
const NOTHING: WanCount = { upBytes: 0, downBytes: 0, seenMs: 0, filledMs: 0 };

/** What went through since `before`. A first sample, or one of another WAN or device, tells of its own interval alone. */
export function countWan(before: WanBaseline | null, sample: WanSample): WanCount {
  const own: WanCount = {
    upBytes: Math.round((sample.upBps * sample.intervalS) / 8),
    downBytes: Math.round((sample.downBps * sample.intervalS) / 8),
    seenMs: Math.round(sample.intervalS * 1_000),
    filledMs: 0,
  };
  if (before === null || before.wan !== sample.wan || before.device !== sample.device) return own;
  const elapsedMs = Math.round((sample.uptimeS - before.uptimeS) * 1_000);
  // The router began anew, and its counters with it: what they say now is since then. If it is up for longer than that, this is an old message.
  if (elapsedMs < 0 && sample.uptimeS * 1_000 <= sample.utc - before.utc + SILENCE_MS)
    return { upBytes: sample.txBytes, downBytes: sample.rxBytes, seenMs: own.seenMs, filledMs: sinceBoot(sample, own) };
  if (elapsedMs <= 0) return NOTHING;
  const [upBytes, downBytes] = [since(before.txBytes, sample.txBytes), since(before.rxBytes, sample.rxBytes)];
  if (Math.max(upBytes, downBytes) > elapsedMs * MOST_BYTES_A_MS) return own;
  const isSilence = elapsedMs > SILENCE_MS;
  return { upBytes, downBytes, seenMs: isSilence ? 0 : elapsedMs, filledMs: isSilence ? elapsedMs : 0 };
}

const sinceBoot = ({ uptimeS }: WanSample, { seenMs }: WanCount): number => Math.max(0, Math.round(uptimeS * 1_000) - seenMs);

/** A counter that fell was set back to 0, as when a PPPoE line is dialled anew. */
const since = (before: number, now: number): number => (now >= before ? now - before : now);
