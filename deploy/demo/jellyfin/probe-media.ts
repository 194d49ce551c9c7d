// What ffprobe sees in a file, as the server's MediaStreams.
import { execFile } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { promisify } from 'node:util';
import type { ItemFacts } from './library.ts';
import type { ExternalSubtitle } from './library-seeds.ts';
import type { MediaSource } from './playback-decision.ts';

const run = promisify(execFile);

export type ProbedStream = Readonly<Record<string, unknown>> & {
  readonly index: number;
  readonly codec_type?: string;
  readonly codec_name?: string;
  readonly tags?: Readonly<Record<string, string>>;
  readonly disposition?: Readonly<Record<string, number>>;
};

export type Probed = {
  readonly streams: readonly ProbedStream[];
  readonly format?: { readonly duration?: string; readonly bit_rate?: string; readonly format_name?: string };
};

/** Throws where ffprobe finds nothing that it knows. */
export async function probeFile(file: string, extra: readonly string[] = []): Promise<Probed> {
  const asked = ['-v', 'error', ...extra, '-show_streams', '-show_format', '-of', 'json', file];
  const { stdout } = await run('ffprobe', asked, { timeout: 30_000, maxBuffer: 16 * 1024 * 1024 });
  const probed = JSON.parse(stdout) as Partial<Probed>;
  return { ...probed, streams: probed.streams ?? [] };
}

const rate = (text: unknown) => {
  const [above = 0, below = 1] = String(text ?? '')
    .split('/')
    .map(Number);
  return below > 0 && above > 0 ? above / below : undefined;
};
const whole = (value: unknown) => (Number(value) > 0 ? Number(value) : undefined);

/** `index` is the server's, which need not be ffmpeg's. */
function mediaStreamOf(stream: ProbedStream, index: number): Record<string, unknown> {
  const given = stream as Readonly<Record<string, unknown>>;
  const picture = stream.disposition?.['attached_pic'] === 1;
  const type =
    { video: picture ? 'EmbeddedImage' : 'Video', audio: 'Audio', subtitle: 'Subtitle' }[stream.codec_type ?? ''] ?? 'Data';
  const plain = {
    Codec: stream.codec_name === 'hdmv_pgs_subtitle' ? 'PGSSUB' : stream.codec_name,
    Language: stream.tags?.['language'],
    Title: stream.tags?.['title'],
    IsDefault: stream.disposition?.['default'] === 1,
    IsForced: stream.disposition?.['forced'] === 1,
    Type: type,
    Index: index,
    IsExternal: false,
    Profile: given['profile'],
    BitRate: whole(given['bit_rate']),
  };
  if (type === 'Audio')
    return {
      ...plain,
      Channels: given['channels'],
      ChannelLayout: given['channel_layout'],
      SampleRate: whole(given['sample_rate']),
    };
  if (type === 'Subtitle') return { ...plain, IsTextSubtitleStream: !/pgs|dvd|dvb/.test(stream.codec_name ?? '') };
  const hdr = given['color_transfer'] === 'smpte2084' ? 'HDR10' : given['color_transfer'] === 'arib-std-b67' ? 'HLG' : 'SDR';
  return {
    ...plain,
    Width: given['width'],
    Height: given['height'],
    AverageFrameRate: rate(given['avg_frame_rate']),
    RealFrameRate: rate(given['r_frame_rate']),
    IsInterlaced: !['progressive', 'unknown', undefined].includes(given['field_order'] as string | undefined),
    VideoRange: hdr === 'SDR' ? 'SDR' : 'HDR',
    VideoRangeType: hdr,
    PixelFormat: given['pix_fmt'],
    Level: given['level'],
    ColorTransfer: given['color_transfer'],
    ColorPrimaries: given['color_primaries'],
    ColorSpace: given['color_space'],
    AspectRatio: given['display_aspect_ratio'],
  };
}

function externalStream(subtitle: ExternalSubtitle, index: number): Record<string, unknown> {
  return {
    Codec: /\.(\w+)$/.exec(subtitle.file)?.[1] === 'srt' ? 'subrip' : /\.(\w+)$/.exec(subtitle.file)?.[1],
    Language: subtitle.language,
    IsDefault: false,
    IsForced: subtitle.forced ?? false,
    Type: 'Subtitle',
    Index: index,
    IsExternal: true,
    IsTextSubtitleStream: true,
    SupportsExternalStream: true,
    Path: subtitle.file,
  };
}

export type Scanned = { readonly runtimeMs: number; readonly source: MediaSource; readonly facts: ItemFacts };

/** As a library scan does. External streams stand before those of the file and push their indices up (FFProbeVideoInfo). */
export async function scanFile(file: string, beside: readonly ExternalSubtitle[]): Promise<Scanned> {
  const [probed, { size }] = await Promise.all([probeFile(file), stat(file)]);
  const streams = [
    ...beside.map(externalStream),
    ...probed.streams.map((stream) => mediaStreamOf(stream, stream.index + beside.length)),
  ];
  const first = (type: string) => streams.find((stream) => stream['Type'] === type && stream['IsExternal'] === false);
  const [video, audio] = [first('Video'), first('Audio')];
  const audioBps = Number(audio?.['BitRate'] ?? 0);
  const bitrateBps = Number(probed.format?.bit_rate ?? 0);
  const source: MediaSource = {
    container: /\.(\w+)$/.exec(file)?.[1] ?? 'mkv',
    videoCodec: String(video?.['Codec'] ?? ''),
    audioCodec: String(audio?.['Codec'] ?? ''),
    videoBps: Number(video?.['BitRate'] ?? Math.max(0, bitrateBps - audioBps)),
    audioBps,
    bitrateBps,
    width: Number(video?.['Width'] ?? 0),
    height: Number(video?.['Height'] ?? 0),
    isRemote: false,
  };
  return {
    runtimeMs: Math.round(Number(probed.format?.duration ?? 0) * 1000),
    source,
    facts: { file, streams, sizeBytes: size },
  };
}
