// What the playing sources are, asked once per item and kept: /Sessions has no bit rate of a source (seen on 12.0.0).
import type { Clock } from '../clock.ts';
import type { JellyfinClient } from './jellyfin-client.ts';
import type { MediaSource, Session } from './jellyfin-schemas.ts';

/** Files get replaced by better ones. */
const KEEP_MS = 6 * 3600_000;
/** What could not be read may be readable later. */
const KEEP_NOTHING_MS = 10 * 60_000;
/** Items; each holds a handful of numbers per track. */
const KEEP_ITEMS = 500;
/** With one try again, a started stream costs at most two requests. */
const TRIES = 2;

type Kept = { sources: readonly MediaSource[]; askedAt: number; triesLeft: number };

export type SourceLookup = {
  sourceOf(session: Session): MediaSource | null;
  /** Asks for what is missing, one item after the other; true when something new is known. Never throws. */
  learn(sessions: readonly Session[], signal: AbortSignal): Promise<boolean>;
};

const isLive = (session: Session): boolean =>
  Boolean(session.PlayState?.LiveStreamId) || /TvChannel$/.test(session.NowPlayingItem?.Type ?? '');

/** The source that plays; an item with one source needs no match. */
const pick = (sources: readonly MediaSource[], session: Session): MediaSource | null => {
  const wanted = session.PlayState?.MediaSourceId;
  const match = sources.find((source) => source.Id === wanted);
  return match ?? (sources.length === 1 ? (sources[0] ?? null) : null);
};

/** A channel's source lives in its live stream, not in the library; without a user the server answers 400. */
const askable = (session: Session): { itemId: string; userId: string } | null => {
  const userId = session.UserId ?? '';
  if (!session.NowPlayingItem || isLive(session) || /^[0-]*$/.test(userId)) return null;
  return { itemId: session.NowPlayingItem.Id, userId };
};

/** Keeps the newest 500 items that were played. */
export const createSourceLookup = (client: Pick<JellyfinClient, 'itemSources'>, clock: Clock): SourceLookup => {
  const kept = new Map<string, Kept>();
  const asking = new Set<string>();

  const isKnown = (itemId: string): boolean => {
    const entry = kept.get(itemId);
    if (entry === undefined || entry.triesLeft > 0) return false;
    return clock.monotonic() - entry.askedAt < (entry.sources.length > 0 ? KEEP_MS : KEEP_NOTHING_MS);
  };

  const keep = (itemId: string, entry: Kept) => {
    kept.delete(itemId);
    kept.set(itemId, entry);
    const oldest = kept.keys().next().value;
    if (kept.size > KEEP_ITEMS && oldest !== undefined) kept.delete(oldest);
  };

  const ask = async (itemId: string, userId: string, signal: AbortSignal): Promise<boolean> => {
    const before = kept.get(itemId);
    const triesLeft = before && before.triesLeft > 0 ? before.triesLeft : TRIES;
    asking.add(itemId);
    try {
      const sources = await client.itemSources(itemId, userId, signal);
      keep(itemId, { sources, askedAt: clock.monotonic(), triesLeft: 0 });
      return true;
    } catch {
      // A film that was just removed, a user who may not see it: its tracks' rates must do. Tried once more at the next answer.
      keep(itemId, { sources: before?.sources ?? [], askedAt: clock.monotonic(), triesLeft: triesLeft - 1 });
      return false;
    } finally {
      asking.delete(itemId);
    }
  };

  return {
    sourceOf: (session) => pick(kept.get(session.NowPlayingItem?.Id ?? '')?.sources ?? [], session),
    async learn(sessions, signal) {
      let news = false;
      for (const session of sessions) {
        const wanted = askable(session);
        if (!wanted || isKnown(wanted.itemId) || asking.has(wanted.itemId) || signal.aborted) continue;
        news = (await ask(wanted.itemId, wanted.userId, signal)) || news;
      }
      return news;
    },
  };
};
