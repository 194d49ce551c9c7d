// What a player may be asked for, and in which words, by what its session says (facts/jellyfin.md §12). Pure.
import type { PlayerSkills, PlayingStream } from '../neighbours/media-server.ts';
import type { MediaSource, Session } from './jellyfin-schemas.ts';

/** The web client reports each 10 s; one that missed two of them may be cut off. */
const FRESH_MS = 25_000;

/** 99 is accepted and echoed by a player, so an index counts only where the source has such a track (`audioIndex`). */
export function skillsOf({ SupportsRemoteControl, SupportedCommands, PlayState }: Session): PlayerSkills {
  const hears = SupportsRemoteControl === true;
  const understands = (name: string): boolean => hears && (SupportedCommands ?? []).includes(name);
  return {
    renegotiates: understands('SetAudioStreamIndex') && (PlayState?.AudioStreamIndex ?? -1) >= 0,
    replays: hears,
    shows: understands('DisplayMessage'),
  };
}

/** The session, where it still plays this, is not paused and has a player that reports. `at`: the server's clock, UTC ms. */
export function playingNow(sessions: readonly Session[], stream: PlayingStream, at: number): Session | null {
  const session = sessions.find(({ Id }) => Id === stream.id);
  if (!session?.NowPlayingItem || session.NowPlayingItem.Id !== stream.itemId) return null;
  // Asked while it is paused, a player begins to play.
  if (session.PlayState?.IsPaused !== false) return null;
  const heardAt = Date.parse(session.LastPlaybackCheckIn ?? '');
  return at - heardAt <= FRESH_MS ? session : null;
}

/** The track that plays; null where that is not known for sure. */
export function audioIndex(session: Session, sources: readonly MediaSource[]): number | null {
  const index = session.PlayState?.AudioStreamIndex;
  const source = sources.find(({ Id }) => Id === session.PlayState?.MediaSourceId);
  const isThere = source?.MediaStreams?.some((track) => track.Type === 'Audio' && track.Index === index) === true;
  return isThere && typeof index === 'number' ? index : null;
}

/** The query of POST /Sessions/{id}/Playing that begins anew where it is. */
export function replayQuery({ NowPlayingItem, PlayState }: Session): URLSearchParams {
  const query = new URLSearchParams({ playCommand: 'PlayNow', itemIds: NowPlayingItem?.Id ?? '' });
  const kept: readonly (readonly [string, string | number | null | undefined])[] = [
    ['startPositionTicks', PlayState?.PositionTicks],
    ['mediaSourceId', PlayState?.MediaSourceId],
    ['audioStreamIndex', PlayState?.AudioStreamIndex],
    ['subtitleStreamIndex', PlayState?.SubtitleStreamIndex],
  ];
  for (const [name, value] of kept) if (value !== null && value !== undefined) query.set(name, String(value));
  return query;
}
