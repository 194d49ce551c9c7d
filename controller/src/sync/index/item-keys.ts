// Pure: by what an item is known again on another server.
import { byStrength, type IndexedItem } from './indexed-item.ts';

export type ItemKey = {
  /** `movie imdb:tt0133093`, `episode tvdb-series:121361 s01e02`, `movie path:/films/…`: equal ones name the same thing. */
  readonly text: string;
  /** A provider's id of the item itself, of its series, or where its file is. */
  readonly of: 'own' | 'series' | 'path';
  /** Empty for a path. */
  readonly provider: string;
  readonly id: string;
};

const LEVELS = { own: 0, series: 1, path: 2 } as const;

/** The strongest first; the same order whatever server is read first. */
export const compareKeys = (a: ItemKey, b: ItemKey): number =>
  LEVELS[a.of] - LEVELS[b.of] || byStrength(a.provider, b.provider) || (a.text < b.text ? -1 : a.text > b.text ? 1 : 0);

/** `s01e02`, of a season `s01`, specials `s00…`; null where the server does not know. */
export function numberOf({ kind, series }: Pick<IndexedItem, 'kind' | 'series'>): string | null {
  if (series === null || series.season === null) return null;
  const season = `s${twoDigits(series.season)}`;
  if (kind === 'season') return season;
  return kind !== 'episode' || series.episode === null ? null : `${season}e${twoDigits(series.episode)}`;
}

const twoDigits = (number: number): string => String(number).padStart(2, '0');

/**
 * From strong to weak; a title is none.
 * @param seriesIds `ids` of its series on the same server; empty where that is not known
 * @param path after path maps
 */
export function keysOf(item: IndexedItem, seriesIds: string, path: string | null): readonly ItemKey[] {
  const { kind, ids } = item;
  const ofSeries = seriesIds === '' ? [] : seriesIds.split('\n');
  const keys: ItemKey[] = [];
  for (const text of ids === '' ? [] : ids.split('\n')) {
    // Files of metadata that were made carelessly give each episode the ids of its series.
    if (ofSeries.includes(text)) continue;
    const [provider, id] = parted(text);
    keys.push({ text: `${kind} ${text}`, of: 'own', provider, id });
  }
  const number = numberOf(item);
  if (number !== null)
    for (const text of ofSeries) {
      const [provider, id] = parted(text);
      keys.push({ text: `${kind} ${provider}-series:${id} ${number}`, of: 'series', provider, id });
    }
  if (path !== null) keys.push({ text: `${kind} path:${path}`, of: 'path', provider: '', id: path });
  return keys;
}

const parted = (text: string): readonly [provider: string, id: string] => {
  const border = text.indexOf(':');
  return [text.slice(0, border), text.slice(border + 1)];
};

/** What an item is called that has no key, or none of its own. */
export const bareName = ({ server, itemId }: Pick<IndexedItem, 'server' | 'itemId'>): string => `server:${server} item:${itemId}`;

/** The item of a `bareName`; null for other names. */
export function bareItem(name: string): { readonly server: string; readonly itemId: string } | null {
  const found = /^server:(.*) item:(\S+)$/.exec(name);
  return found === null ? null : { server: found[1] ?? '', itemId: found[2] ?? '' };
}
