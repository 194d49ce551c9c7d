// Jellyfin's Live TV as an administrator works with it: tuners, guides, the guide's task, channels, and opening one.
import type * as z from 'zod';
import { ControllerError } from '../errors.ts';
import type { JellyfinHttp } from './jellyfin-http.ts';
import { readableSessions, type Session, sessionList } from './jellyfin-schemas.ts';
import {
  channelPage,
  liveTvConfiguration,
  playbackInfo,
  type RawProvider,
  type RawTuner,
  saved,
  taskList,
} from './live-tv-schemas.ts';

export type TunerHost = { readonly id: string; readonly type: string; readonly url: string; readonly tunerCount: number };
export type ListingProvider = {
  readonly id: string;
  readonly type: string;
  readonly path: string;
  readonly allTuners: boolean;
  readonly tuners: readonly string[];
};
export type LiveTvRegistered = { readonly tuners: readonly TunerHost[]; readonly providers: readonly ListingProvider[] };

export type TunerOrder = {
  /** Of the tuner that is changed; null makes a new one. */
  readonly id: string | null;
  readonly url: string;
  readonly name: string;
};
export type ProviderOrder = { readonly id: string | null; readonly url: string; readonly tuners: readonly string[] };

export type GuideTask = {
  readonly state: 'idle' | 'running' | 'cancelling';
  /** Of its last end, UTC ms; null before the first. */
  readonly lastEndMs: number | null;
  /** `Completed`, `Failed`, `Cancelled`, `Aborted`. */
  readonly lastStatus: string | null;
};
export type LiveTvChannel = {
  readonly id: string;
  readonly name: string;
  readonly number: string | null;
  readonly hasImage: boolean;
};

/** All throw ControllerError: upstream_failed for what the server refuses (a playlist that it cannot fetch is a 500 there), else as every call. */
export type LiveTvClient = {
  registered(signal: AbortSignal): Promise<LiveTvRegistered>;
  /** Fetches our playlist before it answers. @returns the tuner's id */
  saveTuner(order: TunerOrder, signal: AbortSignal): Promise<string>;
  removeTuner(id: string, signal: AbortSignal): Promise<void>;
  /** @returns the provider's id */
  saveProvider(order: ProviderOrder, signal: AbortSignal): Promise<string>;
  removeProvider(id: string, signal: AbortSignal): Promise<void>;
  guideTask(signal: AbortSignal): Promise<GuideTask>;
  /** Starts it; it runs for seconds to minutes. */
  refreshGuide(signal: AbortSignal): Promise<void>;
  channels(signal: AbortSignal): Promise<readonly LiveTvChannel[]>;
  /** Opens a channel as a player does, with the server's own probe. @returns the live stream, to be closed exactly once */
  open(channelId: string, userId: string, signal: AbortSignal): Promise<string>;
  close(liveStreamId: string, signal: AbortSignal): Promise<void>;
  /** How many sessions play Live TV now. */
  viewers(signal: AbortSignal): Promise<number>;
  /** Up to 10.11 a channel's picture never changes by itself: without one, the next refresh takes the playlist's. */
  removeImage(channelId: string, signal: AbortSignal): Promise<void>;
};

/** The server fetches our playlist, or our guide, within the call. */
const SAVE_TIMEOUT_MS = 60_000;
/** 3.3 s of probing at the first opening (seen on 12.0.0); opens wait for each other under one lock. */
const OPEN_TIMEOUT_MS = 60_000;

/**
 * Which texts of `<category>` mean what. The server's own lists hold "documentary" as news and "family" as children's, which genres are.
 * A field that is left out takes those defaults, and an explicit null breaks the server's guide reader.
 */
const GUIDE_CATEGORIES = {
  MovieCategories: ['movie'],
  SportsCategories: ['sports'],
  NewsCategories: ['news'],
  KidsCategories: ['kids'],
} as const;

/** What a player that plays a channel as it is says of itself. Without a profile the server neither probes nor caches as for a player. */
const DEVICE_PROFILE = {
  MaxStreamingBitrate: 120_000_000,
  DirectPlayProfiles: [{ Container: 'ts,mpegts', Type: 'Video', VideoCodec: 'h264', AudioCodec: 'aac' }],
  TranscodingProfiles: [],
  ContainerProfiles: [],
  CodecProfiles: [],
  SubtitleProfiles: [],
};

const LIVE_TYPE = /TvChannel$/;
const playsLiveTv = ({ NowPlayingItem: playing, PlayState: state }: Session): boolean =>
  Boolean(playing) && (LIVE_TYPE.test(playing?.Type ?? '') || Boolean(state?.LiveStreamId));

const withoutNulls = (raw: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(raw).filter(([, value]) => value !== null && value !== undefined));

/** The fields that each of 10.10 to 12 knows; the rest keeps what stands there, or takes the server's defaults. */
const tunerBody = (order: TunerOrder, standing: RawTuner | undefined) => ({
  // A new one has both as empty texts: the server makes the id.
  ...(standing === undefined ? { Id: '', Source: '' } : withoutNulls(standing)),
  Type: 'm3u',
  Url: order.url,
  FriendlyName: order.name,
  // Any other number, and looping too, switches direct play off.
  TunerCount: 0,
  EnableStreamLooping: false,
  AllowStreamSharing: true,
});

const providerBody = (order: ProviderOrder, standing: RawProvider | undefined) => ({
  ...(standing === undefined ? { Id: '' } : withoutNulls(standing)),
  Type: 'xmltv',
  Path: order.url,
  EnableAllTuners: false,
  EnabledTuners: order.tuners,
  ...GUIDE_CATEGORIES,
});

