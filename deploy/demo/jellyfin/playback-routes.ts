// PlaybackInfo, HLS, static streams, bitrate tests: where a limit takes effect, and where it does not.
import { type Answer, json, noContent, refusals, text } from './answer.ts';
import { masterPlaylist, segmentBytes, transcodingUrl, variantPlaylist } from './hls.ts';
import { newId, parseId } from './identity.ts';
import { mediaSource } from './item-dto.ts';
import type { Library, LibraryItem } from './library.ts';
import type { LivePlayback } from './live-playback.ts';
import { type MediaFiles, zeroes } from './media-files.ts';
import { decidePlayback, type PlaybackDecision, pictureFor, type TranscodePlan } from './playback-decision.ts';
import { type Negotiation, readProfile } from './playback-profile.ts';
import { bodyOf, type Exchange, type Route } from './route-table.ts';
import type { Transcodes } from './transcodes.ts';
import type { StoredUser, Users } from './users.ts';

export type PlaybackRoutesNeed = {
  readonly users: Users;
  readonly library: Library;
  readonly transcodes: Transcodes;
  readonly files: MediaFiles;
  /** Channels are another matter. */
  readonly live: Pick<LivePlayback, 'playbackInfo'>;
  readonly serverLimitBps: () => number;
  /** Tells what was negotiated, for tests. */
  readonly negotiated: (negotiation: Negotiation) => void;
};

function decide(need: PlaybackRoutesNeed, exchange: Exchange, item: LibraryItem, user: StoredUser | null): PlaybackDecision {
  const profile = readProfile(bodyOf(exchange));
  // Seen: without a profile direct play is allowed, whatever the limit says.
  if (!profile || !item.source) return { directPlay: true, transcode: null };
  return decidePlayback({
    source: item.source,
    directPlay: profile.directPlay,
    clientMaxBps: profile.maxBps,
    userLimitBps: user?.policy.RemoteClientBitrateLimit ?? 0,
    serverLimitBps: need.serverLimitBps(),
    local: exchange.caller.local,
    mayTranscode: user?.policy.EnableVideoPlaybackTranscoding ?? true,
  });
}

function playbackInfo(need: PlaybackRoutesNeed, exchange: Exchange): Answer {
  const item = need.library.byId(parseId(exchange.params['id']));
  if (!item?.source) throw refusals.notFound();
  const id = parseId(exchange.query('userId') ?? (bodyOf(exchange)['UserId'] as string | undefined));
  const user = id === null ? exchange.caller.user : need.users.byId(id);
  if (id !== null && !user) throw refusals.notFound();
  if (id !== null && !exchange.caller.isAdministrator && exchange.caller.user?.id !== id) throw refusals.forbidden();
  const { directPlay, transcode } = decide(need, exchange, item, user);
  const playSessionId = newId();
  const container = readProfile(bodyOf(exchange))?.container ?? 'ts';
  const deviceId = exchange.caller.session?.owner.deviceId ?? '';
  const token = exchange.caller.token?.token ?? exchange.caller.key?.token ?? '';
  const url = transcode ? transcodingUrl({ item, plan: transcode, deviceId, playSessionId, token, container }) : null;
  const streaming = url ? { TranscodingUrl: url, TranscodingSubProtocol: 'hls', TranscodingContainer: container } : {};
  const method = directPlay ? 'DirectPlay' : transcode ? 'Transcode' : 'refused';
  const limitBps = transcode ? transcode.videoBps + transcode.audioBps : null;
  need.negotiated({
    userId: user?.id ?? null,
    deviceId,
    itemId: item.id,
    playSessionId,
    local: exchange.caller.local,
    method,
    limitBps,
  });
  const decided = {
    SupportsDirectPlay: directPlay,
    SupportsDirectStream: directPlay,
    SupportsTranscoding: directPlay || transcode !== null,
  };
  return json({ MediaSources: [{ ...mediaSource(item), ...decided, ...streaming }], PlaySessionId: playSessionId });
}

function planOf(exchange: Exchange, item: LibraryItem): TranscodePlan {
  const videoBps = Number(exchange.query('VideoBitrate') ?? 0);
  const audioBps = Number(exchange.query('AudioBitrate') ?? 0);
  const reasons = (exchange.query('TranscodeReasons') ?? '').split(',').filter((reason) => reason !== '');
  if (!item.source) throw refusals.notFound();
  const videoDirect = !reasons.some((reason) => reason === 'ContainerBitrateExceedsLimit' || reason === 'VideoCodecNotSupported');
  const audioDirect = audioBps >= item.source.audioBps && !reasons.includes('AudioCodecNotSupported');
  const whole = { width: item.source.width, height: item.source.height };
  // The rates in the URL decide, not the policy: a URL once handed out keeps its rate.
  return { videoBps, audioBps, reasons, videoDirect, audioDirect, ...(videoDirect ? whole : pictureFor(videoBps, item.source)) };
}

