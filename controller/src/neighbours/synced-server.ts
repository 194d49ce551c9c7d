// What a media server must be able to do to be kept the same as others. The adapter fits these shapes, the sync feature is built on them.
import type { WatchChange, WatchState } from './watch-state.ts';

export type SyncedUser = {
  readonly id: string;
  readonly name: string;
  readonly isAdministrator: boolean;
  readonly isDisabled: boolean;
};

/** An item as far as it must be known again on another server. */
export type SyncedItem = {
  readonly id: string;
  readonly kind: 'movie' | 'series' | 'season' | 'episode' | 'video' | 'music-video' | 'audio';
  readonly name: string;
  readonly year: number | null;
  /** As this server names it; null for what has no file. */
  readonly path: string | null;
  /** By the provider's name in lower case: imdb, tmdb, tvdb … */
  readonly providerIds: Readonly<Record<string, string>>;
  readonly runtimeMs: number | null;
  /** Of an episode or season. */
  readonly series: {
    readonly id: string;
    readonly name: string;
    readonly season: number | null;
    readonly episode: number | null;
  } | null;
};

export type ItemState = { readonly itemId: string; readonly state: WatchState };

/** `resumable`, `favourites` and `played` (newest first) are cheap and cannot tell what was taken back; `all` can. */
export type StateScan = 'all' | 'resumable' | 'favourites' | 'played';

/** Each call takes a signal, and throws ControllerError: `not_found` for an item, user or list that is gone, `upstream_…` and `timeout` for the rest. */
export type SyncedServer = {
  /** As configured. */
  readonly name: string;
  users(signal: AbortSignal): Promise<readonly SyncedUser[]>;
  /** The whole of it, in pages; an item may come twice when the library changes meanwhile. */
  items(signal: AbortSignal): AsyncIterable<readonly SyncedItem[]>;
  item(id: string, signal: AbortSignal): Promise<SyncedItem>;
  /** Ids of all files that one item is made of, each an item with a state of its own, `id` among them: a server may show the state of the one that was played last. */
  files(id: string, signal: AbortSignal): Promise<readonly string[]>;
  /** How many `items` would give; one cheap question. */
  itemCount(signal: AbortSignal): Promise<number>;
  /** In pages; `all`: every item of the library, touched or not. */
  states(userId: string, scan: StateScan, signal: AbortSignal): AsyncIterable<readonly ItemState[]>;
  /** The first of `played`, in one question, and of how many: fewer than were known of means that some were taken back. `total` null: it does not say. */
  newestPlayed(
    userId: string,
    signal: AbortSignal,
  ): Promise<{ readonly states: readonly ItemState[]; readonly total: number | null }>;
  state(userId: string, itemId: string, signal: AbortSignal): Promise<WatchState>;
  /** Only what is given. A date can be taken away only together with the count and the position (`played: false, playCount: 0, positionMs: 0, lastPlayedMs: null`). */
  write(userId: string, itemId: string, change: WatchChange, signal: AbortSignal): Promise<void>;
  /** The server's clock minus ours, ms, and how far that may be off. */
  clockSkew(): { readonly ms: number; readonly plusMinusMs: number };
};
