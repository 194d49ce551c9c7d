// Items as GET /Items, /Sessions and PlaybackInfo write them. Pure.
import { createHash } from 'node:crypto';
import { idOf, isoTime, ticksPerMs } from './identity.ts';
import type { LibraryItem } from './library.ts';

/** A JSON object on its way out. */
export type Dto = Record<string, unknown>;

export function mediaStreams(item: LibraryItem): Dto[] {
  const source = item.source;
  if (!source) return [];
  if (item.facts?.streams) return item.facts.streams.map((stream) => ({ ...stream }));
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
    AspectRatio: '16:9',
    PixelFormat: 'yuv420p',
    RefFrames: 1,
  };
  const audio = {
    Codec: source.audioCodec,
    Language: 'und',
    DisplayTitle: `${source.audioCodec.toUpperCase()} - Stereo - Default`,
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
  if (item.facts?.sizeBytes !== undefined) return item.facts.sizeBytes;
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
    DefaultAudioStreamIndex: item.facts?.streams?.find((stream) => stream['Type'] === 'Audio')?.['Index'] ?? 1,
    HasSegments: false,
  };
}

function seriesFields(item: LibraryItem): Dto {
  const series = item.series;
  if (!series) return item.facts?.number === undefined ? {} : { IndexNumber: item.facts.number };
  return {
    IndexNumber: series.episode,
    ParentIndexNumber: series.season,
    SeriesName: series.name,
    SeriesId: series.id,
    SeasonId: series.seasonId,
    SeasonName: series.season === 0 ? 'Specials' : `Season ${series.season}`,
  };
}

const named = (kind: string, names: readonly string[]) => names.map((name) => ({ Name: name, Id: idOf(`${kind} ${name}`) }));

/** What comes only where a request's `fields` name it; lower case. Others are ignored without a word. */
const optional: Readonly<Record<string, (item: LibraryItem) => Dto>> = {
  path: (item) => (item.path === '' ? {} : { Path: item.path }),
  genres: (item) => ({ Genres: item.genres, GenreItems: named('genre', item.genres) }),
  tags: (item) => ({ Tags: item.facts?.tags ?? [] }),
  studios: (item) => ({ Studios: named('studio', item.facts?.studios ?? []) }),
  overview: (item) => (item.facts?.overview === undefined ? {} : { Overview: item.facts.overview }),
  providerids: (item) => ({ ProviderIds: item.providerIds }),
  parentid: (item) => ({ ParentId: item.parentId }),
  mediasources: (item) => (item.source ? { MediaSources: [mediaSource(item)] } : {}),
  mediastreams: (item) => (item.source ? { MediaStreams: mediaStreams(item) } : {}),
  chapters: (item) => (item.source ? { Chapters: [] } : {}),
  datecreated: (item) => (item.facts?.createdMs === undefined ? {} : { DateCreated: isoTime(item.facts.createdMs) }),
  datelastsaved: (item) => (item.facts?.savedMs === undefined ? {} : { DateLastSaved: isoTime(item.facts.savedMs) }),
  etag: (item) => ({ Etag: idOf(`etag ${item.id} ${item.facts?.savedMs ?? 0}`) }),
  sortname: (item) => ({ SortName: item.name.toLowerCase() }),
  width: (item) => (item.source ? { Width: item.source.width } : {}),
  height: (item) => (item.source ? { Height: item.source.height } : {}),
  ishd: (item) => (item.source ? { IsHD: item.source.height >= 720 } : {}),
};

/** What GET /Items/{id} tells without being asked. */
export const allFields: ReadonlySet<string> = new Set(Object.keys(optional));

function playableFields(item: LibraryItem): Dto {
  const source = item.source;
  return {
    ...(source
      ? { Container: source.container === 'mp4' ? 'mov,mp4,m4a,3gp,3g2,mj2' : source.container, VideoType: 'VideoFile' }
      : {}),
    ...(source || item.facts?.virtual ? { RunTimeTicks: item.runtimeMs * ticksPerMs } : {}),
  };
}

const folderTypes = new Set(['Series', 'Season', 'BoxSet', 'CollectionFolder']);

/** `fields` are those asked for, in lower case. */
export function itemDto(item: LibraryItem, serverId: string, fields: ReadonlySet<string>): Dto {
  const { facts } = item;
  const asked = Object.entries(optional).filter(([name]) => fields.has(name));
  return {
    Name: item.name,
    ServerId: serverId,
    Id: item.id,
    ...playableFields(item),
    ...(facts?.premiereMs === undefined ? {} : { PremiereDate: isoTime(facts.premiereMs) }),
    ...(facts?.rating === undefined ? {} : { OfficialRating: facts.rating }),
    ...(facts?.community === undefined ? {} : { CommunityRating: facts.community }),
    ChannelId: null,
    ...(item.year > 0 ? { ProductionYear: item.year } : {}),
    ...Object.assign({}, ...asked.map(([, write]) => write(item))),
    IsFolder: folderTypes.has(item.type),
    Type: item.type,
    ...seriesFields(item),
    ...(item.type === 'TvChannel'
      ? { Number: facts?.channelNumber, ChannelNumber: facts?.channelNumber, ChannelType: 'TV' }
      : {}),
    ImageTags: facts?.image === undefined ? {} : { Primary: idOf(`image ${facts.image}`) },
    BackdropImageTags: [],
    ImageBlurHashes: {},
    LocationType: facts?.virtual ? 'Virtual' : item.type === 'TvChannel' ? 'Remote' : 'FileSystem',
    MediaType: folderTypes.has(item.type) ? 'Unknown' : item.type === 'Audio' ? 'Audio' : 'Video',
  };
}

/** /Sessions shows the item with its streams, but neither MediaSources nor a rate of the whole. */
export function nowPlayingDto(item: LibraryItem, serverId: string): Dto {
  const shown = itemDto(item, serverId, new Set(['path', 'genres', 'providerids', 'parentid']));
  if (item.type === 'TvChannel') return shown;
  return {
    ...shown,
    IsHD: (item.source?.height ?? 0) >= 720,
    MediaStreams: mediaStreams(item),
    Chapters: [],
    Width: item.source?.width,
    Height: item.source?.height,
  };
}
