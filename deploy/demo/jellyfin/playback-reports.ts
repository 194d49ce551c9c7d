// What players report: it moves their session, is saved for the user, stands in the activity log, and goes out as hooks before the answer.
import type { ActivityLog } from './activity-log.ts';
import { noContent } from './answer.ts';
import { parseId } from './identity.ts';
import type { Library, LibraryItem } from './library.ts';
import { bodyOf, type Exchange, type Route } from './route-table.ts';
import type { PlaybackReport, Playing, Session, SessionListener, SessionOwner, Sessions } from './sessions.ts';
import type { Transcodes } from './transcodes.ts';
import type { UserData } from './user-data.ts';
import type { HookPlayback, HookSession } from './webhook-payloads.ts';
import type { PlaybackType, WebhookPlugin } from './webhook-plugin.ts';

export type PlaybackReportsNeed = {
  readonly sessions: Sessions;
  readonly transcodes: Transcodes;
  readonly library: Library;
  readonly userData: UserData;
  readonly activity: ActivityLog;
  readonly webhooks: Pick<WebhookPlugin, 'playback' | 'wants'>;
  /** A Live TV channel as an item; null where there is none. */
  readonly channelItem: (id: string | null) => LibraryItem | null;
};

const numberOf = (value: unknown) => (typeof value === 'number' ? value : null);
const textOf = (value: unknown) => (typeof value === 'string' ? value : null);

function readReport(body: Readonly<Record<string, unknown>>, item: LibraryItem): PlaybackReport {
  const method = body['PlayMethod'];
  return {
    positionTicks: numberOf(body['PositionTicks']),
    paused: body['IsPaused'] === true,
    canSeek: body['CanSeek'] === true,
    playMethod: method === 'Transcode' || method === 'DirectStream' ? method : 'DirectPlay',
    playSessionId: parseId(textOf(body['PlaySessionId'])),
    mediaSourceId: parseId(textOf(body['MediaSourceId'])) ?? item.id,
    audioStreamIndex: numberOf(body['AudioStreamIndex']),
    subtitleStreamIndex: numberOf(body['SubtitleStreamIndex']),
    volumeLevel: numberOf(body['VolumeLevel']),
    playlistItemId: textOf(body['PlaylistItemId']),
    liveStreamId: textOf(body['LiveStreamId']),
  };
}

type Reported = { readonly session: Session; readonly item: LibraryItem; readonly body: Readonly<Record<string, unknown>> };

/** Reports act on the caller's own session; one about an unknown item is taken and forgotten. */
function reported(need: PlaybackReportsNeed, exchange: Exchange): Reported | null {
  const body = bodyOf(exchange);
  const id = parseId(textOf(body['ItemId']));
  const item = need.library.byId(id) ?? need.channelItem(id);
  return exchange.caller.session && item ? { session: exchange.caller.session, item, body } : null;
}

const exact = (at: number | null) => (at === null ? null : new Date(at).toISOString().replace('Z', '0000Z'));

/** Of a session without a user there are no hooks. */
export function hookSession({ id, owner, lastActivityAt, lastCheckInAt }: Session): HookSession | null {
  const { userId, userName, client, device, deviceId, address } = owner;
  if (userId === null || userName === null) return null;
  const times = { lastActivity: exact(lastActivityAt), lastCheckIn: exact(lastCheckInAt) };
  return { id, userId, userName, client, device, deviceId, address, ...times };
}

/** One for each who watches: what is played is saved for all of them, and told of each. */
function watchers(session: Session): HookSession[] {
  const own = hookSession(session);
  return own ? [own, ...session.guests.map(({ id, name }) => ({ ...own, userId: id, userName: name }))] : [];
}

function hookPlayback(report: PlaybackReport, positionTicks: number | null, rest: Partial<HookPlayback>): HookPlayback {
  const { mediaSourceId, paused, playMethod } = report;
  return { positionTicks, mediaSourceId, paused, automated: false, playMethod, ...rest };
}

type Happened = { readonly session: Session; readonly item: LibraryItem; readonly playback: HookPlayback };

/** One after the other, as the plugin does. */
async function tell(need: PlaybackReportsNeed, type: PlaybackType, { session, item, playback }: Happened): Promise<void> {
  for (const hook of watchers(session)) await need.webhooks.playback(type, item, playback, hook);
}

const doer = ({ userId, userName }: HookSession) => ({ id: userId, name: userName });

