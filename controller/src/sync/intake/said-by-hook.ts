// Pure: which fields of a user's state a hook really says something about, and what.
import type { SyncedItem } from '../../neighbours/synced-server.ts';
import type { WatchChange, WatchField } from '../../neighbours/watch-state.ts';
import type { HookFields } from './hook-fields.ts';

export type ItemKind = SyncedItem['kind'] | 'other';

export type HookFacts = {
  readonly type: string;
  readonly itemKind: ItemKind | null;
  readonly saveReason: string | null;
  readonly isAutomated: boolean;
  /** All properties by the plugin itself: what is not there is not there at the server. */
  readonly isWhole: boolean;
  readonly fields: HookFields;
};

/** While somebody watches again what was played, the server says that it is not played: no wish of anybody. */
const WHILE_PLAYING: readonly string[] = ['PlaybackStart', 'PlaybackProgress', 'PlaybackFinished'];
/** What is played of these, the server works out from what is in them; a hook may say otherwise (seen with a season). */
const FOLDERS: readonly (ItemKind | null)[] = ['series', 'season', 'other'];

/** `has`: what the item has now by this hook; `unmeant`: of that, what is nobody's wish. */
export type Told = { readonly has: WatchChange; readonly unmeant: readonly WatchField[] };

export function toldBy(facts: HookFacts): Told {
  const { type, saveReason, fields, isAutomated } = facts;
  if (type === 'UserDataSaved') {
    const has = savedState(facts);
    const isTransient = has.played === false && saveReason !== null && WHILE_PLAYING.includes(saveReason);
    // This cannot take a date away: there was none before, of this file of the item.
    const isDateless = has.lastPlayedMs === null && saveReason === 'UpdateUserData';
    return { has, unmeant: [...(isTransient ? (['played'] as const) : []), ...(isDateless ? (['lastPlayedMs'] as const) : [])] };
  }
  if (type === 'PlaybackStop' && fields.flag('PlayedToCompletion') === true)
    return { has: { played: true, positionMs: 0 }, unmeant: [] };
  const isPlaying = type === 'PlaybackStop' || type === 'PlaybackProgress';
  // After the last report of a player that vanished, the server goes on counting by itself.
  return { has: isPlaying && !isAutomated ? keptPosition(fields) : {}, unmeant: [] };
}

/**
 * Whether the server is to be asked what it has. `part`: something was saved, and not all of it is told, as by jellyfin-db-sync's template.
 * `hint`: told by the player, and the server may have kept something else (after a stop that failed it keeps nothing).
 */
export type Trust = 'whole' | 'part' | 'hint';

export function trustIn(type: string, itemKind: ItemKind | null, has: WatchChange): Trust {
  if (type !== 'UserDataSaved') return 'hint';
  const own = FOLDERS.includes(itemKind) || ('played' in has && 'playCount' in has && 'positionMs' in has);
  return own && 'favourite' in has && 'rating' in has ? 'whole' : 'part';
}

/** The whole state of the item, as far as it is told. */
function savedState(facts: HookFacts): WatchChange {
  const { fields, itemKind } = facts;
  const favourite = fields.flag('Favorite', 'IsFavorite');
  const rating = ratingOf(fields);
  return {
    ...(favourite === null ? {} : { favourite }),
    ...(rating === undefined ? {} : { rating }),
    ...(FOLDERS.includes(itemKind) ? {} : playedState(facts)),
  };
}

function playedState({ fields, isWhole }: HookFacts): WatchChange {
  const played = fields.flag('Played');
  const playCount = fields.number('PlayCount');
  const positionMs = positionOf(fields);
  const lastPlayed = fields.moment('LastPlayedDate');
  const neverPlayed = lastPlayed === null && playCount === 0 && isWhole && fields.text('LastPlayedDate') === null;
  return {
    ...(played === null ? {} : { played }),
    ...(playCount === null || playCount < 0 ? {} : { playCount: Math.floor(playCount) }),
    ...(positionMs === null ? {} : { positionMs }),
    ...(lastPlayed === null ? (neverPlayed ? { lastPlayedMs: null } : {}) : { lastPlayedMs: lastPlayed.ms }),
  };
}

/** The plugin says Likes: false for a dislike (rating 1) and for none (rating 0) alike, so that without a rating it says nothing. */
function ratingOf(fields: HookFields): number | null | undefined {
  const [rating, likes] = [fields.number('Rating'), fields.flag('Likes')];
  if (rating !== null && rating > 0 && rating <= 10) return rating;
  if (likes === true) return 10;
  return rating === 0 ? null : undefined;
}

/** The text is cut to seconds, but some templates have nothing else. */
function positionOf(fields: HookFields): number | null {
  const ticks = fields.ticks('PlaybackPositionTicks');
  return ticks ?? spanOf(fields.text('PlaybackPosition'));
}

/** "01:02:03" as ms. */
function spanOf(text: string | null): number | null {
  const match = /^(\d{1,3}):(\d\d):(\d\d)/.exec(text ?? '');
  if (match === null) return null;
  const [hours = 0, minutes = 0, seconds = 0] = match.slice(1).map(Number);
  return (hours * 3_600 + minutes * 60 + seconds) * 1_000;
}

/** Jellyfin's own defaults (MinResumePct, MaxResumePct, MinResumeDurationSeconds). */
const KEPT_FROM = 0.05;
const KEPT_TO = 0.9;
const SHORT_MS = 300_000;

/** Where a player was: said where the server keeps it too. At the beginning and the end it makes something else of it, and says so in UserDataSaved. */
function keptPosition(fields: HookFields): WatchChange {
  const positionMs = positionOf(fields);
  const runtimeMs = fields.ticks('RunTimeTicks') ?? spanOf(fields.text('RunTime')) ?? 0;
  if (positionMs === null || positionMs === 0) return {};
  const part = runtimeMs > 0 ? positionMs / runtimeMs : null;
  if (part !== null && (part < KEPT_FROM || part > KEPT_TO || runtimeMs < SHORT_MS)) return {};
  return { positionMs };
}
