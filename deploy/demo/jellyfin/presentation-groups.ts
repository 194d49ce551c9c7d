// What a user is shown as one: series of the same show in several folders, and their seasons; never episodes or films (PresentationUniqueKey). Pure.
import { commaList } from './item-query.ts';
import type { LibraryItem } from './library.ts';

/** A list of other types than these is not grouped. */
const GROUPED = ['episode', 'video', 'movie', 'musicvideo', 'series', 'season'];

type Known = {
  byId(id: string): LibraryItem | null | undefined;
  folderOf(item: LibraryItem): string | null;
  /** 12 groups over all libraries, and by name what has no id; before, a library for itself, by id alone. */
  readonly acrossLibraries: boolean;
};

function keyOf(item: LibraryItem, known: Known): string {
  if (item.type === 'Season') {
    const series = item.parentId === null ? null : known.byId(item.parentId);
    const number = item.facts?.number;
    return series && number !== undefined ? `${keyOf(series, known)}-${number}` : item.id;
  }
  if (item.type !== 'Series') return item.id;
  const id = item.providerIds['Tvdb'] ?? item.providerIds['Imdb'] ?? (known.acrossLibraries ? item.name.toLowerCase() : null);
  if (id === null) return item.id;
  return known.acrossLibraries ? `series ${id}` : `series ${id} ${known.folderOf(item) ?? ''}`;
}

/** The first of each group, where the list is a user's. EnableAutomaticSeriesGrouping is on unless somebody switches it off. */
export function groupedForUser(
  found: readonly LibraryItem[],
  includeItemTypes: string | null,
  known: Known,
): readonly LibraryItem[] {
  const types = commaList(includeItemTypes);
  if (types.length > 0 && !types.some((type) => GROUPED.includes(type))) return found;
  const seen = new Set<string>();
  return found.filter((item) => {
    const key = keyOf(item, known);
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}
