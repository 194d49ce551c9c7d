// Items as GET /Items, /Sessions and PlaybackInfo write them. Pure.
import { createHash } from 'node:crypto';
import { ticksPerMs } from './identity.ts';
import type { LibraryItem } from './library.ts';

/** A JSON object on its way out. */
export type Dto = Record<string, unknown>;

function mediaStreams(item: LibraryItem): Dto[] {
  const source = item.source;
  if (!source) return [];
  const video = {
    Codec: source.videoCodec,
    VideoRange: 'SDR',
    DisplayTitle: `${source.height}p ${source.videoCodec.toUpperCase()} SDR`,
    IsInterlaced: false,
    BitRate: source.videoBps,
    BitDepth: 8,
    IsDefault: true,
    IsForced: false,
    Height: source.height,
    Width: source.width,
    AverageFrameRate: 24,
    RealFrameRate: 24,
    Profile: 'High',
    Type: 'Video',
    Index: 0,
    IsExternal: false,
    Level: 40,
  };
  const audio = {
    Codec: source.audioCodec,
    Language: 'und',
    ChannelLayout: 'stereo',
    BitRate: source.audioBps,
    Channels: 2,
    SampleRate: 48_000,
    IsDefault: true,
    IsForced: false,
    Type: 'Audio',
    Index: 1,
    IsExternal: false,
  };
  return [video, audio];
}

export function fileSize(item: LibraryItem): number {
  return Math.round(((item.source?.bitrateBps ?? 0) / 8) * (item.runtimeMs / 1000));
}

/** Without the rates that only a decision knows. */
export function mediaSource(item: LibraryItem): Dto {
  const source = item.source;
  if (!source) return {};
  return {
    Protocol: 'File',
    Id: item.id,
    Path: item.path,
    Type: 'Default',
    Container: source.container,
    Size: fileSize(item),
    Name: item.path.slice(item.path.lastIndexOf('/') + 1).replace(/\.[^.]*$/, ''),
    IsRemote: source.isRemote,
    ETag: createHash('md5').update(item.path).digest('hex'),
    RunTimeTicks: item.runtimeMs * ticksPerMs,
    SupportsTranscoding: true,
    SupportsDirectStream: true,
    SupportsDirectPlay: true,
    IsInfiniteStream: false,
    RequiresOpening: false,
    RequiresClosing: false,
    RequiresLooping: false,
    SupportsProbing: true,
    VideoType: 'VideoFile',
    MediaStreams: mediaStreams(item),
    MediaAttachments: [],
    Formats: [],
    Bitrate: source.bitrateBps,
    RequiredHttpHeaders: {},
    TranscodingSubProtocol: 'http',
    DefaultAudioStreamIndex: 1,
    HasSegments: false,
  };
}

function seriesFields(item: LibraryItem): Dto {
  const series = item.series;
  if (!series) return {};
  return {
    IndexNumber: series.episode,
    ParentIndexNumber: 1,
    SeriesName: series.name,
    SeriesId: series.id,
    SeasonId: series.seasonId,
    SeasonName: 'Season 1',
  };
}

/** `fields` are those asked for: ProviderIds, Path, MediaSources, Genres; others are ignored without a word. */
export function itemDto(item: LibraryItem, serverId: string, fields: ReadonlySet<string>): Dto {
  const playable = item.source !== null;
  return {
    Name: item.name,
    ServerId: serverId,
    Id: item.id,
    ...(playable ? { Container: item.source?.container === 'mp4' ? 'mov,mp4,m4a,3gp,3g2,mj2' : item.source?.container } : {}),
    ...(fields.has('mediasources') && playable ? { MediaSources: [mediaSource(item)] } : {}),
    ...(fields.has('path') ? { Path: item.path } : {}),
    ChannelId: null,
    ...(fields.has('genres') ? { Genres: item.genres } : {}),
    ...(playable ? { RunTimeTicks: item.runtimeMs * ticksPerMs } : {}),
    ProductionYear: item.year,
    ...(fields.has('providerids') ? { ProviderIds: item.providerIds } : {}),
    IsFolder: !playable,
    ...(fields.has('parentid') ? { ParentId: item.parentId } : {}),
    Type: item.type,
    ...seriesFields(item),
    ...(playable ? { VideoType: 'VideoFile' } : {}),
    ImageTags: {},
    BackdropImageTags: [],
    ImageBlurHashes: {},
    LocationType: 'FileSystem',
    MediaType: playable ? 'Video' : 'Unknown',
  };
}

/** /Sessions shows the item with its streams, but neither MediaSources nor a rate of the whole. */
export function nowPlayingDto(item: LibraryItem, serverId: string): Dto {
  const shown = itemDto(item, serverId, new Set(['path', 'genres', 'providerids', 'parentid']));
  return {
    ...shown,
    IsHD: (item.source?.height ?? 0) >= 720,
    MediaStreams: mediaStreams(item),
    Chapters: [],
    Width: item.source?.width,
    Height: item.source?.height,
  };
}
