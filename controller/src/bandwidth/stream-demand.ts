// Pure: how much of the uplink one stream takes, from the best thing that its server tells.
import type { PlayingStream } from '../neighbours/media-server.ts';

export type Demand = { readonly bps: number; readonly from: 'reservation' | 'transcode' | 'source' | 'height' | 'default' };

// By picture height where no bitrate is known, as JellyDemon's demand algorithm has it (features row 19).
const BY_HEIGHT: readonly (readonly [height: number, bps: number])[] = [
  [2160, 25_000_000],
  [1080, 10_000_000],
  [720, 5_000_000],
  [1, 3_000_000],
];
const DEFAULT_BPS = 5_000_000;
const AUDIO_BPS = 320_000;
const PHOTO_BPS = 1_000_000;

/** Plex's relay: 2 Mbit/s are told for free accounts, 8 elsewhere. */
const MOST_RELAYED_BPS = 8_000_000;

type Told = Pick<PlayingStream, 'reservedBps' | 'saidPlace' | 'transcode' | 'nominalBps' | 'height' | 'kind'>;

/** What the server set aside for it, where it does that; else a transcode's own rate unless both tracks go through untouched, else the source's, else a guess by height. */
export function demandOf(stream: Told): Demand {
  const { reservedBps = null, saidPlace } = stream;
  if (isRate(reservedBps)) return { bps: reservedBps, from: 'reservation' };
  const { bps, from } = estimate(stream);
  return { bps: saidPlace === 'relayed' ? Math.min(bps, MOST_RELAYED_BPS) : bps, from };
}

function estimate({ transcode, nominalBps, height, kind }: Told): Demand {
  const converted = transcode !== null && !(transcode.videoDirect && transcode.audioDirect);
  if (converted && isRate(transcode.bps)) return { bps: transcode.bps, from: 'transcode' };
  if (isRate(nominalBps)) return { bps: nominalBps, from: 'source' };
  if (kind === 'audio') return { bps: AUDIO_BPS, from: 'default' };
  if (kind === 'photo') return { bps: PHOTO_BPS, from: 'default' };
  const byHeight = height === null ? undefined : BY_HEIGHT.find(([least]) => height >= least);
  return byHeight ? { bps: byHeight[1], from: 'height' } : { bps: DEFAULT_BPS, from: 'default' };
}

/** A server can say 0, or 10 Gbit/s for a trailer: neither is a rate of a film. */
const MOST_BPS = 400_000_000;
const isRate = (bps: number | null): bps is number => bps !== null && Number.isFinite(bps) && bps > 0 && bps <= MOST_BPS;
