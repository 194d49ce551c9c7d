// What a user did with an item, as a media server keeps it.

/** The whole of it. Times UTC ms, cut to whole ms. */
export type WatchState = {
  readonly played: boolean;
  readonly playCount: number;
  readonly positionMs: number;
  readonly favourite: boolean;
  /** 0 to 10; Jellyfin's like is 10, its dislike 1. Null is none. */
  readonly rating: number | null;
  readonly lastPlayedMs: number | null;
};

/** What nobody has touched. */
export const untouched: WatchState = {
  played: false,
  playCount: 0,
  positionMs: 0,
  favourite: false,
  rating: null,
  lastPlayedMs: null,
};

export type WatchField = keyof WatchState;

/** Wanted values; fields that are not there stay as they are. */
export type WatchChange = Partial<WatchState>;
