// What a file holds, out of the server's own probe of it. Pure.
import type { AudioInfo, MediaInfo, SubtitleInfo, VideoInfo } from '../on-air/media-info.ts';
import type { FrameRate } from '../on-air/picture.ts';
import type { LibrarySource, LibraryStream } from './library-schemas.ts';

const TICKS_PER_MS = 10_000;

/** ffmpeg's names of what the server calls otherwise (ProbeResultNormalizer renames them). */
const SUBTITLE_CODECS: Readonly<Record<string, string>> = {
  pgssub: 'hdmv_pgs_subtitle',
  dvdsub: 'dvd_subtitle',
  dvbsub: 'dvb_subtitle',
  dvbtxt: 'dvb_teletext',
  srt: 'subrip',
};
const BITMAPS = new Set(['hdmv_pgs_subtitle', 'dvd_subtitle', 'dvb_subtitle', 'xsub']);

/** Rates as files have them; the server tells 23.976. */
const EXACT_RATES: readonly FrameRate[] = [
  { num: 24_000, den: 1001 },
  { num: 30_000, den: 1001 },
  { num: 60_000, den: 1001 },
];

const rateOf = (fps: number | null | undefined): FrameRate | null => {
  if (!fps || fps <= 0 || fps > 300) return null;
  const whole = Math.round(fps);
  if (Math.abs(fps - whole) < 0.005) return { num: whole, den: 1 };
  const exact = EXACT_RATES.find(({ num, den }) => Math.abs(num / den - fps) < 0.005);
  return exact ?? { num: Math.round(fps * 1000), den: 1000 };
};

const gcd = (a: number, b: number): number => (b === 0 ? a : gcd(b, a % b));

/** The server tells the shape of the picture (`16:9`, `2.35:1`), not that of a pixel. */
const sampleAspectOf = (stream: LibraryStream, width: number, height: number): VideoInfo['sampleAspect'] => {
  const shape = /^(\d+(?:\.\d+)?):(\d+(?:\.\d+)?)$/.exec(stream.AspectRatio ?? '');
  if (!stream.IsAnamorphic || shape === null) return null;
  const num = Math.round(Number(shape[1]) * 100) * height;
  const den = Math.round(Number(shape[2]) * 100) * width;
  const most = gcd(num, den);
  return most === 0 || num === den ? null : { num: num / most, den: den / most };
};

const TRANSFERS: Readonly<Record<string, 'pq' | 'hlg'>> = { smpte2084: 'pq', 'arib-std-b67': 'hlg' };

const videoOf = (stream: LibraryStream): VideoInfo | null => {
  const { Width: width, Height: height, Codec: codec } = stream;
  if (!codec || !width || !height) return null;
  const transfer = TRANSFERS[stream.ColorTransfer?.toLowerCase() ?? ''];
  return {
    codec: codec.toLowerCase(),
    profile: stream.Profile ?? null,
    level: stream.Level ?? null,
    width,
    height,
    sampleAspect: sampleAspectOf(stream, width, height),
    rate: rateOf(stream.RealFrameRate ?? stream.AverageFrameRate),
    pixelFormat: stream.PixelFormat ?? null,
    interlaced: stream.IsInterlaced ?? false,
    hdr: transfer !== undefined || stream.VideoRange === 'HDR',
    ...(transfer === undefined ? {} : { transfer }),
  };
};

const languageOf = (stream: LibraryStream): string | null => stream.Language?.toLowerCase() || null;

const audioOf = (stream: LibraryStream, ordinal: number): AudioInfo => ({
  ordinal,
  codec: stream.Codec?.toLowerCase() ?? 'unknown',
  profile: stream.Profile ?? null,
  sampleRate: stream.SampleRate ?? null,
  channels: stream.Channels ?? null,
  language: languageOf(stream),
  isDefault: stream.IsDefault ?? false,
});

const subtitleOf = (stream: LibraryStream, ordinal: number): SubtitleInfo => {
  const told = stream.Codec?.toLowerCase() ?? 'unknown';
  const codec = SUBTITLE_CODECS[told] ?? told;
  return {
    ordinal,
    codec,
    kind: BITMAPS.has(codec) || stream.IsTextSubtitleStream === false ? 'bitmap' : 'text',
    language: languageOf(stream),
    forced: stream.IsForced ?? false,
    isDefault: stream.IsDefault ?? false,
  };
};

/** Null where the server never probed the file. What lies beside the file has no place among ffmpeg's ordinals and is left out. */
export const mediaOfSource = (source: LibrarySource): MediaInfo | null => {
  const inside = (source.MediaStreams ?? [])
    .filter((stream) => !stream.IsExternal)
    .toSorted((a, b) => (a.Index ?? 0) - (b.Index ?? 0));
  if (inside.length === 0) return null;
  const of = (type: string) => inside.filter((stream) => stream.Type === type);
  return {
    durationMs: source.RunTimeTicks ? Math.round(source.RunTimeTicks / TICKS_PER_MS) : null,
    container: source.Container ?? null,
    video: of('Video').flatMap((stream) => videoOf(stream) ?? [])[0] ?? null,
    audio: of('Audio').map(audioOf),
    subtitles: of('Subtitle').map(subtitleOf),
  };
};
