// What a list of /Items selected, so that the next page of 100,000 items does not filter and sort them all again.
import type { LibraryItem } from './library.ts';
import type { Exchange } from './route-table.ts';

type Kept = { readonly stamp: readonly unknown[]; readonly found: readonly LibraryItem[] };

export type SelectionCache = {
  /** As kept under the key with an equal stamp, else as made now. */
  remember(key: string, stamp: readonly unknown[], make: () => readonly LibraryItem[]): readonly LibraryItem[];
};

const keptSelections = 16;

/** Query keys that change how a page looks, not what is selected. */
const ofThePage = new Set([
  'startindex',
  'limit',
  'fields',
  'enableuserdata',
  'enableimages',
  'enabletotalrecordcount',
  'imagetypelimit',
  'apikey',
  'api_key',
]);

export function createSelectionCache(): SelectionCache {
  const all = new Map<string, Kept>();
  return {
    remember(key, stamp, make) {
      const kept = all.get(key);
      if (kept?.stamp.every((part, index) => part === stamp[index])) return kept.found;
      const found = make();
      all.delete(key);
      all.set(key, { stamp, found });
      for (const oldest of [...all.keys()].slice(0, Math.max(0, all.size - keptSelections))) all.delete(oldest);
      return found;
    },
  };
}

/** The same for all pages of a list. */
export function selectionKey(exchange: Exchange, userId: string | null): string {
  const query = [...new URL(exchange.request.url ?? '/', 'http://jellyfin').searchParams];
  const telling = query
    .map(([name, value]) => [name.toLowerCase(), value] as const)
    .filter(([name]) => !ofThePage.has(name))
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([userId, telling]);
}
