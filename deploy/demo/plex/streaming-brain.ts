// Pure: what Plex's "streaming brain" decides for one stream: as it is or transcoded down, and the rate that it reserves.

/** kbit/s, as everything in Plex. */
export type BrainInput = {
  readonly bitrateKbps: number;
  /** Null: as the brain itself reserves for such a file. */
  readonly reservedKbps: number | null;
  readonly isTrailer: boolean;
  readonly remote: boolean;
  readonly relayed: boolean;
  /** A player that cannot play the file as it is. */
  readonly mustTranscode: boolean;
  /** WanPerStreamMaxUploadRate and WanTotalMaxUploadRate; 0 is none. */
  readonly perStreamKbps: number;
  readonly totalKbps: number;
  /** What the other remote streams have reserved. */
  readonly reservedByOthersKbps: number;
};

export type BrainDecision = { readonly transcode: boolean; readonly sentKbps: number; readonly reservedKbps: number };

/** The brain reserves for the peaks of a file: between 1.5 and 2 times the average. */
const peakFactor = 1.75;
/** Seen by Speedarr: trailers, and now and then others, reserve 10 Gbit/s. */
const trailerKbps = 10_000_000;
/** Plex Relay lets 2 Mbit/s through per stream with a Plex Pass (1 without). */
const relayKbps = 2_000;
/** Seen on 1.43.3: a transcode of 2664 kbit/s reserves 2798. */
const transcodeFactor = 1.05;
/** The lowest quality that a client may ask for. */
const lowestKbps = 320;

export function decideStream(input: BrainInput): BrainDecision {
  const usual = input.isTrailer ? trailerKbps : Math.round(input.bitrateKbps * peakFactor);
  const reserved = input.reservedKbps ?? usual;
  const limit = limitKbps(input);
  // A trailer's nonsense reservation does not make it be transcoded: its bitrate is what counts there.
  const needed = input.isTrailer ? input.bitrateKbps : reserved;
  if (needed <= limit && !input.mustTranscode) return { transcode: false, sentKbps: input.bitrateKbps, reservedKbps: reserved };
  const sentKbps = Math.min(input.bitrateKbps, Math.floor(limit / transcodeFactor));
  const spared = needed > limit ? limit : Math.round(sentKbps * transcodeFactor);
  return { transcode: true, sentKbps, reservedKbps: needed > limit ? spared : (input.reservedKbps ?? spared) };
}

function limitKbps(input: BrainInput): number {
  if (!input.remote) return Infinity;
  const perStream = input.perStreamKbps > 0 ? input.perStreamKbps : Infinity;
  const left = input.totalKbps > 0 ? Math.max(lowestKbps, input.totalKbps - input.reservedByOthersKbps) : Infinity;
  return Math.min(perStream, left, input.relayed ? relayKbps : Infinity);
}
