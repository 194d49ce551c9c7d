// A channel's media source and streams as PlaybackInfo writes them, rates guessed as the server guesses them (facts/jellyfin.md §10 Live TV). Pure.
import { guidOf } from './identity.ts';
import type { Dto } from './item-dto.ts';
import type { Channel } from './live-tv.ts';
import type { Tuner } from './live-tv-configuration.ts';
import type { DirectPlayProfile, MediaSource } from './playback-decision.ts';
import type { Probed, ProbedStream } from './probe-media.ts';

const providerHash = guidOf('Jellyfin.LiveTv.LiveTvMediaSourceProvider');
const serviceHash = guidOf('Jellyfin.LiveTv.DefaultLiveTvService');
const browserAgent =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/122.0.0.0 Safari/537.36';

const mediaSourceId = (channel: Channel): string => guidOf(channel.tuner.path);
/** The same at every opening. */
export const liveStreamId = (channel: Channel): string => `${providerHash}_${serviceHash}_${mediaSourceId(channel)}`;
/** What the probe cache goes by: channel and stream URL. */
export const openToken = (channel: Channel): string => `${providerHash}_LiveTvChannel_${channel.id}_${mediaSourceId(channel)}`;

export function channelIdOf(token: string): { readonly channelId: string; readonly sourceId: string } | null {
  const parts = /^([0-9a-f]{32})_LiveTvChannel_([0-9a-f]{32})_([0-9a-f]{32})$/i.exec(token);
  return parts?.[1] === providerHash ? { channelId: parts[2] ?? '', sourceId: parts[3] ?? '' } : null;
}

/** Whatever the video's rate is: it is not looked at. */
function guessedVideoBps(width: number): number | null {
  const step = [
    { from: 3000, bps: 30_000_000 },
    { from: 1900, bps: 20_000_000 },
    { from: 1200, bps: 8_000_000 },
    { from: 700, bps: 2_000_000 },
  ].find(({ from }) => width >= from);
  return step?.bps ?? null;
}

const rateOf = (text: unknown) => {
  const [above = 0, below = 0] = String(text ?? '')
    .split('/')
    .map(Number);
  return above > 0 && below > 0 ? above / below : null;
};

const flags = {
  IsDefault: false,
  IsForced: false,
  IsHearingImpaired: false,
  IsOriginal: false,
  Index: -1,
  IsExternal: false,
  IsTextSubtitleStream: false,
  SupportsExternalStream: false,
};

function videoStream(stream: ProbedStream): Dto {
  const rate = rateOf(stream['avg_frame_rate']) ?? rateOf(stream['r_frame_rate']);
  const [width, height] = [Number(stream['width']), Number(stream['height'])];
  const codec = stream.codec_name ?? '';
  return {
    Codec: codec,
    TimeBase: stream['time_base'],
    VideoRange: 'SDR',
    VideoRangeType: 'SDR',
    AudioSpatialFormat: 'None',
    DisplayTitle: `${height}p ${codec.toUpperCase()} SDR`,
    NalLengthSize: codec === 'h264' ? '0' : undefined,
    IsInterlaced: !['progressive', 'unknown', undefined].includes(stream['field_order'] as string | undefined),
    BitRate: guessedVideoBps(width),
    BitDepth: 8,
    RefFrames: 1,
    ...flags,
    Height: height,
    Width: width,
    AverageFrameRate: rate,
    RealFrameRate: rate,
    ReferenceFrameRate: rate,
    Profile: stream['profile'],
    Type: 'Video',
    AspectRatio: stream['display_aspect_ratio'] ?? '16:9',
    PixelFormat: stream['pix_fmt'],
    Level: stream['level'],
    IsAnamorphic: false,
  };
}

function audioStream(stream: ProbedStream): Dto {
  const layout = String(stream['channel_layout'] ?? 'stereo');
  const codec = stream.codec_name ?? '';
  const bps = Number(stream['bit_rate']);
  return {
    Codec: codec,
    TimeBase: stream['time_base'],
    VideoRange: 'Unknown',
    VideoRangeType: 'Unknown',
    AudioSpatialFormat: 'None',
    LocalizedDefault: 'Default',
    LocalizedExternal: 'External',
    LocalizedOriginal: 'Original',
    DisplayTitle: `${codec.toUpperCase()} - ${layout.charAt(0).toUpperCase()}${layout.slice(1)}`,
    IsInterlaced: false,
    ChannelLayout: layout,
    BitRate: bps > 0 ? bps : undefined,
    Channels: stream['channels'],
    SampleRate: Number(stream['sample_rate']),
    ...flags,
    Profile: stream['profile'],
    Type: 'Audio',
  };
}