function video(need: PlaybackRoutesNeed, exchange: Exchange): LibraryItem {
  const item = need.library.byId(parseId(exchange.params['id']));
  if (!item?.source) throw refusals.notFound();
  return item;
}

const searchOf = (exchange: Exchange) => new URL(exchange.request.url ?? '/', 'http://jellyfin').search;

function segment(need: PlaybackRoutesNeed, exchange: Exchange): Answer {
  const item = video(need, exchange);
  const playSessionId = parseId(exchange.query('PlaySessionId')) ?? newId();
  const plan = planOf(exchange, item);
  const container = exchange.query('SegmentContainer') ?? 'ts';
  need.transcodes.start({
    deviceId: exchange.query('DeviceId') ?? '',
    playSessionId,
    itemId: item.id,
    container,
    plan,
    runtimeMs: item.runtimeMs,
  });
  return { status: 200, type: 'video/mp2t', body: Buffer.alloc(segmentBytes(plan)) };
}

/** Seen: no token is asked for. */
function staticStream(need: PlaybackRoutesNeed, exchange: Exchange): Promise<Answer> {
  const item = video(need, exchange);
  const sourceId = exchange.query('mediaSourceId');
  // A source that the item has not is a NullReferenceException.
  if (sourceId !== null && parseId(sourceId) !== item.id) throw refusals.processing(500);
  return need.files.answer(item, exchange.request.headers.range, exchange.request.method === 'HEAD');
}

function download(need: PlaybackRoutesNeed, exchange: Exchange): Promise<Answer> {
  const item = need.library.byId(parseId(exchange.params['id']));
  if (!item) throw refusals.notFound();
  if (exchange.caller.user?.policy['EnableContentDownloading'] === false) throw refusals.forbidden();
  if (!item.source) throw refusals.processing(400);
  return need.files.answer(item, exchange.request.headers.range, exchange.request.method === 'HEAD');
}

export function playbackRoutes(need: PlaybackRoutesNeed): Route[] {
  const playlist = (write: (search: string, item: LibraryItem) => string) => (exchange: Exchange) =>
    text(write(searchOf(exchange), video(need, exchange)), 200, 'application/vnd.apple.mpegurl');
  const info = (exchange: Exchange) => need.live.playbackInfo(exchange) ?? playbackInfo(need, exchange);
  return [
    { method: 'POST', path: '/Items/{id}/PlaybackInfo', access: 'user', handle: info },
    // Without a body there is no profile, so no limit either.
    { method: 'GET', path: '/Items/{id}/PlaybackInfo', access: 'user', handle: info },
    { method: 'GET', path: '/Videos/{id}/master.m3u8', access: 'user', handle: playlist(masterPlaylist) },
    { method: 'GET', path: '/Videos/{id}/main.m3u8', access: 'user', handle: playlist(variantPlaylist) },
    { method: 'GET', path: '/Videos/{id}/hls1/main/{segment}', access: 'none', handle: (exchange) => segment(need, exchange) },
    { method: 'GET', path: '/Videos/{id}/stream', access: 'none', handle: (exchange) => staticStream(need, exchange) },
    {
      method: 'GET',
      path: '/Videos/{id}/{stream}',
      access: 'none',
      handle(exchange) {
        if (!/^stream\.\w+$/i.test(exchange.params['stream'] ?? '')) throw refusals.notFound();
        return staticStream(need, exchange);
      },
    },
    { method: 'GET', path: '/Items/{id}/Download', access: 'user', handle: (exchange) => download(need, exchange) },
    { method: 'GET', path: '/Items/{id}/File', access: 'user', handle: (exchange) => download(need, exchange) },
    {
      method: 'DELETE',
      path: '/Videos/ActiveEncodings',
      access: 'user',
      handle(exchange) {
        need.transcodes.kill(exchange.query('deviceId') ?? '', parseId(exchange.query('playSessionId')));
        return noContent;
      },
    },
    {
      method: 'GET',
      path: '/Playback/BitrateTest',
      access: 'user',
      handle(exchange) {
        const size = Number(exchange.query('Size') ?? 102_400);
        if (!Number.isInteger(size) || size < 1 || size > 100_000_000) throw refusals.badRequest();
        return { status: 200, type: 'application/octet-stream', headers: { 'Content-Length': String(size) }, body: zeroes(size) };
      },
    },
  ];
}
