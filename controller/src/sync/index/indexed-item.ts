// Pure: an item as the index keeps it.
import type { SyncedItem } from '../../neighbours/synced-server.ts';

export type IndexedItem = {
  readonly server: string;
  readonly itemId: string;
  readonly kind: SyncedItem['kind'];
  readonly name: string;
  readonly year: number | null;
  /** As its server names it. */
  readonly path: string | null;
  readonly series: SyncedItem['series'];
  /** `imdb:tt0133093` and so on, one a line, the strongest first; nothing that names no item. */
  readonly ids: string;
};

/** Of what an item belongs to: all films of a collection, all songs of an album share it. */
const OF_ITS_WHOLE = /(?:collection|album|artist|releasegroup|release|master)$/;
/** The rest follow by name. */
const STRONGEST = ['imdb', 'tmdb', 'tvdb'];
const MAX_LENGTH = 200;

/** Below 0 where `a` is to be believed rather than `b`. */
export const byStrength = (a: string, b: string): number => strength(a) - strength(b) || (a < b ? -1 : a > b ? 1 : 0);

const strength = (provider: string): number => {
  const place = STRONGEST.indexOf(provider);
  return place === -1 ? STRONGEST.length : place;
};

/** Null where it is none. Numbers lose their zeros, and IMDb's get theirs, as people write both. */
function cleanId(provider: string, told: string): string | null {
  const id = told.trim();
  if (OF_ITS_WHOLE.test(provider)) return null;
  if (provider === 'imdb') {
    const digits = /^(?:tt)?0*([1-9]\d*)$/i.exec(id)?.[1];
    return digits === undefined ? null : `tt${digits.padStart(7, '0')}`;
  }
  if (provider === 'tmdb' || provider === 'tvdb') return /^0*([1-9]\d*)$/.exec(id)?.[1] ?? null;
  return /^-?0*$/.test(id) || id === '-1' || /\s/.test(id) || id.length > MAX_LENGTH ? null : id;
}

function cleanIds(told: SyncedItem['providerIds']): string {
  const ids = new Map<string, string>();
  for (const [name, value] of Object.entries(told)) {
    const provider = name.toLowerCase();
    const id = cleanId(provider, value);
    if (id !== null && provider !== 'path' && !/[\s:]/.test(provider)) ids.set(provider, id);
  }
  return [...ids]
    .sort(([a], [b]) => byStrength(a, b))
    .map(([provider, id]) => `${provider}:${id}`)
    .join('\n');
}

export const indexedItem = (server: string, item: SyncedItem): IndexedItem => ({
  server,
  itemId: item.id,
  kind: item.kind,
  name: item.name,
  year: item.year,
  path: item.path,
  series: item.series,
  ids: cleanIds(item.providerIds),
});

export const isSameItem = (a: IndexedItem, b: IndexedItem): boolean =>
  a.ids === b.ids &&
  a.path === b.path &&
  a.name === b.name &&
  a.kind === b.kind &&
  a.year === b.year &&
  a.series?.id === b.series?.id &&
  a.series?.name === b.series?.name &&
  a.series?.season === b.series?.season &&
  a.series?.episode === b.series?.episode;
