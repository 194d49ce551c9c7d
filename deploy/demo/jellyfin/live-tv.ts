// Live TV as the server keeps it: tuners, guides, the channels and programmes of the last refresh.
import { createGuideDownload, type GuideDownload } from './guide-download.ts';
import { matchChannel, type Programme, programmeOf } from './guide-match.ts';
import { guidOf } from './identity.ts';
import type { LibraryItem } from './library.ts';
import { defaultLiveTv, guideDays, type LiveTvConfiguration, type Provider } from './live-tv-configuration.ts';
import type { TunerChannel } from './m3u.ts';
import { createScheduledTasks, type ScheduledTasks } from './scheduled-tasks.ts';
import type { JellyfinBehaviour } from './version-behaviour.ts';
import type { Guide } from './xmltv.ts';

/** `tuner` as the last refresh saw it. */
export type Channel = { readonly id: string; readonly tuner: TunerChannel; readonly imageUrl: string | null };

/** Kept on disk: a restart forgets none of it. `probes` is cache/mediainfo, by open token. */
export type StoredLiveTv = {
  configuration: LiveTvConfiguration;
  channels: readonly Channel[];
  readonly probes: Record<string, readonly Readonly<Record<string, unknown>>[]>;
};

export const emptyLiveTv = (): StoredLiveTv => ({ configuration: defaultLiveTv, channels: [], probes: {} });

export type LiveTv = {
  readonly stored: StoredLiveTv;
  readonly tasks: ScheduledTasks;
  readonly download: GuideDownload;
  channel(id: string | null): Channel | null;
  /** By number, then name, as the server sorts. */
  channels(): readonly Channel[];
  /** Ordered by start. */
  programmes(channelId: string): readonly Programme[];
  /** A channel in the shape of a library's item, for sessions and single items. */
  item(id: string | null): LibraryItem | null;
  /** Writes the whole configuration; refreshes nothing by itself. */
  configure(configuration: LiveTvConfiguration): void;
  /** The tuner's channels of now, from memory where it was read before. */
  tunerChannels(tunerId: string): Promise<readonly TunerChannel[]>;
};

export type LiveTvNeed = {
  readonly stored: StoredLiveTv;
  readonly behaviour: JellyfinBehaviour;
  readonly now: () => number;
  readonly guideTaskMs: number;
  /** Of the library's scan, which stands in the same list of tasks. */
  readonly scanTaskMs: number;
  readonly changed: () => void;
};

const serviceName = 'Emby';

/** As the recorded server: MD5 of type, service and tuner channel id. */
export function channelItemId(tunerChannelId: string): string {
  return guidOf(`MediaBrowser.Controller.LiveTv.LiveTvChannel${`${serviceName}${tunerChannelId}4`.toLowerCase()}`);
}

const serves = (provider: Provider, tunerId: string) =>
  provider.EnableAllTuners || (provider.EnabledTuners ?? []).includes(tunerId);

function sortName({ tuner }: Channel): string {
  const number = tuner.number === null ? Number.NaN : Number(tuner.number);
  const place = Number.isNaN(number) ? (tuner.number ?? '') : number.toFixed(1).padStart(7, '0');
  return `${place}-${tuner.name ?? ''}`.toLowerCase();
}

export function createLiveTv(need: LiveTvNeed): LiveTv {
  const { stored, behaviour } = need;
  const programmes = new Map<string, readonly Programme[]>();
  const memory = new Map<string, readonly TunerChannel[]>();
  const download = createGuideDownload(behaviour, need.now);
  const refresh = createRefresh({ ...need, download, programmes, memory });
  const tasks = createScheduledTasks({
    leastMs: need.guideTaskMs,
    scanMs: need.scanTaskMs,
    now: need.now,
    refreshGuide: refresh,
  });
  const channel = (id: string | null) => stored.channels.find((candidate) => candidate.id === id) ?? null;
  return {
    stored,
    tasks,
    download,
    channel,
    channels: () => [...stored.channels].sort((a, b) => (sortName(a) < sortName(b) ? -1 : 1)),
    programmes: (id) => programmes.get(id) ?? [],
    item(id) {
      const found = channel(id);
      return found && channelItem(found);
    },
    configure(configuration) {
      stored.configuration = configuration;
      need.changed();
    },
    async tunerChannels(tunerId) {
      const known = memory.get(tunerId);
      if (known) return known;
      const tuner = stored.configuration.TunerHosts.find(({ Id }) => Id === tunerId);
      if (!tuner) return [];
      const read = await download.channels(tuner, new AbortController().signal);
      memory.set(tunerId, read);
      return read;
    },
  };
}

