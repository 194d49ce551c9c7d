// Pure: Jellyfin's items as sync knows them, and how a list of them is asked for.
import type { SyncedItem } from '../../neighbours/synced-server.ts';
import type { ItemAnswer } from './sync-schemas.ts';

export type Query = Readonly<Record<string, string | number | boolean | undefined>>;

const TICKS_PER_MS = 10_000;

const KINDS = {
  Movie: 'movie',
  Series: 'series',
  Season: 'season',
  Episode: 'episode',
  Video: 'video',
  MusicVideo: 'music-video',
  Audio: 'audio',
} as const satisfies Record<string, SyncedItem['kind']>;

/** BaseItemKind: a misspelt one would be dropped by the server, and everything returned. */
export const SYNCED_TYPES = 'Movie,Series,Season,Episode,Video,MusicVideo,Audio';
/** What is played itself. 12 counts a series as played or resumable by its episodes. */
export const PLAYED_TYPES = 'Movie,Episode,Video,MusicVideo,Audio';

/** Series and seasons: whether they are played is made of their episodes, and cannot be set. */
export const isFolder = (type: string): boolean => type === 'Series' || type === 'Season';

/** Whole libraries: what has no file is left out; films in a collection stay films. */
export const WHOLE: Query = {
  recursive: true,
  isMissing: false,
  excludeLocationTypes: 'Virtual',
  collapseBoxSetItems: false,
  enableImages: false,
};

/** Does not change when somebody watches; what is added comes last. */
export const FIXED_ORDER: Query = { sortBy: 'DateCreated,SortName', sortOrder: 'Ascending' };

const providerIds = (told: ItemAnswer['ProviderIds']): Record<string, string> => {
  const ids = Object.entries(told ?? {}).flatMap(([name, id]) => (id ? [[name.toLowerCase(), id] as const] : []));
  return Object.fromEntries(ids);
};

const seriesOf = (item: ItemAnswer): SyncedItem['series'] => {
  const { SeriesId: id, SeriesName: name } = item;
  if (!id || (item.Type !== 'Season' && item.Type !== 'Episode')) return null;
  const isEpisode = item.Type === 'Episode';
  const season = (isEpisode ? item.ParentIndexNumber : item.IndexNumber) ?? null;
  return { id, name: name ?? '', season, episode: isEpisode ? (item.IndexNumber ?? null) : null };
};

/** Null for what is not kept the same: folders, lists, people, channels. */
export const syncedItem = (item: ItemAnswer): SyncedItem | null => {
  const kind = Object.hasOwn(KINDS, item.Type) ? KINDS[item.Type as keyof typeof KINDS] : null;
  if (kind === null) return null;
  return {
    id: item.Id,
    kind,
    name: item.Name ?? '',
    year: item.ProductionYear ?? null,
    path: item.Path || null,
    providerIds: providerIds(item.ProviderIds),
    runtimeMs: item.RunTimeTicks ? Math.floor(item.RunTimeTicks / TICKS_PER_MS) : null,
    series: seriesOf(item),
  };
};
