// One session as /status/sessions tells it, and as the notifications do (shapes as captured from 1.43.3, see README).
import type { Element, Value } from './answer.ts';
import { positionOf, type Session } from './sessions.ts';

/** Leaves out what is null: Plex has no nulls. */
const present = (fields: Readonly<Record<string, Value | Element | readonly Element[] | null>>): Element =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null)) as Element;

function itemKey(session: Session): string {
  return session.item.live ? `/livetv/sessions/${session.item.ratingKey}` : `/library/metadata/${session.item.ratingKey}`;
}

const transcodeKey = (session: Session) => `/transcode/sessions/${session.transcodeId}`;
const isAudio = (session: Session) => session.item.kind === 'track';
const resolution = (height: number, transcode: boolean) => {
  if (height >= 2160) return '4k';
  return transcode ? `${height}p` : String(height);
};

export function transcodeSession(session: Session): Element {
  const { item } = session;
  return present({
    key: transcodeKey(session),
    throttled: false,
    complete: false,
    progress: 1.3,
    size: -1,
    speed: 2.4,
    error: false,
    duration: item.durationMs,
    remaining: 1200,
    context: item.context,
    sourceVideoCodec: isAudio(session) ? null : 'hevc',
    sourceAudioCodec: 'truehd',
    videoDecision: isAudio(session) ? null : 'transcode',
    audioDecision: 'transcode',
    protocol: 'hls',
    container: 'mpegts',
    videoCodec: isAudio(session) ? null : 'h264',
    audioCodec: 'aac',
    audioChannels: 2,
    transcodeHwRequested: false,
    ...item.transcode,
  });
}

/** While it transcodes, Media tells what is sent, not what lies on the disk; only then is there a decision at all. */
function media(session: Session): Element {
  const { item, decision } = session;
  const part = present({
    id: `${item.ratingKey}-p`,
    container: decision.transcode ? 'mpegts' : 'mkv',
    duration: item.durationMs,
    key: decision.transcode ? null : `/library/parts/${item.ratingKey}/1/file.mkv`,
    file: decision.transcode ? null : `/media/${item.title}.mkv`,
    decision: decision.transcode ? 'transcode' : null,
    protocol: decision.transcode ? 'hls' : null,
    selected: true,
  });
  return present({
    id: `${item.ratingKey}-m`,
    // Live TV as it comes in has no bitrate.
    bitrate: item.live && !decision.transcode ? null : decision.sentKbps,
    container: decision.transcode ? 'mpegts' : 'mkv',
    duration: item.durationMs,
    height: isAudio(session) ? null : item.height,
    videoResolution: isAudio(session) ? null : resolution(item.height, decision.transcode),
    videoCodec: isAudio(session) ? null : decision.transcode ? 'h264' : 'hevc',
    audioCodec: decision.transcode ? 'aac' : 'truehd',
    protocol: decision.transcode ? 'hls' : null,
    selected: true,
    Part: [part],
  });
}

function player({ player, state }: Session): Element {
  return present({
    address: player.address,
    device: player.device,
    machineIdentifier: player.machineIdentifier,
    platform: player.device,
    product: player.product,
    profile: 'Generic',
    remotePublicAddress: player.remotePublicAddress,
    state,
    title: player.device,
    version: '4.145.0',
    local: player.local,
    relayed: player.relayed,
    secure: true,
    userID: player.userId,
  });
}

const titles = (session: Session) => {
  const { kind } = session.item;
  if (kind === 'episode') return { grandparentTitle: 'A Series', parentTitle: 'Season 1', parentIndex: 1, index: 1 };
  return kind === 'track' ? { grandparentTitle: 'An Artist', parentTitle: 'An Album' } : {};
};

/** `token`: a real avatar's address carries one, so nobody may print this answer. */
export function metadata(session: Session, token: string): Element {
  const { item, decision } = session;
  const hasSession = !item.withoutSession && session.player.location !== null;
  return present({
    addedAt: 1_770_650_883,
    duration: item.live ? null : item.durationMs,
    guid: item.live ? null : `plex://${item.kind}/${item.ratingKey}`,
    key: itemKey(session),
    live: item.live ? true : null,
    // Live TV has no ratingKey here; the notification has one.
    ratingKey: item.live ? null : item.ratingKey,
    sessionKey: session.key,
    title: item.title,
    ...titles(session),
    type: item.kind,
    viewOffset: positionOf(session),
    Media: [media(session)],
    User: {
      id: String(session.player.userId),
      thumb: `https://plex.tv/users/${session.player.userId}/avatar?X-Plex-Token=${token}`,
      title: session.player.user,
    },
    Player: player(session),
    Session: hasSession ? present({ id: session.id, bandwidth: decision.reservedKbps, location: session.player.location }) : null,
    TranscodeSession: decision.transcode ? transcodeSession(session) : null,
  });
}

/** As in `playing` notifications: no place, no rate, no user. */
export function notification(session: Session, state: string): Element {
  const { item, decision } = session;
  return present({
    sessionKey: session.key,
    clientIdentifier: session.player.machineIdentifier,
    guid: '',
    ratingKey: item.ratingKey,
    url: '',
    key: itemKey(session),
    viewOffset: positionOf(session),
    playQueueItemID: 100 + Number(session.key),
    playQueueID: Number(session.key),
    state,
    transcodeSession: decision.transcode ? session.transcodeId : null,
  });
}
