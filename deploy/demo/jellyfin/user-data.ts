// What each user watched, likes and rated: what is saved by what, and what is told of it (facts/jellyfin.md §4, §10, §11).
import type { ExactClock } from './exact-time.ts';
import { ticksPerMs } from './identity.ts';
import type { Dto } from './item-dto.ts';
import type { Library, LibraryItem } from './library.ts';
import {
  likesOf,
  markedPlayed,
  markedUnplayed,
  type Reached,
  reached,
  type SaveReason,
  started,
  stoppedSomewhere,
  type Watched,
} from './watch-rules.ts';
import { userDataKey, type WatchedStore } from './watched-store.ts';

/** One save: each is told, whether or not it changed anything. */
export type Saved = {
  readonly userId: string;
  readonly item: LibraryItem;
  readonly watched: Watched;
  readonly reason: SaveReason;
};

/** What a player reports of its tracks; null where it says nothing. */
export type Tracks = { readonly audioIndex: number | null; readonly subtitleIndex: number | null };

export type UserData = {
  dto(userId: string, item: LibraryItem): Dto;
  /** As it is stored: of a season or series, what its episodes have not changed. */
  watched(userId: string, item: LibraryItem): Watched;
  favourite(userId: string, item: LibraryItem, on: boolean): Dto;
  /** Null clears. */
  rate(userId: string, item: LibraryItem, likes: boolean | null): Dto;
  /** A season or series: each of its episodes. `at` as `exactTime` writes it; null: none was given. */
  played(userId: string, item: LibraryItem, at: string | null): Dto;
  unplayed(userId: string, item: LibraryItem): Dto;
  update(userId: string, item: LibraryItem, patch: Partial<Watched>, reason?: SaveReason): Dto;
  playbackStarted(userId: string, item: LibraryItem): void;
  playbackReached(userId: string, item: LibraryItem, positionTicks: number | null, tracks: Tracks): void;
  /** True where that was the end of it. */
  playbackStopped(userId: string, item: LibraryItem, positionTicks: number | null): boolean;
};

export type UserDataNeed = {
  readonly store: WatchedStore;
  readonly library: Library;
  readonly exactNow: ExactClock;
  readonly unmarksRewatch: boolean;
  /** 12: a film with several files is as the file that was played last. */
  readonly showsLatestVersion: boolean;
  readonly saved: (saved: Saved) => void;
};

const isFolder = ({ type }: LibraryItem) => type === 'Series' || type === 'Season';

export function createUserData(need: UserDataNeed): UserData {
  const { store, library } = need;
  const of = store.of;
  const dto = (userId: string, item: LibraryItem): Dto => ({
    ...watchedDto(shown(need, userId, item), item, userDataKey(item, library)),
    ...(isFolder(item) ? folderDto(library.below(item.id), (episode) => of(userId, episode).played) : {}),
  });
  const save = (userId: string, item: LibraryItem, watched: Watched, reason: SaveReason) => {
    store.put(userId, item, watched);
    need.saved({ userId, item, watched, reason });
  };
  const toggle = (userId: string, item: LibraryItem, change: (watched: Watched) => Watched): Dto => {
    for (const one of isFolder(item) ? library.below(item.id) : [item]) {
      if (one.facts?.virtual) continue;
      save(userId, one, change(of(userId, one)), 'TogglePlayed');
      // The other files of a film get the mark and lose the position, but neither a count nor a date.
      const { played } = of(userId, one);
      for (const other of otherVersions(library, one))
        save(userId, other, { ...of(userId, other), played, positionTicks: 0 }, 'TogglePlayed');
    }
    return dto(userId, item);
  };
  const change = (userId: string, item: LibraryItem, patch: Partial<Watched>, reason: SaveReason): Dto => {
    save(userId, item, { ...of(userId, item), ...patch }, reason);
    return dto(userId, item);
  };
  return {
    dto,
    watched: of,
    favourite: (userId, item, on) => change(userId, item, { favourite: on }, 'UpdateUserRating'),
    rate: (userId, item, likes) => change(userId, item, { rating: likes === null ? null : likes ? 10 : 1 }, 'UpdateUserRating'),
    played: (userId, item, at) => toggle(userId, item, (watched) => markedPlayed(watched, at, need.exactNow())),
    unplayed: (userId, item) => toggle(userId, item, markedUnplayed),
    update: (userId, item, patch, reason = 'UpdateUserData') => change(userId, item, patch, reason),
    playbackStarted(userId, item) {
      save(userId, item, started(of(userId, item), need.exactNow(), need.unmarksRewatch), 'PlaybackStart');
    },
    playbackReached(userId, item, positionTicks, tracks) {
      const before = of(userId, item);
      const now = positionTicks === null ? before : reached(before, item, positionTicks).watched;
      const moved = now.audioIndex !== tracks.audioIndex || now.subtitleIndex !== tracks.subtitleIndex;
      if (positionTicks !== null || moved) save(userId, item, { ...now, ...tracks }, 'PlaybackProgress');
    },
    playbackStopped(userId, item, positionTicks) {
      const before = of(userId, item);
      const end: Reached = positionTicks === null ? stoppedSomewhere(before) : reached(before, item, positionTicks);
      save(userId, item, end.watched, 'PlaybackFinished');
      return end.completed;
    },
  };
}

function otherVersions(library: Library, item: LibraryItem): LibraryItem[] {
  return (item.facts?.versionIds ?? []).flatMap((id) => (id === item.id ? [] : (library.byId(id) ?? [])));
}

/** The first of several files lends position, mark and date from the one that was played last. */
function shown(need: UserDataNeed, userId: string, item: LibraryItem): Watched {
  const own = need.store.of(userId, item);
  if (!need.showsLatestVersion || item.facts?.versionIds?.[0] !== item.id) return own;
  const all = [own, ...otherVersions(need.library, item).map((other) => need.store.of(userId, other))];
  const [latest] = all
    .filter((watched) => watched.played || watched.positionTicks > 0)
    .sort((a, b) => ((a.lastPlayed ?? '') < (b.lastPlayed ?? '') ? 1 : -1));
  if (!latest) return own;
  return { ...own, positionTicks: latest.positionTicks, played: latest.played, lastPlayed: latest.lastPlayed };
}

/** Of a season or series the episodes decide, whatever was written to itself. */
function folderDto(episodes: readonly LibraryItem[], isPlayed: (episode: LibraryItem) => boolean): Dto {
  const real = episodes.filter((episode) => !episode.facts?.virtual);
  const unplayed = real.filter((episode) => !isPlayed(episode)).length;
  return {
    ...(real.length === 0 ? {} : { PlayedPercentage: 100 - (unplayed / real.length) * 100 }),
    UnplayedItemCount: unplayed,
    Played: unplayed === 0,
  };
}

function watchedDto(watched: Watched, item: LibraryItem, key: string): Dto {
  const part = item.runtimeMs > 0 ? (watched.positionTicks / (item.runtimeMs * ticksPerMs)) * 100 : 0;
  const likes = likesOf(watched.rating);
  return {
    ...(watched.rating === null ? {} : { Rating: watched.rating }),
    ...(part > 0 ? { PlayedPercentage: part } : {}),
    PlaybackPositionTicks: watched.positionTicks,
    PlayCount: watched.playCount,
    IsFavorite: watched.favourite,
    ...(likes === null ? {} : { Likes: likes }),
    ...(watched.lastPlayed === null ? {} : { LastPlayedDate: watched.lastPlayed }),
    Played: watched.played,
    Key: key,
    ItemId: item.id,
  };
}
