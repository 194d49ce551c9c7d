// Each user's state of each item, kept by item, or, up to 10.10, by the key that copies of a film share.
import { dashed } from './identity.ts';
import type { Journal } from './journal-file.ts';
import type { Library, LibraryItem } from './library.ts';
import { untouched, type Watched } from './watch-rules.ts';

/** One line of the journal: a state, or a user who is gone. */
export type StoredWatched =
  | { readonly user: string; readonly place: string; readonly watched: Watched }
  | { readonly user: string; readonly gone: true };

export type WatchedStore = {
  of(userId: string, item: LibraryItem): Watched;
  put(userId: string, item: LibraryItem, watched: Watched): void;
  forgetUser(userId: string): void;
  /** A file that was renamed is another item: what users did goes with it. */
  move(from: LibraryItem, to: LibraryItem): void;
  /** Grows at each change. */
  revision(): number;
};

const padded = (number: number) => String(number).padStart(3, '0');

/** `Key` of UserData: the film's TMDB or IMDb id, the series' TVDB or IMDb id with season and episode, else the item's own id. */
export function userDataKey(item: LibraryItem, library: Pick<Library, 'byId'>): string {
  const own = item.providerIds;
  if (item.type === 'Series') return own['Tvdb'] ?? own['Imdb'] ?? dashed(item.id);
  if (item.type === 'Season' || item.type === 'Episode') {
    const series = library.byId(item.series?.id ?? item.parentId);
    const first = series ? userDataKey(series, library) : dashed(item.series?.id ?? item.id);
    if (item.type === 'Season') return `${first}${padded(item.facts?.number ?? 0)}`;
    return `${first}${padded(item.series?.season ?? 0)}${padded(item.series?.episode ?? 0)}`;
  }
  return own['Tmdb'] ?? own['Imdb'] ?? dashed(item.id);
}

export function openWatchedStore(need: {
  readonly journal: Journal<StoredWatched>;
  readonly library: Pick<Library, 'byId'>;
  readonly sharesByKey: boolean;
}): WatchedStore {
  const all = new Map<string, Map<string, Watched>>();
  let revision = 0;
  const placeOf = (item: LibraryItem) => (need.sharesByKey ? userDataKey(item, need.library) : item.id);
  const keep = (user: string, place: string, watched: Watched) => {
    const mine = all.get(user) ?? new Map<string, Watched>();
    all.set(user, mine.set(place, watched));
    revision += 1;
  };
  for (const entry of need.journal.takeStored())
    if ('gone' in entry) all.delete(entry.user);
    else keep(entry.user, entry.place, entry.watched);
  need.journal.rewrite(
    [...all].flatMap(([user, mine]) => [...mine].map(([place, watched]): StoredWatched => ({ user, place, watched }))),
  );
  const write = (user: string, place: string, watched: Watched) => {
    keep(user, place, watched);
    need.journal.append({ user, place, watched });
  };
  return {
    of: (userId, item) => all.get(userId)?.get(placeOf(item)) ?? untouched,
    put: (userId, item, watched) => write(userId, placeOf(item), watched),
    forgetUser(userId) {
      all.delete(userId);
      revision += 1;
      need.journal.append({ user: userId, gone: true });
    },
    move(from, to) {
      for (const [user, mine] of all) {
        const watched = mine.get(placeOf(from));
        if (watched) write(user, placeOf(to), watched);
      }
    },
    revision: () => revision,
  };
}
