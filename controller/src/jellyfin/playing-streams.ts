// From Jellyfin's sessions to what really plays, with the memory that its traps need (facts/jellyfin.md §12). Pure.

import { hasSought } from '../neighbours/has-sought.ts';
import type { PlayingStream, Transcode } from '../neighbours/media-server.ts';
import { remoteAddress } from '../neighbours/remote-address.ts';
import type { MediaSource, Session } from './jellyfin-schemas.ts';
import { nominalRate, remuxRate } from './nominal-rate.ts';
import { skillsOf } from './player-orders.ts';

const TICKS_PER_MS = 10_000;
/** For 5 to 20 s after a switch TranscodingInfo comes and goes while the transcode runs (12.0.0). */
const TRANSCODE_MEMORY_MS = 20_000;
/** A position this far from what time alone explains is a seek. */
const SEEK_MS = 10_000;
/** Shown or read, but never streamed. */
const STILL = new Set(['Photo', 'Book']);
const NO_USER = /^[0-]*$/;

/** What one session was doing when it was last heard. `at...` by the monotonic clock. */
type Remembered = {
  readonly playing: string;
  readonly startedAt: number;
  readonly positionMs: number | null;
  readonly heardAt: number;
  readonly transcode: Transcode | null;
  readonly transcodeHeardAt: number;
};
export type StreamMemory = ReadonlyMap<string, Remembered>;

/** One answer of the server. */
export type Heard = {
  readonly sessions: readonly Session[];
  /** UTC ms. */
  readonly at: number;
  /** Monotonic ms. */
  readonly monotonic: number;
  /** The server's clock minus ours, ms. */
  readonly clockOffsetMs: number;
  /** The source that a session plays; null while or where it is not known. */
  readonly sourceOf: (session: Session) => MediaSource | null;
};

export type Folded = {
  readonly memory: StreamMemory;
  readonly streams: readonly PlayingStream[];
  /** Sessions that began an item since the memory was made. */
  readonly began: readonly Session[];
};

const playingOf = (session: Session): string => `${session.NowPlayingItem?.Id ?? ''}/${session.PlayState?.MediaSourceId ?? ''}`;

const kindOf = (session: Session): PlayingStream['kind'] => {
  const { Type: type, MediaType: mediaType } = session.NowPlayingItem ?? {};
  if (session.PlayState?.LiveStreamId || type === 'TvChannel' || type === 'LiveTvChannel') return 'live';
  return mediaType === 'Audio' ? 'audio' : 'video';
};

const titleOf = (session: Session): string => {
  const { Name: name, SeriesName: series } = session.NowPlayingItem ?? {};
  return [series, name].filter(Boolean).join(' - ');
};

const positionOf = (session: Session): number | null => {
  const ticks = session.PlayState?.PositionTicks;
  return typeof ticks === 'number' && ticks >= 0 ? Math.round(ticks / TICKS_PER_MS) : null;
};

const checkInOf = (session: Session, heard: Heard): number | null => {
  const at = Date.parse(session.LastPlaybackCheckIn ?? '');
  // Year 1 is .NET's "never". A server whose clock runs ahead must not make a viewer look alive in our future.
  return Number.isNaN(at) || at <= 0 ? null : Math.min(heard.at, at - heard.clockOffsetMs);
};

/** TranscodingInfo is trusted. PlayMethod says DirectPlay during transcodes, but its Transcode holds: the server checks that for a job. */
const transcodeOf = (session: Session): Transcode | null => {
  const info = session.TranscodingInfo;
  if (info) {
    const bps = typeof info.Bitrate === 'number' && info.Bitrate > 0 ? Math.round(info.Bitrate) : null;
    const limited = JSON.stringify(info.TranscodeReasons ?? '').includes('ContainerBitrateExceedsLimit');
    return { bps, videoDirect: info.IsVideoDirect ?? false, audioDirect: info.IsAudioDirect ?? false, limited };
  }
  return session.PlayState?.PlayMethod === 'Transcode' ? { bps: null, videoDirect: false, audioDirect: false } : null;
};

