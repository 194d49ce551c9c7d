// Pure: ffprobe's JSON -> what playing depends on. A cover is no picture; a rotated film is as wide as it is shown.
import type { AudioInfo, MediaInfo, SubtitleInfo, VideoInfo } from '../on-air/media-info.ts';
import type { FrameRate } from '../on-air/picture.ts';

/** Which of ffprobe's fields are asked for; tags other than these can be megabytes. */
export const probeEntries =
  'format=format_name,duration,start_time:stream=index,start_time,codec_type,codec_name,profile,level,width,height,sample_aspect_ratio,r_frame_rate,avg_frame_rate,pix_fmt,field_order,color_transfer,sample_rate,channels,duration:stream_disposition=default,forced,attached_pic:stream_tags=language,rotate:stream_side_data_list';

type Json = Readonly<Record<string, unknown>>;

const isRecord = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);
const recordOf = (value: unknown): Json => (isRecord(value) ? value : {});
const records = (value: unknown): readonly Json[] => (Array.isArray(value) ? value.filter(isRecord) : []);
const text = (value: unknown): string | null => (typeof value === 'string' && value !== '' && value !== 'unknown' ? value : null);
const number = (value: unknown): number | null => {
  const read = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof read === 'number' && Number.isFinite(read) ? read : null;
};

/** Null where it is no answer of ffprobe's. */
export function readProbe(answer: unknown): MediaInfo | null {
  if (!isRecord(answer) || !Array.isArray(answer['streams'])) return null;
  const streams = records(answer['streams']);
  const format = recordOf(answer['format']);
  const of = (kind: string): readonly Json[] => streams.filter((stream) => stream['codec_type'] === kind);
  const film = of('video').find(
    (stream) => !flag(stream, 'attached_pic') && text(stream['codec_name']) !== null && isSeen(stream),
  );
  const durationS = number(format['duration']);
  return {
    durationMs: durationS === null || durationS <= 0 ? null : Math.round(durationS * 1_000),
    container: text(format['format_name']),
    video: film === undefined ? null : readVideo(film),
    audio: of('audio').map((stream, ordinal) => readAudio(stream, ordinal, number(format['start_time']) ?? 0)),
    subtitles: of('subtitle').map(readSubtitle),
  };
}

/** ffprobe looked for its size and found no frame that can be decoded. */
const isSeen = (stream: Json): boolean => number(stream['width']) !== 0;

const flag = (stream: Json, name: string): boolean => recordOf(stream['disposition'])[name] === 1;
const language = (stream: Json): string | null => {
  const told = text(recordOf(stream['tags'])['language'])?.toLowerCase() ?? null;
  return told === 'und' ? null : told;
};

function readVideo(stream: Json): VideoInfo {
  const sides = records(stream['side_data_list']);
  const [width, height] = [number(stream['width']) ?? 0, number(stream['height']) ?? 0];
  const turned = isTurned(stream, sides);
  const aspect = fraction(stream['sample_aspect_ratio'], ':');
  const square = aspect === null || aspect.num === aspect.den;
  const transfer = transferOf(stream, sides);
  return {
    codec: text(stream['codec_name']) ?? '',
    profile: text(stream['profile']),
    level: positive(stream['level']),
    ...(turned ? { width: height, height: width } : { width, height }),
    sampleAspect: square ? null : turned ? { num: aspect.den, den: aspect.num } : aspect,
    rate: rateOf(stream),
    pixelFormat: text(stream['pix_fmt']),
    interlaced: ['tt', 'bb', 'tb', 'bt'].includes(text(stream['field_order']) ?? ''),
    hdr: transfer !== null,
    ...(transfer === null ? {} : { transfer }),
  };
}

const positive = (value: unknown): number | null => {
  const read = number(value);
  return read === null || read <= 0 ? null : read;
};

/** Dolby Vision without a layer for other screens (profile 5, compatibility 0) has no transfer that is told; it is PQ inside. */
function transferOf(stream: Json, sides: readonly Json[]): 'pq' | 'hlg' | null {
  if (stream['color_transfer'] === 'smpte2084') return 'pq';
  if (stream['color_transfer'] === 'arib-std-b67') return 'hlg';
  const vision = sides.find((side) => number(side['dv_profile']) !== null);
  return vision !== undefined && (vision['dv_profile'] === 5 || vision['dv_bl_signal_compatibility_id'] === 0) ? 'pq' : null;
}

/** ffmpeg turns such a film upright before any filter. */
const isTurned = (stream: Json, sides: readonly Json[]): boolean => {
  const told =
    sides.map((side) => number(side['rotation'])).find((degrees) => degrees !== null) ??
    number(recordOf(stream['tags'])['rotate']) ??
    0;
  return Math.abs(told) % 180 === 90;
};

/** The mean where it is told; the least common one else. Neither is trusted above 300/s, as ffprobe guesses 90000/1 for some. */
function rateOf(stream: Json): FrameRate | null {
  const possible = [stream['avg_frame_rate'], stream['r_frame_rate']].map((value) => fraction(value, '/'));
  return possible.find((rate) => rate !== null && rate.num / rate.den <= 300) ?? null;
}

function fraction(value: unknown, mark: string): FrameRate | null {
  const [num, den] = (text(value) ?? '').split(mark).map(Number);
  return num !== undefined && den !== undefined && num > 0 && den > 0 ? { num, den } : null;
}

function readAudio(stream: Json, ordinal: number, beginS: number): AudioInfo {
  const lateMs = Math.round(((number(stream['start_time']) ?? beginS) - beginS) * 1_000);
  return {
    ordinal,
    codec: text(stream['codec_name']) ?? '',
    profile: text(stream['profile']),
    sampleRate: positive(stream['sample_rate']),
    channels: positive(stream['channels']),
    language: language(stream),
    isDefault: flag(stream, 'default'),
    ...(lateMs > LATE_MS ? { lateMs } : {}),
  };
}

/** Less is made up for without being told. */
const LATE_MS = 500;

/** ffmpeg's codecs whose packets are pictures (AV_CODEC_PROP_BITMAP_SUB). */
const bitmapCodecs = new Set(['hdmv_pgs_subtitle', 'pgssub', 'dvd_subtitle', 'dvdsub', 'dvb_subtitle', 'dvbsub', 'xsub']);

const readSubtitle = (stream: Json, ordinal: number): SubtitleInfo => {
  const codec = text(stream['codec_name']) ?? '';
  return {
    ordinal,
    codec,
    kind: bitmapCodecs.has(codec) ? 'bitmap' : 'text',
    language: language(stream),
    forced: flag(stream, 'forced'),
    isDefault: flag(stream, 'default'),
  };
};
