// One negotiated stream of a scripted viewer: PlaybackInfo with the web client's profile, and the first bytes.
import { parseId, ticksPerMs } from './identity.ts';
import type { LibraryItem } from './library.ts';
import type { ViewerConnection } from './viewer-connection.ts';

export type Stream = {
  readonly item: LibraryItem;
  readonly playSessionId: string;
  readonly method: 'DirectPlay' | 'Transcode';
  /** Path and query; null in direct play. */
  readonly transcodingUrl: string | null;
  readonly negotiatedBps: number | null;
  readonly audioIndex: number;
  readonly deviceId: string;
};

const deviceProfile = {
  MaxStreamingBitrate: 120_000_000,
  MaxStaticBitrate: 100_000_000,
  DirectPlayProfiles: [
    { Container: 'mp4,m4v,mkv,webm', Type: 'Video', VideoCodec: 'h264,vp9,av1', AudioCodec: 'aac,mp3,opus,flac' },
  ],
  TranscodingProfiles: [
    {
      Container: 'mp4',
      Type: 'Video',
      VideoCodec: 'av1,h264,vp9',
      AudioCodec: 'aac,opus,flac',
      Protocol: 'hls',
      Context: 'Streaming',
      MaxAudioChannels: '2',
      MinSegments: 1,
    },
  ],
};

type PlaybackInfo = {
  readonly PlaySessionId: string;
  readonly MediaSources: readonly { readonly SupportsDirectPlay: boolean; readonly TranscodingUrl?: string }[];
};

/** Throws where the server offers neither direct play nor a transcode. */
export async function negotiate(
  need: { readonly connection: ViewerConnection; readonly items: readonly LibraryItem[]; readonly sendsProfile: boolean },
  ask: { readonly itemId: string; readonly startMs: number; readonly audioIndex: number },
): Promise<Stream> {
  const { connection } = need;
  const item = need.items.find((candidate) => candidate.id === parseId(ask.itemId));
  if (!item) throw new Error(`no item ${ask.itemId}`);
  const body = {
    UserId: connection.userId(),
    MaxStreamingBitrate: 350_568_693,
    StartTimeTicks: Math.round(ask.startMs) * ticksPerMs,
    AudioStreamIndex: ask.audioIndex,
    MediaSourceId: item.id,
    ...(need.sendsProfile ? { DeviceProfile: deviceProfile } : {}),
  };
  const answer = (await connection.call(
    'POST',
    `/Items/${item.id}/PlaybackInfo?userId=${connection.userId()}`,
    body,
  )) as PlaybackInfo;
  const [source] = answer.MediaSources;
  const shared = { item, playSessionId: answer.PlaySessionId, audioIndex: ask.audioIndex };
  if (source?.SupportsDirectPlay)
    return { ...shared, method: 'DirectPlay', transcodingUrl: null, negotiatedBps: null, deviceId: '' };
  if (!source?.TranscodingUrl) throw new Error(`${item.name}: no compatible stream`);
  const query = new URLSearchParams(source.TranscodingUrl.slice(source.TranscodingUrl.indexOf('?')));
  const negotiatedBps = Number(query.get('VideoBitrate')) + Number(query.get('AudioBitrate'));
  return {
    ...shared,
    method: 'Transcode',
    transcodingUrl: source.TranscodingUrl,
    negotiatedBps,
    deviceId: query.get('DeviceId') ?? '',
  };
}

/** Playlists and the first segment, or the first bytes of the file: with that the server's encoder runs. */
export async function startStream(connection: ViewerConnection, stream: Stream): Promise<void> {
  const { transcodingUrl, item } = stream;
  if (transcodingUrl === null)
    return connection.download(
      `/Videos/${item.id}/stream.${item.source?.container}?Static=true&mediaSourceId=${item.id}`,
      'bytes=0-65535',
    );
  const search = transcodingUrl.slice(transcodingUrl.indexOf('?'));
  await connection.download(transcodingUrl);
  await connection.download(`/videos/${item.id}/main.m3u8${search}`);
  await connection.download(`/videos/${item.id}/hls1/main/0.mp4${search}`);
}
