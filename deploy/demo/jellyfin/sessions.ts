// Sessions as the server keeps them: who is there, what plays, and the position that runs on by itself.
import { emptyId, idOf, isoTime, ticksPerMs } from './identity.ts';
import { type Dto, nowPlayingDto } from './item-dto.ts';
import type { LibraryItem } from './library.ts';
import type { Transcodes } from './transcodes.ts';

/** Who calls, as far as a session needs it. */
export type SessionOwner = {
  readonly userId: string | null;
  readonly userName: string | null;
  readonly client: string;
  readonly deviceId: string;
  readonly device: string;
  readonly version: string;
  readonly address: string;
};

export type PlaybackReport = {
  readonly positionTicks: number | null;
  readonly paused: boolean;
  readonly canSeek: boolean;
  readonly playMethod: 'DirectPlay' | 'DirectStream' | 'Transcode';
  readonly playSessionId: string | null;
  readonly mediaSourceId: string;
  readonly audioStreamIndex: number | null;
  readonly subtitleStreamIndex: number | null;
  readonly volumeLevel: number | null;
  readonly playlistItemId: string | null;
  readonly liveStreamId: string | null;
};

export type Playing = { item: LibraryItem; report: PlaybackReport; positionTicks: number; pausedAt: number | null };

export type Session = {
  readonly id: string;
  owner: SessionOwner;
  lastActivityAt: number;
  lastCheckInAt: number | null;
  lastPausedAt: number | null;
  playing: Playing | null;
  capabilities: { mediaTypes: readonly string[]; commands: readonly string[]; mediaControl: boolean };
  /** Messages for the player's sockets; what is sent to a session without one is lost without an error. */
  readonly sockets: Set<(message: Dto) => void>;
  hadSocket: boolean;
  /** Others who watch at the same screen. */
  guests: readonly { readonly id: string; readonly name: string }[];
};

export type SessionEvent = 'now' | 'automated';

/** What a session does by itself, for those who write it down or tell others. */
export type SessionListener = {
  /** A device that was not there. */
  began?(session: Session): void;
  /** It said good-bye, by closing its last socket. */
  ended?(session: Session): void;
  /** The server's own idea of where the player is, each second. */
  automated?(session: Session, playing: Playing): void;
  /** No report for too long: the server stopped it. */
  idle?(session: Session, playing: Playing): void;
};

export type Sessions = {
  /** Finds or makes the caller's session. */
  touch(owner: SessionOwner): Session;
  byId(id: string | null): Session | null;
  list(): readonly Session[];
  start(session: Session, item: LibraryItem, report: PlaybackReport): void;
  progress(session: Session, item: LibraryItem, report: PlaybackReport): void;
  stop(session: Session): void;
  /** The player said good-bye. */
  end(session: Session): void;
  /** One second of the server's own timer: positions and LastActivityDate advance whether the player lives or not. */
  tick(elapsedMs: number): void;
  changed(event: SessionEvent): void;
  onChange(listener: (event: SessionEvent) => void): void;
  listen(listener: SessionListener): void;
  forget(): void;
  dto(session: Session, withPaths: boolean): Dto;
};

export type SessionsNeed = {
  readonly now: () => number;
  readonly transcodes: Transcodes;
  readonly serverId: string;
  readonly idleStopMs: number;
};

export function createSessions(need: SessionsNeed): Sessions {
  const { now, transcodes } = need;
  const sessions = new Map<string, Session>();
  const listeners: ((event: SessionEvent) => void)[] = [];
  const watchers: SessionListener[] = [];
  const changed = (event: SessionEvent) => {
    for (const listener of listeners) listener(event);
  };
  const report = (session: Session, item: LibraryItem, given: PlaybackReport) => {
    // The server turns a reported Transcode into DirectPlay where it knows no job for that play session.
    const known = given.playSessionId !== null && transcodes.has(given.playSessionId);
    const playMethod = given.playMethod === 'Transcode' && !known ? 'DirectPlay' : given.playMethod;
    const positionTicks = given.positionTicks ?? session.playing?.positionTicks ?? 0;
    if (given.paused) session.lastPausedAt ??= now();
    session.playing = { item, report: { ...given, playMethod }, positionTicks, pausedAt: given.paused ? now() : null };
    session.lastActivityAt = session.lastCheckInAt = now();
    if (given.playSessionId !== null) transcodes.ping(given.playSessionId);
    changed('now');
  };
  const stop = (session: Session) => {
    const playSessionId = session.playing?.report.playSessionId;
    if (playSessionId) transcodes.kill(session.owner.deviceId, playSessionId);
    session.playing = null;
    changed('now');
  };
  return {
    touch(owner) {
      const id = idOf(`${owner.client}${owner.deviceId}`);
      const known = sessions.get(id);
      if (known) {
        known.owner = owner;
        known.lastActivityAt = now();
        return known;
      }
      const session = newSession(id, owner, now());
      sessions.set(id, session);
      for (const watcher of watchers) watcher.began?.(session);
      changed('now');
      return session;
    },
    byId: (id) => (id === null ? null : (sessions.get(id) ?? null)),
    list: () => [...sessions.values()].sort((a, b) => b.lastActivityAt - a.lastActivityAt),
    start: report,
    progress: report,
    stop,
    end(session) {
      if (session.playing) transcodes.kill(session.owner.deviceId, null);
      sessions.delete(session.id);
      for (const watcher of watchers) watcher.ended?.(session);
      changed('now');
    },
    tick(elapsedMs) {
      transcodes.expire();
      for (const session of sessions.values()) advance(session, elapsedMs, need);
      for (const session of sessions.values()) {
        const { playing } = session;
        if (!playing) continue;
        for (const watcher of watchers) watcher.automated?.(session, playing);
        if (session.lastCheckInAt === null || now() - session.lastCheckInAt <= need.idleStopMs) continue;
        stop(session);
        for (const watcher of watchers) watcher.idle?.(session, playing);
      }
      if ([...sessions.values()].some((session) => session.playing)) changed('automated');
    },
    changed,
    onChange: (listener) => void listeners.push(listener),
    listen: (listener) => void watchers.push(listener),
    forget: () => sessions.clear(),
    dto: (session, withPaths) => sessionDto(session, { ...need, withPaths }),
  };
}

