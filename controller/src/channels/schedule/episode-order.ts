// Pure: the order of a series' episodes, and where its next one is.
import { type CatalogueItem, itemKey } from '../catalogue-item.ts';
import type { EpisodeMark } from './plan-memory.ts';

/** Specials (season 0) come after the last season, and what has no number after what has one. */
export function compareEpisodes(a: Numbered, b: Numbered): number {
  return seasonRank(a.season) - seasonRank(b.season) || numberRank(a.episode) - numberRank(b.episode) || compareText(a.id, b.id);
}

type Numbered = { readonly season: number | null; readonly episode: number | null; readonly id: string };

const seasonRank = (season: number | null): number => (season === 0 ? 2_000_000 : Math.min(season ?? 1_000_000, 1_000_000));
const numberRank = (episode: number | null): number => Math.min(episode ?? 1_000_000, 1_000_000);
export const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Unique over all servers. */
export const seriesKey = (item: CatalogueItem): string | null => (item.series ? `${item.server}/${item.series.id}` : null);

export type EpisodeOrder = {
  /** Of all that `episodes` has of the series, the one whose turn it is; the first again after the last. */
  next(series: string, episodes: readonly CatalogueItem[]): CatalogueItem | null;
  aired(series: string, item: CatalogueItem): void;
  marks(): Record<string, EpisodeMark>;
  held(): Record<string, readonly string[]>;
};

/** One order for the whole channel: slots and the ordinary line-up share each series' place. */
export function createEpisodeOrder(
  marks: Readonly<Record<string, EpisodeMark>>,
  held: Readonly<Record<string, readonly string[]>>,
): EpisodeOrder {
  const mark = new Map(Object.entries(marks));
  const waiting = new Map(Object.entries(held));
  const sorted = new WeakMap<readonly CatalogueItem[], readonly CatalogueItem[]>();
  const sort = (episodes: readonly CatalogueItem[]): readonly CatalogueItem[] => {
    const known = sorted.get(episodes);
    if (known) return known;
    const inOrder = [...episodes].sort(compareEpisodes);
    sorted.set(episodes, inOrder);
    return inOrder;
  };
  const heldOf = (series: string, episodes: readonly CatalogueItem[]): CatalogueItem | null => {
    const keys = waiting.get(series);
    if (!keys) return null;
    const byKey = new Map(episodes.map((item) => [itemKey(item), item]));
    const key = keys.find((one) => byKey.has(one));
    return key === undefined ? null : (byKey.get(key) ?? null);
  };
  return {
    next(series, episodes) {
      const first = heldOf(series, episodes);
      if (first) return first;
      const inOrder = sort(episodes);
      const at = mark.get(series);
      return (at ? inOrder[placeAfter(inOrder, at)] : undefined) ?? inOrder[0] ?? null;
    },
    aired(series, item) {
      const keys = waiting.get(series) ?? [];
      const at = keys.indexOf(itemKey(item));
      if (at !== -1) {
        if (keys.length > 1) waiting.set(series, keys.toSpliced(at, 1));
        else waiting.delete(series);
        return;
      }
      const { season, episode, id } = item;
      mark.set(series, { season, episode, id, include: false });
    },
    marks: () => Object.fromEntries(mark),
    held: () => Object.fromEntries(waiting),
  };
}

/** By halves: a series may have thousands. */
function placeAfter(inOrder: readonly CatalogueItem[], mark: EpisodeMark): number {
  let [below, above] = [0, inOrder.length];
  while (below < above) {
    const middle = (below + above) >> 1;
    const item = inOrder[middle];
    const order = item ? compareEpisodes(item, mark) : 1;
    if (order < 0 || (order === 0 && !mark.include)) below = middle + 1;
    else above = middle;
  }
  return below;
}
