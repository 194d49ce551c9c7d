// From Plex's sessions to streams, with what must be remembered of them. Which fields may be missing: README.md. Pure.
import { hasSought } from '../neighbours/has-sought.ts';
import type { PlayingStream, SaidPlace, Transcode } from '../neighbours/media-server.ts';
import { remoteAddress } from '../neighbours/remote-address.ts';
import type { Session } from './plex-schemas.ts';

/** Players report each 10 s, and the list holds what they reported last: a position this far from what time alone explains is a seek. */
export const SEEK_MS = 20_000;
/** No relay lets more through: 1 to 2 Mbit/s by Plex's own pages, up to 8 in reports (facts/bandwidth.md §4). */
const RELAY_BPS = 8_000_000;

/** What one session was doing when it was last heard; `heardAt` by the monotonic clock. */
export type Remembered = {
  readonly item: string | null;
  readonly state: string | null;
  readonly startedAt: number;
  /** Null for live TV, whose position means nothing. */
  readonly positionMs: number | null;
  readonly heardAt: number;
};
/** By the session's key. */
export type StreamMemory = ReadonlyMap<string, Remembered>;

/** One answer of the server; `at` in UTC ms, `monotonic` in monotonic ms. */
export type Heard = { readonly sessions: readonly Session[]; readonly at: number; readonly monotonic: number };

export type Folded = {
  readonly memory: StreamMemory;
  readonly streams: readonly PlayingStream[];
  /** Keys of the sessions that the memory did not know. */
  readonly began: readonly string[];
};

/** `lan` is local; `wan`, `cellular` and any new word is remote. Without it Player.local; with neither the viewer is taken for remote. */
export const saidPlace = ({ Player: player, Session: session }: Pick<Session, 'Player' | 'Session'>): SaidPlace => {
  if (player?.relayed) return 'relayed';
  const location = session?.location?.trim().toLowerCase();
  if (location) return location === 'lan' ? 'local' : 'remote';
  return player?.local ? 'local' : 'remote';
};

const kindOf = ({ live, type, TranscodeSession: transcode }: Session): PlayingStream['kind'] => {
  if (transcode?.context === 'static') return 'download';
  if (live) return 'live';
  if (type === 'track') return 'audio';
  return type === 'photo' ? 'photo' : 'video';
};

/** An unknown state, or none, is playing: in doubt the reservation stands. */
const isPaused = (state: string | null | undefined): boolean =>
  ['paused', 'buffering', 'stopped'].includes(state?.toLowerCase() ?? '');

/** Of several versions the one that is sent. While Plex transcodes it tells of what is sent, not of what lies on the disk (1.43.3). */
const mediaOf = ({ Media: media }: Session) => media.find(({ selected }) => selected) ?? media[0];

const bps = (kbps: number | null | undefined): number | null =>
  typeof kbps === 'number' && kbps > 0 ? Math.round(kbps * 1000) : null;

const RESOLUTIONS: Readonly<Record<string, number>> = { '4k': 2160, '8k': 4320, sd: 480 };
const heightOf = (session: Session): number | null => {
  const { height, videoResolution = null } = mediaOf(session) ?? {};
  if (height) return Math.round(height);
  const text = videoResolution?.toLowerCase() ?? '';
  return RESOLUTIONS[text] ?? (Number.parseInt(text, 10) || null);
};

/** `copy` and `directplay` touch nothing; a track that is not there is not converted either. */
const transcodeOf = (session: Session): Transcode | null => {
  const { TranscodeSession: transcode } = session;
  if (!transcode) return null;
  const { videoDecision: video, audioDecision: audio } = transcode;
  const isDirect = (decision: string | null | undefined) =>
    decision ? /^(copy|direct)/i.test(decision) : Boolean(video || audio);
  return { bps: bps(mediaOf(session)?.bitrate), videoDirect: isDirect(video), audioDirect: isDirect(audio) };
};

const reservationOf = (session: Session): number | null => {
  const reserved = bps(session.Session?.bandwidth);
  return reserved !== null && session.Player?.relayed ? Math.min(reserved, RELAY_BPS) : reserved;
};

const positionOf = ({ live, viewOffset }: Session): number | null =>
  !live && typeof viewOffset === 'number' && viewOffset >= 0 ? Math.round(viewOffset) : null;

const remember = (before: Remembered | undefined, session: Session, heard: Heard): Remembered => {
  const item = session.ratingKey || null;
  const same = before?.item === item ? before : undefined;
  const positionMs = positionOf(session);
  const sought = same !== undefined && hasSought(same, { positionMs, heardAt: heard.monotonic }, SEEK_MS);
  return {
    item,
    state: session.Player?.state?.toLowerCase() ?? null,
    startedAt: same && !sought ? same.startedAt : heard.at,
    positionMs,
    heardAt: heard.monotonic,
  };
};

const streamOf = (session: Session, { startedAt, state, positionMs }: Remembered, userId: string): PlayingStream => {
  const { Player: player, User: user } = session;
  return {
    id: session.key,
    userId,
    userName: user?.title ?? '',
    client: player?.product ?? '',
    device: player?.title || player?.device || '',
    address: remoteAddress(player?.address) ?? remoteAddress(player?.remotePublicAddress),
    saidPlace: saidPlace(session),
    title: [session.grandparentTitle, session.title].filter(Boolean).join(' - '),
    kind: kindOf(session),
    paused: isPaused(state),
    positionMs,
    height: heightOf(session),
    transcode: transcodeOf(session),
    nominalBps: bps(mediaOf(session)?.bitrate),
    reservedBps: reservationOf(session),
    startedAt,
    // Nothing in the list says when the player itself was last heard: nobody is ever taken for cut off. Plex drops a silent one by itself.
    lastCheckInAt: null,
  };
};

/** `everybody`: the user who stands for all of them; null: each stands for himself. */
export const foldSessions = (memory: StreamMemory, heard: Heard, everybody: string | null): Folded => {
  const next = new Map<string, Remembered>();
  const streams: PlayingStream[] = [];
  const began: string[] = [];
  for (const session of heard.sessions) {
    if (next.has(session.key)) continue;
    const now = remember(memory.get(session.key), session, heard);
    next.set(session.key, now);
    streams.push(streamOf(session, now, everybody ?? session.User?.id ?? ''));
    if (!memory.has(session.key)) began.push(session.key);
  }
  return { memory: next, streams, began };
};
