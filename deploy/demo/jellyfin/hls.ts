// The playlists of a transcode, as recorded, and the way back from their query to the plan. Pure.
import { dashed, ticksPerMs } from './identity.ts';
import type { LibraryItem } from './library.ts';
import type { TranscodePlan } from './playback-decision.ts';

export type HlsAsk = {
  readonly item: LibraryItem;
  readonly plan: TranscodePlan;
  readonly deviceId: string;
  readonly playSessionId: string;
  readonly token: string;
  readonly container: string;
};

const segmentMs = 3000;
/** A long film's playlist would be megabytes; players of the simulator read the first segments only. */
const maximumSegments = 600;

function query(ask: HlsAsk): URLSearchParams {
  const { item, plan } = ask;
  return new URLSearchParams({
    DeviceId: ask.deviceId,
    MediaSourceId: item.id,
    VideoCodec: 'h264',
    AudioCodec: 'aac',
    AudioStreamIndex: '1',
    VideoBitrate: String(plan.videoBps),
    AudioBitrate: String(plan.audioBps),
    MaxFramerate: '24',
    SegmentContainer: ask.container,
    MinSegments: '1',
    PlaySessionId: ask.playSessionId,
    ApiKey: ask.token,
    TranscodingMaxAudioChannels: '2',
    TranscodeReasons: plan.reasons.join(','),
  });
}

/** Path and query, as PlaybackInfo hands it out: with a dashed id and the caller's token. */
export function transcodingUrl(ask: HlsAsk): string {
  return `/videos/${dashed(ask.item.id)}/master.m3u8?${query(ask)}`;
}

export function masterPlaylist(search: string, item: LibraryItem): string {
  const given = new URLSearchParams(search);
  const bandwidth = Number(given.get('VideoBitrate')) + Number(given.get('AudioBitrate'));
  const size = `${item.source?.width ?? 1280}x${item.source?.height ?? 720}`;
  return `#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=${bandwidth},AVERAGE-BANDWIDTH=${bandwidth},VIDEO-RANGE=SDR,CODECS="avc1.640028,mp4a.40.2",RESOLUTION=${size},FRAME-RATE=24\nmain.m3u8${search}\n`;
}

export function variantPlaylist(search: string, item: LibraryItem): string {
  const head = '#EXTM3U\n#EXT-X-PLAYLIST-TYPE:VOD\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:3\n#EXT-X-MEDIA-SEQUENCE:0\n';
  const count = Math.min(maximumSegments, Math.ceil(item.runtimeMs / segmentMs));
  const segments = Array.from({ length: count }, (_, index) => {
    const at = index * segmentMs * ticksPerMs;
    return `#EXTINF:3.000000, nodesc\nhls1/main/${index}.ts${search}&runtimeTicks=${at}&actualSegmentLengthTicks=${segmentMs * ticksPerMs}\n`;
  });
  return `${head}${segments.join('')}#EXT-X-ENDLIST\n`;
}

export function segmentBytes(plan: TranscodePlan): number {
  return Math.round(((plan.videoBps + plan.audioBps) / 8) * (segmentMs / 1000));
}
