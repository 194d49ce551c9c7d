// Pure: what the webhook plugin v21 says of each event: keys, order and values as recorded (recordings/jellyfin/webhook, facts/jellyfin.md §7, §11).
import { ticksPerMs } from './identity.ts';
import type { LibraryItem } from './library.ts';
import { likesOf, type SaveReason, type Watched } from './watch-rules.ts';

/** An id is written without dashes into JSON and with them by a template; a date with all its decimals by a template only. */
export type HookValue = string | number | boolean | null | { readonly guid: string } | { readonly date: string };
export type HookData = Record<string, HookValue>;

export type HookServer = { readonly id: string; readonly name: string; readonly version: string; readonly url: string };

/** What the plugin takes for the item's class, which its switches go by. */
export const hookClass = (item: LibraryItem): string => (item.type === 'TvChannel' ? 'LiveTvChannel' : item.type);

/** Quotes alone, and once more by JSON: a name with one arrives as `\"`. */
const escaped = (text: string) => text.replaceAll('"', '\\"');

const never = '0001-01-01T00:00:00.0000000Z';

export function baseData(server: HookServer, type: string): HookData {
  return {
    ServerId: server.id,
    ServerName: escaped(server.name),
    ServerVersion: server.version,
    ServerUrl: server.url,
    NotificationType: type,
  };
}