async function start(need: PlaybackReportsNeed, { session, item, body }: Reported): Promise<void> {
  const report = readReport(body, item);
  need.sessions.start(session, item, report);
  for (const { userId } of watchers(session)) need.userData.playbackStarted(userId, item);
  const [own] = watchers(session);
  if (own) need.activity.playing(doer(own), item, session.owner.device);
  await tell(need, 'PlaybackStart', { session, item, playback: hookPlayback(report, report.positionTicks, {}) });
}

async function progress(need: PlaybackReportsNeed, { session, item, body }: Reported): Promise<void> {
  const report = readReport(body, item);
  need.sessions.progress(session, item, report);
  const tracks = { audioIndex: report.audioStreamIndex, subtitleIndex: report.subtitleStreamIndex };
  for (const { userId } of watchers(session)) need.userData.playbackReached(userId, item, report.positionTicks, tracks);
  await tell(need, 'PlaybackProgress', { session, item, playback: hookPlayback(report, report.positionTicks, {}) });
}

type End = { readonly session: Session; readonly item: LibraryItem; readonly report: PlaybackReport; readonly failed: boolean };

/** Also by the server itself, where a player has vanished. */
async function end(need: PlaybackReportsNeed, { session, item, report, failed }: End): Promise<void> {
  let completed = false;
  const [own] = watchers(session);
  for (const { userId } of failed ? [] : watchers(session))
    completed = need.userData.playbackStopped(userId, item, report.positionTicks);
  if (own) need.activity.stopped(doer(own), item, session.owner.device);
  const playback = hookPlayback({ ...report, paused: false }, report.positionTicks, { playMethod: null, completed });
  await tell(need, 'PlaybackStop', { session, item, playback });
}

async function stop(need: PlaybackReportsNeed, { session, item, body }: Reported): Promise<void> {
  const report = readReport(body, item);
  if (report.playSessionId) need.transcodes.kill(session.owner.deviceId, report.playSessionId);
  need.sessions.stop(session);
  await end(need, { session, item, report, failed: body['Failed'] === true });
}

/** Positions that the server makes up, and the end of players that say nothing any more. */
export function playbackListener(need: PlaybackReportsNeed): SessionListener {
  const known = ({ userId, userName }: SessionOwner) => (userId === null ? null : { id: userId, name: userName ?? '' });
  return {
    began: ({ owner }) => {
      const user = known(owner);
      if (user) need.activity.sessionStarted(user, owner.device, owner.address);
    },
    ended: ({ owner }) => {
      const user = known(owner);
      if (user) need.activity.sessionEnded(user, owner.device, owner.address);
    },
    automated(session, { item, report, positionTicks }: Playing) {
      if (!need.webhooks.wants('PlaybackProgress')) return;
      void tell(need, 'PlaybackProgress', { session, item, playback: hookPlayback(report, positionTicks, { automated: true }) });
    },
    // With the last reported position, whatever the server has made up since.
    idle: (session, { item, report }) => void end(need, { session, item, report, failed: false }),
  };
}

export function reportRoutes(need: PlaybackReportsNeed): Route[] {
  const { sessions } = need;
  const report = (handle: (need: PlaybackReportsNeed, report: Reported) => Promise<void>) => async (exchange: Exchange) => {
    const found = reported(need, exchange);
    if (found) await handle(need, found);
    return noContent;
  };
  return [
    { method: 'POST', path: '/Sessions/Playing', access: 'user', handle: report(start) },
    { method: 'POST', path: '/Sessions/Playing/Progress', access: 'user', handle: report(progress) },
    { method: 'POST', path: '/Sessions/Playing/Stopped', access: 'user', handle: report(stop) },
    {
      method: 'POST',
      path: '/Sessions/Playing/Ping',
      access: 'user',
      handle(exchange) {
        need.transcodes.ping(parseId(exchange.query('playSessionId')) ?? '');
        return noContent;
      },
    },
    {
      method: 'POST',
      path: '/Sessions/Capabilities/Full',
      access: 'user',
      handle(exchange) {
        const body = bodyOf(exchange);
        const list = (value: unknown) => (Array.isArray(value) ? value.filter((entry) => typeof entry === 'string') : []);
        if (exchange.caller.session)
          exchange.caller.session.capabilities = {
            mediaTypes: list(body['PlayableMediaTypes']),
            commands: list(body['SupportedCommands']),
            mediaControl: body['SupportsMediaControl'] === true,
          };
        sessions.changed('now');
        return noContent;
      },
    },
  ];
}