function channelItem(channel: Channel): LibraryItem {
  return {
    id: channel.id,
    name: channel.tuner.name ?? '',
    type: 'TvChannel',
    parentId: null,
    path: channel.tuner.path,
    year: 0,
    runtimeMs: 0,
    genres: [],
    providerIds: {},
    series: null,
    source: null,
    facts: {
      ...(channel.tuner.number === null ? {} : { channelNumber: channel.tuner.number }),
      ...(channel.imageUrl === null ? {} : { image: channel.imageUrl }),
    },
  };
}

type RefreshNeed = LiveTvNeed & {
  readonly download: GuideDownload;
  readonly programmes: Map<string, readonly Programme[]>;
  readonly memory: Map<string, readonly TunerChannel[]>;
};

/** The task: playlists, then guides. A tuner that does not answer has no channels; after a guide that cannot be read nothing is cleaned away. */
function createRefresh(need: RefreshNeed): (signal: AbortSignal) => Promise<void> {
  const { stored, download } = need;
  const tunerChannels = async (signal: AbortSignal) => {
    const found = new Map<string, TunerChannel>();
    for (const tuner of stored.configuration.TunerHosts) {
      const read = await download.channels(tuner, signal).catch(() => []);
      signal.throwIfAborted();
      need.memory.set(tuner.Id, read);
      for (const channel of read) if (!found.has(channel.id)) found.set(channel.id, channel);
    }
    return [...found.values()];
  };
  const guides = async (signal: AbortSignal) => {
    const read: { readonly provider: Provider; readonly guide: Guide | null }[] = [];
    for (const provider of stored.configuration.ListingProviders) {
      read.push({ provider, guide: await download.guide(provider, signal).catch(() => null) });
      signal.throwIfAborted();
    }
    return read;
  };
  return async (signal) => {
    const found = await tunerChannels(signal);
    const read = await guides(signal);
    const startMs = need.now() - 3_600_000;
    const span = { startMs, endMs: startMs + guideDays(stored.configuration) * 86_400_000 };
    const old = new Map(stored.channels.map((channel) => [channel.id, channel]));
    let clean = true;
    const channels = found.map((tuner): Channel => {
      const id = channelItemId(tuner.id);
      const { list, imageUrl, broken } = programmesFor(tuner, read, span);
      if (broken) clean = false;
      if (list) need.programmes.set(id, list);
      else if (!broken) need.programmes.delete(id);
      const wanted = imageUrl ?? tuner.imageUrl;
      // Up to 10.11 a logo that is there stays for ever.
      return { id, tuner, imageUrl: need.behaviour.guideIsFresh ? wanted : (old.get(id)?.imageUrl ?? wanted) };
    });
    const ids = new Set(channels.map(({ id }) => id));
    const kept = clean ? [] : stored.channels.filter(({ id }) => !ids.has(id));
    if (clean) for (const id of old.keys()) if (!ids.has(id)) need.programmes.delete(id);
    stored.channels = [...channels, ...kept];
    need.changed();
  };
}

type ForChannel = { readonly list: readonly Programme[] | null; readonly imageUrl: string | null; readonly broken: boolean };

/** From the first guide that serves the tuner and knows the channel. */
function programmesFor(
  tuner: TunerChannel,
  guides: readonly { readonly provider: Provider; readonly guide: Guide | null }[],
  span: { readonly startMs: number; readonly endMs: number },
): ForChannel {
  for (const { provider, guide } of guides) {
    if (!serves(provider, tuner.tunerId)) continue;
    if (!guide) return { list: null, imageUrl: null, broken: true };
    const match = matchChannel(tuner, provider, guide);
    if (!match) continue;
    const inside = guide.entries.filter(
      (entry) =>
        entry.channelId.toLowerCase() === match.id.toLowerCase() && entry.endMs > span.startMs && entry.startMs < span.endMs,
    );
    try {
      const list = inside.map((entry) => programmeOf(entry, tuner.id, provider)).sort((a, b) => a.startMs - b.startMs);
      return { list, imageUrl: match.imageUrl, broken: false };
    } catch {
      return { list: null, imageUrl: null, broken: true };
    }
  }
  return { list: null, imageUrl: null, broken: false };
}
