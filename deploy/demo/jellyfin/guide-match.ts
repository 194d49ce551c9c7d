// Which guide channel belongs to a tuner's channel, and what a programme becomes in Jellyfin (facts/channels.md §4.3, §4.4). Pure.
import { guidOf } from './identity.ts';
import type { Provider } from './live-tv-configuration.ts';
import type { TunerChannel } from './m3u.ts';
import type { Guide, GuideChannel, GuideEntry } from './xmltv.ts';

export type Programme = {
  readonly id: string;
  readonly channelId: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly name: string;
  readonly overview: string | null;
  readonly episodeTitle: string | null;
  readonly season: number | null;
  readonly episode: number | null;
  readonly genres: readonly string[];
  readonly year: number | null;
  readonly rating: string | null;
  readonly stars: number | null;
  readonly imageUrl: string | null;
  /** Not shown by the API, but what series recordings and repeats go by. */
  readonly showId: string;
  readonly isMovie: boolean;
  readonly isSeries: boolean;
  readonly isNews: boolean;
  readonly isKids: boolean;
  readonly isSports: boolean;
  readonly isRepeat: boolean;
  readonly isPremiere: boolean;
  readonly isLive: boolean;
};

const normal = (name: string) => name.replace(/[\s-]/g, '').toLowerCase();
const same = (a: string | null, b: string | null) => a !== null && b !== null && a.toLowerCase() === b.toLowerCase();

/** Mapping or channel id, then tvg-id, then number, then name. */
export function matchChannel(
  channel: TunerChannel,
  provider: Pick<Provider, 'ChannelMappings'>,
  guide: Guide,
): GuideChannel | null {
  const mapped = (id: string) => (provider.ChannelMappings ?? []).find(({ Name }) => same(Name, id))?.Value ?? id;
  const by = (fits: (candidate: GuideChannel) => boolean) => guide.channels.find(fits);
  const { id, tunerChannelId, number, name } = channel;
  return (
    by((candidate) => same(candidate.id, mapped(id))) ??
    (tunerChannelId ? by((candidate) => same(candidate.id, mapped(tunerChannelId))) : undefined) ??
    (number ? by((candidate) => same(candidate.number, mapped(number))) : undefined) ??
    (name ? by((candidate) => candidate.name !== null && normal(candidate.name) === normal(name)) : undefined) ??
    null
  );
}

/** Without a dd_progid the server builds it of the episode number alone (`=` where `+=` was meant): different shows share one. */
function showId(entry: GuideEntry, isRepeat: boolean): string {
  if (entry.programId !== null) return entry.programId;
  let unique = `${entry.title ?? ''}${entry.subtitle ?? ''}`;
  if (entry.season !== null) unique = `-${entry.season}`;
  if (entry.episode !== null) unique = `-${entry.episode}`;
  const hashed = guidOf(unique);
  return entry.episode === 0 && !isRepeat ? `${hashed}${entry.startMs}` : hashed;
}

/** Throws where a category list is null, as the server does. `channelId` is the tuner channel's. */
export function programmeOf(entry: GuideEntry, channelId: string, provider: Provider): Programme {
  const has = (list: readonly string[] | null) => {
    if (list === null) throw new Error('Value cannot be null.');
    const wanted = new Set(list.map((name) => name.toLowerCase()));
    return entry.categories.some((category) => wanted.has(category.toLowerCase()));
  };
  const isMovie = has(provider.MovieCategories);
  const isRepeat = entry.previouslyShown && !entry.isNew;
  const start = new Date(entry.startMs).toISOString();
  return {
    id: guidOf(`MediaBrowser.Controller.LiveTv.LiveTvProgram${`${entry.channelId}_${start}_${channelId}`.toLowerCase()}`),
    channelId,
    startMs: entry.startMs,
    endMs: entry.endMs,
    name: entry.title ?? '',
    overview: entry.description,
    // A film has no episode; its season stays.
    episodeTitle: isMovie ? null : entry.subtitle,
    season: entry.season,
    episode: isMovie ? null : entry.episode,
    genres: entry.categories,
    year: entry.year,
    rating: entry.rating,
    stars: entry.stars,
    imageUrl: entry.imageUrl,
    showId: showId(entry, isRepeat),
    isMovie,
    isSeries: !isMovie && entry.episode !== null,
    isNews: has(provider.NewsCategories),
    isKids: has(provider.KidsCategories),
    isSports: has(provider.SportsCategories),
    isRepeat,
    isPremiere: entry.premiere,
    isLive: entry.live,
  };
}
