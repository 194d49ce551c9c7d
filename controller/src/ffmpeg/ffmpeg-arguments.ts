// Pure: an order and this machine -> ffmpeg's argument list (facts/channels.md §2.6). No `-re`: whoever reads the pipe sets the pace.
import type { AudioInfo, MediaInfo } from '../on-air/media-info.ts';
import type { Picture } from '../on-air/picture.ts';
import type { ProgrammeInput, ProgrammeOrder } from '../on-air/programme-order.ts';
import { audioGraph, type Sound, silence } from './audio-filters.ts';
import { cardText } from './card-layout.ts';
import { audioEncoder, encoderArguments, muxer } from './encoder-arguments.ts';
import type { Machine } from './ffmpeg-settings.ts';
import { seconds } from './filter-text.ts';
import { inputArguments, isUrl } from './input-arguments.ts';
import { aacFrame, type SlateLength } from './slate-length.ts';
import { bars, blank, fromTheStart, tags, videoGraph, watermarkGraph } from './video-filters.ts';

type FileInput = Extract<ProgrammeInput, { kind: 'file' }>;
type CardInput = Extract<ProgrammeInput, { kind: 'card' }>;

/** Quiet, without keys, its log lines short. */
const quiet: readonly string[] = ['-nostdin', '-hide_banner', '-nostats', '-loglevel', 'warning'];

/** For a card, and for a file of which `media` is known. A copy that begins in mid-item is encoded: it would begin up to a GOP early. */
export function ffmpegArguments(order: ProgrammeOrder, media: MediaInfo | null, machine: Machine): readonly string[] {
  const { input } = order;
  if (input.kind === 'card') return cardArguments(order, input, machine);
  const known = media ?? nothing;
  if (order.transport === 'copy' && input.seekMs === 0) return copyArguments(order, input, known);
  return fileArguments(order, input, { media: known, machine });
}

const nothing: MediaInfo = { durationMs: null, container: null, video: null, audio: [], subtitles: [] };

/** The wished one where the file has it, else its first; null where it has no sound. */
const audioOf = (media: MediaInfo, wish: number | null): AudioInfo | null =>
  media.audio.find(({ ordinal }) => ordinal === wish) ?? media.audio[0] ?? null;

const soundOf = (media: MediaInfo, { audio, gainDb, seekMs }: FileInput): Sound | null => {
  const chosen = audioOf(media, audio);
  return chosen === null ? null : { ordinal: chosen.ordinal, gainDb, lateMs: (chosen.lateMs ?? 0) - seekMs };
};

/** These say at their head what they hold; others (MPEG-TS, AVI) must be looked into further, or a stream is missed. */
const tellAtOnce = /^(matroska|mov|mp4)/u;

function readFilm(order: ProgrammeOrder, input: FileInput, media: MediaInfo): readonly string[] {
  const little = order.hurry && tellAtOnce.test(media.container ?? '');
  return [
    ...(little ? ['-probesize', '1000000', '-analyzeduration', '500000', '-fpsprobesize', '0'] : []),
    ...['-fflags', '+genpts+discardcorrupt'],
    ...(input.seekMs > 0 ? ['-ss', seconds(input.seekMs)] : []),
    ...inputArguments(input.from),
  ];
}

function fileArguments(
  order: ProgrammeOrder,
  input: FileInput,
  { media, machine }: { readonly media: MediaInfo; readonly machine: Machine },
): readonly string[] {
  const { picture, watermark } = order;
  const encoder = encoderArguments(picture, order.hurry, machine);
  const path = isUrl(input.from) ? null : input.from;
  const subtitle = media.subtitles.some(
    ({ ordinal, kind }) => ordinal === input.subtitle?.ordinal && kind === input.subtitle.kind,
  )
    ? input.subtitle
    : null;
  const film = videoGraph({ media, picture, subtitle, path, seekMs: input.seekMs, zscale: machine.zscale });
  const video = watermark === null ? `${film};[picture]null` : `${film};${watermarkGraph(watermark, picture, 1)}`;
  return [
    ...quiet,
    ...encoder.open,
    ...encoder.decode,
    ...readFilm(order, input, media),
    ...(watermark === null ? [] : inputArguments(watermark.path)),
    ...['-filter_complex', `${video}${encoder.upload === null ? '' : `,${encoder.upload}`}[v]`],
    // A graph of its own: where the sound changes in mid-file (stereo to 5.1), the picture's is not built anew.
    ...['-filter_complex', audioGraph(soundOf(media, input), picture.audio)],
    ...finish(order, encoder.encode),
  ];
}