/** TimeSpan's hh\:mm\:ss: a day and more begins anew. */
function clock(ticks: number): string {
  const seconds = Math.floor(ticks / ticksPerMs / 1000);
  const two = (number: number) => String(number).padStart(2, '0');
  return `${two(Math.floor(seconds / 3600) % 24)}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
}

function numbered(name: string, number: number | undefined): HookData {
  if (number === undefined) return {};
  const padded = (digits: number) => String(number).padStart(digits, '0');
  return { [name]: number, [`${name}00`]: padded(2), [`${name}000`]: padded(3) };
}

const dayOf = (ms: number | undefined) => (ms === undefined ? undefined : new Date(ms).toISOString().slice(0, 10));

function placeData(item: LibraryItem, series: LibraryItem | null): HookData {
  const name: HookData = series ? { SeriesName: escaped(series.name) } : {};
  const year: HookData = series && series.year > 0 ? { Year: series.year } : {};
  const id: HookData = series ? { SeriesId: { guid: series.id } } : {};
  if (item.type === 'Season') return { ...name, ...year, ...id, ...numbered('SeasonNumber', item.facts?.number) };
  if (item.type !== 'Episode' || !item.series) return {};
  const first = dayOf(series?.facts?.premiereMs);
  return {
    ...name,
    ...id,
    SeasonId: { guid: item.series.seasonId },
    ...(first === undefined ? {} : { SeriesPremiereDate: first }),
    ...numbered('SeasonNumber', item.series.season),
    ...numbered('EpisodeNumber', item.series.episode),
    ...year,
  };
}

type Stream = Readonly<Record<string, unknown>>;

const text = (value: unknown): HookValue => (typeof value === 'string' ? value : null);
const count = (value: unknown): HookValue => (typeof value === 'number' ? value : 0);

function streamData(stream: Stream): HookData {
  const of = (...names: readonly (readonly [string, string, (value: unknown) => HookValue])[]) =>
    Object.fromEntries(names.map(([key, name, read]) => [key, read(stream[name])]));
  const flag = (value: unknown): HookValue => value === true;
  const head = of(['Title', 'DisplayTitle', text], ['Type', 'Type', text]);
  if (stream['Type'] === 'Video')
    return {
      ...head,
      ...of(['Codec', 'Codec', text], ['Profile', 'Profile', text], ['Level', 'Level', count], ['Height', 'Height', count]),
      ...of(['Width', 'Width', count], ['AspectRatio', 'AspectRatio', text], ['Interlaced', 'IsInterlaced', flag]),
      ...of(['FrameRate', 'RealFrameRate', count], ['VideoRange', 'VideoRange', text], ['ColorSpace', 'ColorSpace', text]),
      ...of(['ColorTransfer', 'ColorTransfer', text], ['ColorPrimaries', 'ColorPrimaries', text]),
      ...of(['PixelFormat', 'PixelFormat', text], ['RefFrames', 'RefFrames', count]),
    };
  if (stream['Type'] === 'Audio')
    return {
      ...head,
      ...of(['Language', 'Language', text], ['Codec', 'Codec', text], ['Channels', 'Channels', count]),
      ...of(['Bitrate', 'BitRate', count], ['SampleRate', 'SampleRate', count], ['Default', 'IsDefault', flag]),
    };
  return {
    ...head,
    ...of(['Language', 'Language', text], ['Codec', 'Codec', text], ['Default', 'IsDefault', flag]),
    ...of(['Forced', 'IsForced', flag], ['External', 'IsExternal', flag]),
  };
}

function streamsData(streams: readonly Stream[]): HookData {
  const seen = new Map<string, number>();
  const data: HookData = {};
  for (const stream of streams) {
    const type = String(stream['Type']);
    if (!['Video', 'Audio', 'Subtitle'].includes(type)) continue;
    const number = seen.get(type) ?? 0;
    seen.set(type, number + 1);
    for (const [key, value] of Object.entries(streamData(stream))) data[`${type}_${number}_${key}`] = value;
  }
  return data;
}

export type HookItem = {
  readonly item: LibraryItem;
  readonly series: LibraryItem | null;
  /** As MediaStreams of the item. */
  readonly streams: readonly Stream[];
};

/** `now` with seven decimals. */
export function itemData({ item, series, streams }: HookItem, now: string): HookData {
  const { facts } = item;
  const ticks = item.runtimeMs * ticksPerMs;
  const ownYear = item.type === 'Season' ? 0 : item.year;
  const premiere = dayOf(facts?.premiereMs);
  const providers = Object.entries(item.providerIds).map(([name, id]) => [`Provider_${name.toLowerCase()}`, id]);
  return {
    Timestamp: { date: now.replace('Z', '+00:00') },
    UtcTimestamp: { date: now },
    Name: escaped(item.name),
    Overview: escaped(facts?.overview ?? ''),
    Tagline: escaped(facts?.tagline ?? ''),
    ItemId: { guid: item.id },
    ItemType: hookClass(item),
    RunTimeTicks: ticks,
    RunTime: clock(ticks),
    ...(ownYear > 0 ? { Year: ownYear } : {}),
    ...(premiere === undefined ? {} : { PremiereDate: premiere }),
    ...(item.genres.length > 0 ? { Genres: item.genres.join(', ') } : {}),
    ...placeData(item, series),
    ...Object.fromEntries(providers),
    ...streamsData(streams),
  };
}

/** Unset is said as false, 0 and -1; the date alone is left out. */
export function savedData(watched: Watched, reason: SaveReason, user: { readonly id: string; readonly name: string }): HookData {
  return {
    Likes: likesOf(watched.rating) ?? false,
    Rating: watched.rating ?? 0,
    PlaybackPositionTicks: watched.positionTicks,
    PlaybackPosition: clock(watched.positionTicks),
    PlayCount: watched.playCount,
    Favorite: watched.favourite,
    Played: watched.played,
    AudioStreamIndex: watched.audioIndex ?? -1,
    SubtitleStreamIndex: watched.subtitleIndex ?? -1,
    ...(watched.lastPlayed === null ? {} : { LastPlayedDate: { date: watched.lastPlayed } }),
    SaveReason: reason,
    NotificationUsername: user.name,
    UserId: { guid: user.id },
  };
}

export type HookPlayback = {
  readonly positionTicks: number | null;
  readonly mediaSourceId: string;
  readonly paused: boolean;
  readonly automated: boolean;
  /** Null after the end. */
  readonly playMethod: string | null;
  /** Of a stop. */
  readonly completed?: boolean;
};

export type HookSession = {
  readonly id: string;
  readonly userId: string;
  readonly userName: string;
  readonly client: string;
  readonly device: string;
  readonly deviceId: string;
  readonly address: string;
  /** With seven decimals; null for never. */
  readonly lastActivity: string | null;
  readonly lastCheckIn: string | null;
};

export function sessionData(session: HookSession): HookData {
  return {
    Id: session.id,
    UserId: { guid: session.userId },
    NotificationUsername: session.userName,
    Client: escaped(session.client),
    LastActivityDate: { date: session.lastActivity ?? never },
    LastPlaybackCheckIn: { date: session.lastCheckIn ?? never },
    DeviceName: escaped(session.device),
    DeviceId: session.deviceId,
    RemoteEndPoint: session.address,
  };
}

export function playbackData(playback: HookPlayback, session: HookSession): HookData {
  return {
    PlaybackPositionTicks: playback.positionTicks ?? 0,
    PlaybackPosition: clock(playback.positionTicks ?? 0),
    MediaSourceId: playback.mediaSourceId,
    IsPaused: playback.paused,
    IsAutomated: playback.automated,
    DeviceId: session.deviceId,
    DeviceName: session.device,
    ClientName: session.client,
    ...(playback.playMethod === null ? {} : { PlayMethod: playback.playMethod }),
    ...(playback.completed === undefined ? {} : { PlayedToCompletion: playback.completed }),
    ...sessionData(session),
  };
}

export type HookUser = {
  readonly id: string;
  readonly name: string;
  readonly lastLogin: string | null;
  readonly lastActivity: string | null;
};

/** A log-in that never was is said to be now. */
export function userData(user: HookUser, now: string): HookData {
  return {
    NotificationUsername: escaped(user.name),
    UserId: { guid: user.id },
    LastLoginDate: { date: user.lastLogin ?? now },
    LastActivityDate: { date: user.lastActivity ?? never },
  };
}