function newSession(id: string, owner: SessionOwner, at: number): Session {
  const capabilities = { mediaTypes: [], commands: [], mediaControl: false };
  return {
    id,
    owner,
    lastActivityAt: at,
    lastCheckInAt: null,
    lastPausedAt: null,
    playing: null,
    capabilities,
    sockets: new Set(),
    hadSocket: false,
    guests: [],
  };
}

function advance(session: Session, elapsedMs: number, need: SessionsNeed): void {
  const playing = session.playing;
  if (!playing || playing.report.paused) return;
  // A TV channel has no end.
  const endTicks = playing.item.type === 'TvChannel' ? Number.POSITIVE_INFINITY : playing.item.runtimeMs * ticksPerMs;
  playing.positionTicks = Math.min(endTicks, playing.positionTicks + Math.round(elapsedMs * ticksPerMs));
  session.lastActivityAt = need.now();
  if (playing.report.playMethod === 'DirectPlay') need.transcodes.flicker(session.owner.deviceId);
}

function playState(playing: Playing | null): Dto {
  const rest = { RepeatMode: 'RepeatNone', PlaybackOrder: 'Default' };
  if (!playing) return { CanSeek: false, IsPaused: false, IsMuted: false, ...rest };
  const { report } = playing;
  return {
    PositionTicks: playing.positionTicks,
    CanSeek: report.canSeek,
    IsPaused: report.paused,
    IsMuted: false,
    VolumeLevel: report.volumeLevel,
    AudioStreamIndex: report.audioStreamIndex,
    SubtitleStreamIndex: report.subtitleStreamIndex,
    MediaSourceId: report.mediaSourceId,
    PlayMethod: report.playMethod,
    LiveStreamId: report.liveStreamId,
    ...rest,
  };
}

/** SessionInfoDto as recorded: RemoteEndPoint is a bare address, no PlaySessionId, no rate of the source. */
function sessionDto(session: Session, need: SessionsNeed & { readonly withPaths: boolean }): Dto {
  const { owner, capabilities } = session;
  const shown = session.playing ? nowPlayingDto(session.playing.item, need.serverId) : null;
  const live = session.sockets.size > 0;
  return {
    PlayState: playState(session.playing),
    AdditionalUsers: session.guests.map(({ id, name }) => ({ UserId: id, UserName: name })),
    Capabilities: {
      PlayableMediaTypes: capabilities.mediaTypes,
      SupportedCommands: capabilities.commands,
      SupportsMediaControl: capabilities.mediaControl,
      SupportsPersistentIdentifier: !capabilities.mediaControl,
    },
    RemoteEndPoint: owner.address,
    PlayableMediaTypes: capabilities.mediaTypes,
    Id: session.id,
    UserId: owner.userId ?? emptyId,
    UserName: owner.userName,
    Client: owner.client,
    LastActivityDate: isoTime(session.lastActivityAt),
    LastPlaybackCheckIn: isoTime(session.lastCheckInAt),
    LastPausedDate: session.lastPausedAt === null ? null : isoTime(session.lastPausedAt),
    DeviceName: owner.device,
    NowPlayingItem: shown && !need.withPaths ? { ...shown, Path: null } : shown,
    DeviceId: owner.deviceId,
    ApplicationVersion: owner.version,
    TranscodingInfo: need.transcodes.info(owner.deviceId),
    // True where no socket was ever attached: it does not mean "playing".
    IsActive: live || !session.hadSocket,
    SupportsMediaControl: capabilities.mediaControl,
    SupportsRemoteControl: capabilities.mediaControl && live,
    NowPlayingQueue: [],
    HasCustomDeviceName: false,
    PlaylistItemId: session.playing?.report.playlistItemId ?? null,
    ServerId: need.serverId,
    SupportedCommands: capabilities.commands,
  };
}
