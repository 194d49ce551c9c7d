// Tuning in over HTTP: PlaybackInfo of a channel, LiveStreams/Open and Close, and the growing file that everybody watches.
import { type Answer, json, noContent, refusals } from './answer.ts';
import { transcodingUrl } from './hls.ts';
import { newId, parseId } from './identity.ts';
import type { Dto } from './item-dto.ts';
import { channelIdOf, decidedSource } from './live-media.ts';
import type { LiveStreams, Opening } from './live-streams.ts';
import type { Channel, LiveTv } from './live-tv.ts';
import { type DirectPlayProfile, decidePlayback, type PlaybackDecision } from './playback-decision.ts';
import { type Negotiation, readProfile } from './playback-profile.ts';
import { bodyOf, type Exchange, type Route } from './route-table.ts';
import type { StoredUser, Users } from './users.ts';

export type LivePlaybackNeed = {
  readonly users: Users;
  readonly liveTv: LiveTv;
  readonly streams: LiveStreams;
  readonly serverLimitBps: () => number;
  readonly negotiated: (negotiation: Negotiation) => void;
};

export type LivePlayback = {
  readonly routes: readonly Route[];
  /** Null where the item is no channel. */
  playbackInfo(exchange: Exchange): Promise<Answer> | null;
};

function decide(need: LivePlaybackNeed, exchange: Exchange, opening: Opening, user: StoredUser): PlaybackDecision {
  const profile = readProfile(bodyOf(exchange));
  const may = opening.source['SupportsDirectPlay'] === true;
  // Without a profile the limit does nothing.
  if (!profile) return { directPlay: may, transcode: null };
  const asked = {
    clientMaxBps: profile.maxBps,
    userLimitBps: user.policy.RemoteClientBitrateLimit,
    serverLimitBps: need.serverLimitBps(),
    local: exchange.caller.local,
    mayTranscode: user.policy.EnableVideoPlaybackTranscoding,
  };
  const decide = (directPlay: readonly DirectPlayProfile[]) =>
    decidePlayback({ ...asked, directPlay, source: decidedSource(opening.streams, opening.isRemote, profile.directPlay) });
  const decided = decide(profile.directPlay);
  if (may || !decided.directPlay) return decided;
  // The tuner forbids what the profile allows: a remux.
  const { transcode } = decide([]);
  return {
    directPlay: false,
    transcode: transcode && { ...transcode, videoDirect: true, audioDirect: true, reasons: ['DirectPlayError'] },
  };
}

function decidedDto(
  need: LivePlaybackNeed,
  exchange: Exchange,
  opening: Opening,
  about: { readonly channel: Channel; readonly user: StoredUser },
): { source: Dto; playSessionId: string } {
  const { channel, user } = about;
  const { directPlay, transcode } = decide(need, exchange, opening, user);
  const playSessionId = parseId(exchange.query('playSessionId')) ?? newId();
  const deviceId = exchange.caller.session?.owner.deviceId ?? '';
  const container = readProfile(bodyOf(exchange))?.container ?? 'ts';
  const token = exchange.caller.token?.token ?? exchange.caller.key?.token ?? '';
  const item = need.liveTv.item(channel.id);
  const url = transcode && item ? transcodingUrl({ item, plan: transcode, deviceId, playSessionId, token, container }) : null;
  need.negotiated({
    userId: user.id,
    deviceId,
    itemId: channel.id,
    playSessionId,
    local: exchange.caller.local,
    method: directPlay ? 'DirectPlay' : transcode ? 'Transcode' : 'refused',
    limitBps: transcode ? transcode.videoBps + transcode.audioBps : null,
  });
  const decided = {
    SupportsDirectPlay: directPlay,
    SupportsDirectStream: directPlay,
    SupportsTranscoding: directPlay || transcode !== null,
  };
  const streaming = url ? { TranscodingUrl: url, TranscodingSubProtocol: 'hls', TranscodingContainer: container } : {};
  return { source: { ...opening.source, ...decided, ...streaming }, playSessionId };
}

/** A key is no user: 400 without userId. Who may not watch Live TV does not see the channel. */
function watcher(need: LivePlaybackNeed, exchange: Exchange): StoredUser {
  const given = exchange.query('userId') ?? bodyOf(exchange)['UserId'];
  const id = parseId(typeof given === 'string' ? given : null);
  const user = id === null ? exchange.caller.user : need.users.byId(id);
  if (!user) throw id === null ? refusals.processing(400) : refusals.notFound();
  if (!exchange.caller.isAdministrator && exchange.caller.user?.id !== user.id) throw refusals.forbidden();
  if (user.policy['EnableLiveTvAccess'] === false) throw refusals.notFound();
  return user;
}

const failed = () => {
  throw refusals.processing(500);
};

async function channelInfo(need: LivePlaybackNeed, exchange: Exchange, channel: Channel): Promise<Answer> {
  const user = watcher(need, exchange);
  const wish = exchange.query('autoOpenLiveStream') ?? bodyOf(exchange)['AutoOpenLiveStream'];
  const opens = String(wish).toLowerCase() === 'true';
  const opening = opens ? await need.streams.open(channel).catch(failed) : need.streams.describe(channel);
  const { source, playSessionId } = decidedDto(need, exchange, opening, { channel, user });
  return json({ MediaSources: [source], PlaySessionId: playSessionId });
}

async function open(need: LivePlaybackNeed, exchange: Exchange): Promise<Answer> {
  const given = exchange.query('openToken') ?? bodyOf(exchange)['OpenToken'];
  const named = channelIdOf(typeof given === 'string' ? given : '');
  const channel = need.liveTv.channel(named?.channelId ?? null);
  if (!channel) throw refusals.processing(named ? 404 : 400);
  const user = watcher(need, exchange);
  const opening = await need.streams.open(channel).catch(failed);
  return json({ MediaSource: decidedDto(need, exchange, opening, { channel, user }).source });
}

export function createLivePlayback(need: LivePlaybackNeed): LivePlayback {
  const routes: Route[] = [
    { method: 'POST', path: '/LiveStreams/Open', access: 'user', handle: (exchange) => open(need, exchange) },
    {
      method: 'POST',
      path: '/LiveStreams/Close',
      access: 'user',
      async handle(exchange) {
        const id = exchange.query('liveStreamId');
        if (!id) throw refusals.invalid({ liveStreamId: ['The liveStreamId field is required.'] });
        // One that is not open is closed.
        await need.streams.close(id);
        return noContent;
      },
    },
    {
      method: 'GET',
      path: '/LiveTv/LiveStreamFiles/{id}/{stream}',
      access: 'none',
      handle(exchange) {
        const body = need.streams.reader(exchange.params['id'] ?? '');
        if (!body) throw refusals.notFound();
        return { status: 200, type: 'video/mp2t', body };
      },
    },
  ];
  return {
    routes,
    playbackInfo(exchange) {
      const channel = need.liveTv.channel(parseId(exchange.params['id']));
      return channel && channelInfo(need, exchange, channel);
    },
  };
}
