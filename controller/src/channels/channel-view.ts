// Pure: channels and schedule entries as REST shows them.
import type { CatalogueItem } from './catalogue-item.ts';
import type { ChannelPicture, ChannelRules } from './channel.ts';
import type { StoredChannel } from './channel-store.ts';
import type { ChannelView } from './channels-api.ts';
import type { ScheduleEntry } from './schedule-entry.ts';
import type { EntryView } from './schedules-api.ts';

export const iso = (ms: number): string => new Date(ms).toISOString();

/** What of a channel is known beside its row. */
export type ScheduleState = { readonly throughMs: number | null; readonly problem: string | null };

/** As `viewChannel`. A dashboard asks for a thousand of them each few seconds: what did not change is not made anew. */
export function rememberViews(): typeof viewChannel {
  const views = new WeakMap<StoredChannel, { readonly of: ScheduleState; readonly view: ChannelView }>();
  return (channel, state) => {
    const known = views.get(channel);
    if (known?.of.throughMs === state.throughMs && known.of.problem === state.problem) return known.view;
    const view = viewChannel(channel, state);
    views.set(channel, { of: state, view });
    return view;
  };
}

export function viewChannel(channel: StoredChannel, { throughMs, problem }: ScheduleState): ChannelView {
  const { selection } = channel;
  return {
    id: channel.id,
    name: channel.name,
    description: channel.description,
    channel_number: channel.number,
    group: channel.group,
    logo: channel.logo,
    enabled: channel.enabled,
    schedule_type: channel.scheduleType,
    seed: channel.seed,
    libraries: selection.libraries.map(({ server, id, name, collectionType }) => ({
      server,
      library_id: id,
      library_name: name,
      collection_type: collectionType,
    })),
    sources: selection.sources.map(({ kind, server, id, name }) => ({ kind, server, id, name })),
    genre_filters: selection.genres.map(({ genre, contentType }) => ({ genre, content_type: contentType })),
    tags: [...selection.tags],
    studios: [...selection.studios],
    years: selection.years,
    max_rating: selection.maxRating,
    exclusions: selection.exclusions.map(({ server, id }) => ({ server, id })),
    rules: viewRules(channel.rules),
    picture: viewLook(channel.look),
    schedule_generated_through: throughMs === null ? null : iso(throughMs),
    tuner_host_id: channel.tunerHostId,
    listing_provider_id: channel.listingProviderId,
    created_at: iso(channel.createdAt),
    updated_at: iso(channel.updatedAt),
    schedule_error: problem,
  };
}

// The rules inside have REST's own names: what they hold goes out as it is.
const viewRules = ({ series, block, films, slots, dates, filler }: ChannelRules): ChannelView['rules'] => ({
  series,
  block,
  films,
  // Cloning nothing takes 10 µs too, and most of a thousand channels have none.
  slots: slots.length === 0 ? [] : (structuredClone(slots) as ChannelView['rules']['slots']),
  dates: dates.length === 0 ? [] : (structuredClone(dates) as ChannelView['rules']['dates']),
  filler: { kind: filler.kind, from: [...filler.from], image: filler.image, pad_to_minutes: filler.padToMinutes },
});

const viewLook = (look: ChannelPicture): ChannelView['picture'] => ({
  size: look.size,
  transport: look.transport,
  fps: look.fps,
  audio_language: look.audioLanguage,
  subtitle_language: look.subtitleLanguage,
  watermark:
    look.watermark === null
      ? null
      : { corner: look.watermark.corner, opacity: look.watermark.opacity, width_percent: look.watermark.widthPercent },
});

const KINDS = { movie: 'Movie', episode: 'Episode', video: 'Video' } as const;

/** @param item as the catalogue has it now; null where it is gone or the entry has none */
export function viewEntry(entry: ScheduleEntry, item: CatalogueItem | null): EntryView {
  const guess = entry.seriesTitle === null ? 'movie' : 'episode';
  return {
    id: entry.id,
    channel_id: entry.channelId,
    kind: entry.kind,
    origin: entry.origin,
    title: entry.title,
    series_name: entry.seriesTitle,
    season_number: entry.season,
    episode_number: entry.episode,
    media_item_id: entry.item?.id ?? null,
    server: entry.item?.server ?? null,
    library_id: entry.item?.libraryId ?? null,
    item_type: entry.item === null ? null : KINDS[item?.kind ?? guess],
    start_time: iso(entry.startMs),
    end_time: iso(entry.endMs),
    duration: (entry.endMs - entry.startMs) / 1_000,
    genres: [...entry.genres],
    fixed: entry.fixed,
  };
}