const remember = (before: Remembered | undefined, session: Session, heard: Heard): Remembered => {
  const playing = playingOf(session);
  const same = before?.playing === playing ? before : undefined;
  const positionMs = positionOf(session);
  const sought =
    same !== undefined && kindOf(session) !== 'live' && hasSought(same, { positionMs, heardAt: heard.monotonic }, SEEK_MS);
  const now = transcodeOf(session);
  const told = session.TranscodingInfo ? now : null;
  const kept = same?.transcode && heard.monotonic - same.transcodeHeardAt <= TRANSCODE_MEMORY_MS ? same.transcode : null;
  return {
    playing,
    startedAt: same && !sought ? same.startedAt : heard.at,
    positionMs: positionMs ?? same?.positionMs ?? null,
    heardAt: heard.monotonic,
    transcode: told?.bps === null && kept?.bps ? { ...told, bps: kept.bps } : (told ?? kept ?? now),
    transcodeHeardAt: told ? heard.monotonic : (same?.transcodeHeardAt ?? heard.monotonic),
  };
};

const heightOf = (session: Session): number | null => {
  const film = session.NowPlayingItem;
  const video = film?.MediaStreams?.find((stream) => stream.Type === 'Video');
  return session.TranscodingInfo?.Height ?? film?.Height ?? video?.Height ?? null;
};

/** NowPlayingItem has the tracks of the item's first source, no container rate: good for the first second, until the source is known. */
const nominalOf = (session: Session, source: MediaSource | null): number | null => {
  const audioIndex = session.PlayState?.AudioStreamIndex;
  const { IsVideoDirect, IsAudioDirect } = session.TranscodingInfo ?? {};
  const remuxed = source && IsVideoDirect && IsAudioDirect ? remuxRate(source, audioIndex) : null;
  if (remuxed !== null) return remuxed;
  const known = source ? nominalRate(source, audioIndex) : null;
  return known ?? nominalRate({ MediaStreams: session.NowPlayingItem?.MediaStreams }, audioIndex);
};

const streamOf = (session: Session, memory: Remembered, heard: Heard): PlayingStream => ({
  id: session.Id,
  userId: NO_USER.test(session.UserId ?? '') ? '' : (session.UserId ?? ''),
  userName: session.UserName ?? '',
  client: session.Client ?? '',
  device: session.DeviceName ?? '',
  address: remoteAddress(session.RemoteEndPoint),
  title: titleOf(session),
  itemId: session.NowPlayingItem?.Id ?? null,
  kind: kindOf(session),
  paused: session.PlayState?.IsPaused ?? false,
  positionMs: positionOf(session),
  height: heightOf(session),
  transcode: memory.transcode,
  nominalBps: nominalOf(session, heard.sourceOf(session)),
  startedAt: memory.startedAt,
  lastCheckInAt: checkInOf(session, heard),
  skills: kindOf(session) === 'video' ? skillsOf(session) : null,
});

/**
 * The sessions that play something, and what must be remembered of them until the next answer. IsActive and AdditionalUsers mean nothing here: the
 * one is true for whoever once connected, the other are watch-state companions. A cut-off viewer stays, with a `lastCheckInAt` that grows old.
 */
export const foldSessions = (memory: StreamMemory, heard: Heard): Folded => {
  const next = new Map<string, Remembered>();
  const streams: PlayingStream[] = [];
  const began: Session[] = [];
  for (const session of heard.sessions) {
    if (!session.NowPlayingItem || STILL.has(session.NowPlayingItem.MediaType ?? '') || next.has(session.Id)) continue;
    const before = memory.get(session.Id);
    const now = remember(before, session, heard);
    next.set(session.Id, now);
    streams.push(streamOf(session, now, heard));
    if (before?.playing !== now.playing) began.push(session);
  }
  return { memory: next, streams, began };
};