function cardArguments(order: ProgrammeOrder, { lines, image }: CardInput, machine: Machine): readonly string[] {
  const { picture, watermark } = order;
  const encoder = encoderArguments(picture, order.hurry, machine);
  const text = cardText(lines, picture, machine.font, image === null ? 'middle' : 'bottom');
  const ground = image === null ? blank(picture) : `[0:v]${still(picture)}`;
  const card = `${[ground, ...text, tags].join(',')}[picture]`;
  const logo = watermark === null ? '[picture]null' : watermarkGraph(watermark, picture, image === null ? 0 : 1);
  return [
    ...quiet,
    ...encoder.open,
    ...(image === null ? [] : inputArguments(image)),
    ...(watermark === null ? [] : inputArguments(watermark.path)),
    ...['-filter_complex', `${card};${logo}${encoder.upload === null ? '' : `,${encoder.upload}`}[v]`],
    ...['-filter_complex', audioGraph(null, picture.audio)],
    ...finish(order, encoder.encode),
  ];
}

/** One frame that stays: decoded once, whatever its format. */
const still = (picture: Picture): string => {
  const { width, height } = picture;
  const size = `scale=w=trunc(min(${width}\\,${height}*dar)/2)*2:h=trunc(min(${height}\\,${width}/dar)/2)*2:out_color_matrix=bt709:out_range=tv`;
  return `${size},${bars(picture)},${tags},${fromTheStart(picture)},tpad=stop=-1:stop_mode=clone`;
};

const finish = ({ picture, durationMs }: ProgrammeOrder, encode: readonly string[]): readonly string[] => [
  ...['-map', '[v]', '-map', '[a]', '-t', seconds(durationMs)],
  ...encode,
  ...audioEncoder(picture),
  ...muxer,
];

/** As the file has it, with its parameter sets at each key frame. Neither watermark nor subtitles nor gain can be. */
function copyArguments(order: ProgrammeOrder, input: FileInput, media: MediaInfo): readonly string[] {
  const audio = audioOf(media, input.audio);
  return [
    ...quiet,
    ...readFilm(order, input, media),
    ...['-map', '0:V:0', ...(audio === null ? [] : ['-map', `0:a:${audio.ordinal}`]), '-t', seconds(order.durationMs)],
    ...['-c', 'copy', '-bsf:v', 'h264_mp4toannexb,dump_extra=freq=keyframe'],
    ...muxer,
  ];
}

/** A loop of whole frames. The sound's first packet is the encoder's run-in of one frame: with it there are exactly `audioFrames`. */
export function slateArguments(
  picture: Picture,
  lines: readonly string[],
  { length, machine }: { readonly length: SlateLength; readonly machine: Omit<Machine, 'zscale'> },
): readonly string[] {
  const encoder = encoderArguments(picture, false, machine);
  const upload = encoder.upload === null ? [] : [encoder.upload];
  const video = [
    blank(picture),
    ...cardText(lines, picture, machine.font, 'middle'),
    tags,
    `trim=end_frame=${length.videoFrames}`,
    ...upload,
  ];
  return [
    ...quiet,
    ...encoder.open,
    ...['-filter_complex', `${video.join(',')}[v]`],
    ...['-filter_complex', `${silence(picture.audio)},atrim=end_sample=${(length.audioFrames - 1) * aacFrame}[a]`],
    ...['-map', '[v]', '-map', '[a]'],
    ...encoder.encode,
    ...audioEncoder(picture),
    ...muxer,
  ];
}