/** The first video and the first audio, without language. */
export function liveStreams(probed: Probed): readonly Dto[] {
  const first = (type: string) => probed.streams.find((stream) => stream.codec_type === type);
  const [video, audio] = [first('video'), first('audio')];
  return [...(video ? [videoStream(video)] : []), ...(audio ? [audioStream(audio)] : [])];
}

/** Before anybody looked: the server assumes an interlaced picture and some sound. */
export const unknownStreams: readonly Dto[] = [
  { Type: 'Video', IsInterlaced: true, Index: -1 },
  { Type: 'Audio', IsInterlaced: false, Index: -1 },
];

export type SourceState = {
  readonly tuner: Tuner;
  /** Null until it was opened. */
  readonly path: string | null;
  readonly streams: readonly Dto[];
  readonly isRemote: boolean;
};

export function liveSource(channel: Channel, state: SourceState): Dto {
  const { tuner, streams } = state;
  const total = streams.reduce((sum, stream) => sum + Number(stream['BitRate'] ?? 0), 0);
  const opened = state.path !== null;
  const agent = tuner['UserAgent'];
  return {
    Protocol: 'Http',
    Id: mediaSourceId(channel),
    Path: state.path ?? channel.tuner.path,
    Type: 'Default',
    ...(opened ? { Container: 'ts' } : { OpenToken: openToken(channel) }),
    IsRemote: state.isRemote,
    ReadAtNativeFramerate: tuner['ReadAtNativeFramerate'] ?? false,
    IgnoreDts: tuner['IgnoreDts'] ?? true,
    IgnoreIndex: false,
    GenPtsInput: false,
    SupportsTranscoding: true,
    SupportsDirectStream: true,
    // A limit on openings, or a loop, switches direct play off.
    SupportsDirectPlay: tuner.TunerCount === 0 && !tuner.EnableStreamLooping,
    IsInfiniteStream: true,
    UseMostCompatibleTranscodingProfile: tuner['AllowFmp4TranscodingContainer'] !== true,
    RequiresOpening: true,
    RequiresClosing: true,
    ...(opened ? { LiveStreamId: liveStreamId(channel) } : {}),
    RequiresLooping: tuner.EnableStreamLooping,
    SupportsProbing: true,
    MediaStreams: streams,
    MediaAttachments: [],
    Formats: [],
    ...(total > 0 ? { Bitrate: total } : {}),
    FallbackMaxStreamingBitrate: tuner['FallbackMaxStreamingBitrate'],
    RequiredHttpHeaders: { 'User-Agent': typeof agent === 'string' && agent !== '' ? agent : browserAgent },
    TranscodingSubProtocol: 'http',
    AnalyzeDurationMs: 3000,
    ...(opened ? { DefaultAudioStreamIndex: -1 } : {}),
    HasSegments: false,
  };
}

/** For the decision. What nobody knows fits every profile, at 40 Mbit/s. */
export function decidedSource(streams: readonly Dto[], isRemote: boolean, directPlay: readonly DirectPlayProfile[]): MediaSource {
  const of = (type: string) => streams.find((stream) => stream['Type'] === type);
  const [video, audio] = [of('Video'), of('Audio')];
  const [videoBps, audioBps] = [Number(video?.['BitRate'] ?? 0), Number(audio?.['BitRate'] ?? 0)];
  const anyOf = (name: 'VideoCodec' | 'AudioCodec') => directPlay[0]?.[name]?.split(',')[0] ?? '';
  return {
    container: 'ts,mpegts',
    videoCodec: String(video?.['Codec'] ?? anyOf('VideoCodec')),
    audioCodec: String(audio?.['Codec'] ?? anyOf('AudioCodec')),
    videoBps,
    audioBps,
    bitrateBps: videoBps + audioBps || 40_000_000,
    width: Number(video?.['Width'] ?? 1920),
    height: Number(video?.['Height'] ?? 1080),
    isRemote,
  };
}
