// What each user watched, likes and rated: the rules of facts/jellyfin.md §10 "User data", as far as recorded.
import { dashed, isoTime, ticksPerMs } from './identity.ts';
import type { Dto } from './item-dto.ts';
import type { LibraryItem } from './library.ts';

type Watched = {
  positionTicks: number;
  playCount: number;
  favourite: boolean;
  played: boolean;
  rating: number | null;
  lastPlayedAt: number | null;
};

export type UserData = {
  dto(userId: string, item: LibraryItem): Dto;
  favourite(userId: string, item: LibraryItem, on: boolean): Dto;
  /** Null clears. */
  rate(userId: string, item: LibraryItem, likes: boolean | null): Dto;
  /** PlayCount + 1 only where a date is given. */
  played(userId: string, item: LibraryItem, at: number | null): Dto;
  unplayed(userId: string, item: LibraryItem): Dto;
  /** Writes only what is present; null means leave. */
  update(userId: string, item: LibraryItem, body: Readonly<Record<string, unknown>>): Dto;
  /** A playback start alone counts. */
  playbackStarted(userId: string, item: LibraryItem): void;
  /** Below 5 % the position is saved as 0, above 90 % or without one the film counts as played, as any shorter than 300 s. */
  playbackStopped(userId: string, item: LibraryItem, positionTicks: number | null): void;
};

/** `changed` is told the user and the entry: sockets of that user hear of it 0.5 s later. */
export function createUserData(now: () => number, changed: (userId: string, entry: Dto) => void): UserData {
  const all = new Map<string, Watched>();
  const of = (userId: string, item: LibraryItem): Watched => {
    const key = `${userId} ${item.id}`;
    const fresh: Watched = { positionTicks: 0, playCount: 0, favourite: false, played: false, rating: null, lastPlayedAt: null };
    const watched = all.get(key) ?? fresh;
    all.set(key, watched);
    return watched;
  };
  const change = (userId: string, item: LibraryItem, patch: Partial<Watched>, silent = false): Dto => {
    const entry = watchedDto(Object.assign(of(userId, item), patch), item);
    if (!silent) changed(userId, entry);
    return entry;
  };
  return {
    dto: (userId, item) => watchedDto(of(userId, item), item),
    favourite: (userId, item, on) => change(userId, item, { favourite: on }),
    rate: (userId, item, likes) => change(userId, item, { rating: likes === null ? null : likes ? 10 : 1 }),
    played(userId, item, at) {
      const watched = of(userId, item);
      const playCount = at === null ? Math.max(1, watched.playCount) : watched.playCount + 1;
      return change(userId, item, {
        played: true,
        positionTicks: 0,
        playCount,
        lastPlayedAt: at ?? watched.lastPlayedAt ?? now(),
      });
    },
    unplayed: (userId, item) => change(userId, item, { played: false, positionTicks: 0, playCount: 0, lastPlayedAt: null }),
    update: (userId, item, body) => change(userId, item, patchFrom(body)),
    playbackStarted: (userId, item) =>
      void change(userId, item, { playCount: of(userId, item).playCount + 1, lastPlayedAt: now() }),
    playbackStopped(userId, item, positionTicks) {
      const part = positionTicks === null ? 1 : positionTicks / (item.runtimeMs * ticksPerMs);
      const played = part > 0.9 || item.runtimeMs < 300_000;
      change(userId, item, { ...(played ? { played } : {}), positionTicks: played || part < 0.05 ? 0 : (positionTicks ?? 0) });
    },
  };
}

/** Applied in the server's order, so that Rating wins over Likes. */
function patchFrom(body: Readonly<Record<string, unknown>>): Partial<Watched> {
  const {
    PlaybackPositionTicks: position,
    PlayCount: count,
    IsFavorite: favourite,
    Likes: likes,
    Played: played,
    LastPlayedDate: date,
    Rating: rating,
  } = body as Record<string, unknown>;
  return {
    ...(typeof position === 'number' ? { positionTicks: position } : {}),
    ...(typeof count === 'number' ? { playCount: count } : {}),
    ...(typeof favourite === 'boolean' ? { favourite } : {}),
    ...(typeof likes === 'boolean' ? { rating: likes ? 10 : 1 } : {}),
    ...(typeof played === 'boolean' ? { played } : {}),
    ...(typeof date === 'string' ? { lastPlayedAt: Date.parse(date) } : {}),
    ...(typeof rating === 'number' ? { rating } : {}),
  };
}

function watchedDto(watched: Watched, item: LibraryItem): Dto {
  const part = (watched.positionTicks / (item.runtimeMs * ticksPerMs)) * 100;
  return {
    ...(watched.rating === null ? {} : { Rating: watched.rating }),
    ...(watched.positionTicks > 0 ? { PlayedPercentage: part } : {}),
    PlaybackPositionTicks: watched.positionTicks,
    PlayCount: watched.playCount,
    IsFavorite: watched.favourite,
    // One number: like is 10, dislike 1, and Likes reads as Rating ≥ 6.5.
    ...(watched.rating === null ? {} : { Likes: watched.rating >= 6.5 }),
    ...(watched.lastPlayedAt === null ? {} : { LastPlayedDate: isoTime(watched.lastPlayedAt) }),
    Played: watched.played,
    Key: item.providerIds['Tmdb'] ?? dashed(item.id),
    ItemId: item.id,
  };
}