const registeredOf = ({
  TunerHosts: tuners,
  ListingProviders: providers,
}: z.infer<typeof liveTvConfiguration>): LiveTvRegistered => ({
  tuners: (tuners ?? []).map((one) => ({
    id: one.Id,
    type: one.Type ?? '',
    url: one.Url ?? '',
    tunerCount: one.TunerCount ?? 0,
  })),
  providers: (providers ?? []).map((one) => ({
    id: one.Id,
    type: one.Type ?? '',
    path: one.Path ?? '',
    allTuners: one.EnableAllTuners ?? false,
    tuners: one.EnabledTuners ?? [],
  })),
});

const stateOf = (state: string | null | undefined): GuideTask['state'] =>
  state === 'Running' ? 'running' : state === 'Cancelling' ? 'cancelling' : 'idle';

const timeOf = (text: string | null | undefined): number | null => {
  const ms = Date.parse(text ?? '');
  return Number.isFinite(ms) ? ms : null;
};

const createCalls = (http: JellyfinHttp) => {
  const json = { 'content-type': 'application/json' };
  const configuration = (signal: AbortSignal) => http.ask(liveTvConfiguration, { path: '/System/Configuration/livetv', signal });
  return {
    configuration,
    save: (path: string, body: object, signal: AbortSignal) =>
      http.ask(saved, { method: 'POST', path, headers: json, body: JSON.stringify(body), timeoutMs: SAVE_TIMEOUT_MS, signal }),
    remove: async (path: string, id: string, signal: AbortSignal) => {
      // 204 even where nothing is.
      await http.send({ method: 'DELETE', path, query: { id }, repeatable: true, signal });
    },
    task: async (signal: AbortSignal) => {
      const tasks = await http.ask(taskList, { path: '/ScheduledTasks', signal });
      const found = tasks.find(({ Key: key }) => key === 'RefreshGuide');
      if (!found) throw new ControllerError('upstream_failed', `${http.who} has no task RefreshGuide`);
      return found;
    },
    playback: (channelId: string, userId: string, signal: AbortSignal) =>
      http.ask(playbackInfo, {
        method: 'POST',
        path: `/Items/${encodeURIComponent(channelId)}/PlaybackInfo`,
        query: { userId, autoOpenLiveStream: true },
        headers: json,
        body: JSON.stringify({ UserId: userId, AutoOpenLiveStream: true, DeviceProfile: DEVICE_PROFILE }),
        timeoutMs: OPEN_TIMEOUT_MS,
        signal,
      }),
  };
};

/** Uses the server's own HTTP client, and with it its rest after a refused key. */
export const createLiveTvClient = (http: JellyfinHttp): LiveTvClient => {
  const { configuration, save, remove, task, playback } = createCalls(http);
  return {
    registered: async (signal) => registeredOf(await configuration(signal)),
    async saveTuner(order, signal) {
      const standing = order.id === null ? [] : ((await configuration(signal)).TunerHosts ?? []);
      const body = tunerBody(
        order,
        standing.find(({ Id: id }) => id === order.id),
      );
      return (await save('/LiveTv/TunerHosts', body, signal)).Id;
    },
    removeTuner: (id, signal) => remove('/LiveTv/TunerHosts', id, signal),
    async saveProvider(order, signal) {
      const standing = order.id === null ? [] : ((await configuration(signal)).ListingProviders ?? []);
      const body = providerBody(
        order,
        standing.find(({ Id: id }) => id === order.id),
      );
      return (await save('/LiveTv/ListingProviders?validateListings=false&validateLogin=false', body, signal)).Id;
    },
    removeProvider: (id, signal) => remove('/LiveTv/ListingProviders', id, signal),
    async guideTask(signal) {
      const { State: state, LastExecutionResult: last } = await task(signal);
      return { state: stateOf(state), lastEndMs: timeOf(last?.EndTimeUtc), lastStatus: last?.Status ?? null };
    },
    async refreshGuide(signal) {
      const { Id: id } = await task(signal);
      await http.send({ method: 'POST', path: `/ScheduledTasks/Running/${encodeURIComponent(id)}`, repeatable: true, signal });
    },
    async channels(signal) {
      const { Items: items } = await http.ask(channelPage, {
        path: '/LiveTv/Channels',
        query: { enableUserData: false },
        signal,
      });
      return items.map((one) => ({
        id: one.Id,
        name: one.Name ?? '',
        number: one.ChannelNumber ?? one.Number ?? null,
        hasImage: Boolean(one.ImageTags?.['Primary']),
      }));
    },
    async open(channelId, userId, signal) {
      const { MediaSources: sources, ErrorCode: code } = await playback(channelId, userId, signal);
      const id = sources?.find(({ LiveStreamId: one }) => one)?.LiveStreamId;
      if (id) return id;
      throw new ControllerError(
        'upstream_failed',
        `${http.who} does not open channel ${channelId} (${code ?? 'no live stream'})`,
      );
    },
    async close(liveStreamId, signal) {
      await http.send({ method: 'POST', path: '/LiveStreams/Close', query: { liveStreamId }, signal });
    },
    async viewers(signal) {
      return readableSessions(await http.ask(sessionList, { path: '/Sessions', signal })).filter(playsLiveTv).length;
    },
    async removeImage(channelId, signal) {
      await http.send({ method: 'DELETE', path: `/Items/${encodeURIComponent(channelId)}/Images/Primary`, signal });
    },
  };
};
