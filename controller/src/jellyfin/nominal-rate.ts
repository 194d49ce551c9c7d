// How much a source needs per second when it is sent as it is. Pure.
import type { MediaSource, MediaStream } from './jellyfin-schemas.ts';

const TICKS_PER_SECOND = 10_000_000;
/** Above this a bit rate is a broken probe, not a film. */
const HIGHEST_BPS = 2_147_483_647;

const sane = (bps: number | null | undefined): number | null =>
  typeof bps === 'number' && Number.isFinite(bps) && bps >= 1 && bps <= HIGHEST_BPS ? Math.round(bps) : null;

/** Video plus the selected audio track (else the first one); null unless each of them says its rate. */
const ofTracks = (streams: readonly MediaStream[], audioIndex: number | null | undefined): number | null => {
  const video = streams.find((stream) => stream.Type === 'Video');
  const audios = streams.filter((stream) => stream.Type === 'Audio');
  const audio = audios.find((stream) => stream.Index === audioIndex) ?? audios[0];
  if (!video && !audio) return null;
  const rates = [video, audio].filter((stream) => stream !== undefined).map((stream) => sane(stream.BitRate));
  return rates.includes(null) ? null : sane(rates.reduce<number>((sum, rate) => sum + (rate ?? 0), 0));
};

/** What a remux sends of a source: the picture and the selected sound, without its other tracks. @returns bit/s; null where the source does not say */
export const remuxRate = (source: MediaSource, audioIndex: number | null | undefined): number | null =>
  ofTracks(source.MediaStreams ?? [], audioIndex ?? source.DefaultAudioStreamIndex);

/**
 * What it takes as a file, with all of its tracks. Best knowledge first: the container's rate, video plus selected audio, size by duration (facts/bandwidth.md §2.3).
 * @returns bit/s; null where the source says none of them
 */
export const nominalRate = (source: MediaSource, audioIndex: number | null | undefined): number | null => {
  const container = sane(source.Bitrate);
  if (container !== null) return container;
  const tracks = ofTracks(source.MediaStreams ?? [], audioIndex ?? source.DefaultAudioStreamIndex);
  if (tracks !== null) return tracks;
  const seconds = (source.RunTimeTicks ?? 0) / TICKS_PER_SECOND;
  return seconds > 0 ? sane(((source.Size ?? 0) * 8) / seconds) : null;
};
