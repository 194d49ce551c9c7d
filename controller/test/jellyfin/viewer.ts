// Somebody with a player, by the calls that every Jellyfin takes: logs in, negotiates, plays, stops.
import { once } from 'node:events';
import WebSocket from 'ws';
import * as z from 'zod';
import type { Target } from './neighbours.ts';

const message = z.object({ MessageType: z.string(), Data: z.unknown().optional() });
const login = z.object({ AccessToken: z.string(), User: z.object({ Id: z.string() }) });
const playbackInfo = z.object({
  PlaySessionId: z.string().nullish(),
  MediaSources: z.array(
    z.object({
      Id: z.string(),
      SupportsDirectPlay: z.boolean(),
      SupportsDirectStream: z.boolean(),
      TranscodingUrl: z.string().nullish(),
    }),
  ),
});
export type PlaybackInfo = z.infer<typeof playbackInfo>['MediaSources'][number];

/** As recorded: plays H.264 as it is, else HLS. */
const PROFILE = {
  MaxStreamingBitrate: 120_000_000,
  MaxStaticBitrate: 120_000_000,
  DirectPlayProfiles: [
    {
      Container: 'mp4,mkv,mov,webm',
      Type: 'Video',
      VideoCodec: 'h264,hevc,av1,vp9,mpeg4',
      AudioCodec: 'aac,ac3,eac3,opus,mp3,flac,dts',
    },
  ],
  TranscodingProfiles: [
    {
      Container: 'ts',
      Type: 'Video',
      VideoCodec: 'h264',
      AudioCodec: 'aac',
      Protocol: 'hls',
      Context: 'Streaming',
      MaxAudioChannels: '2',
      MinSegments: 1,
      BreakOnNonKeyFrames: true,
    },
  ],
  ContainerProfiles: [],
  CodecProfiles: [],
  SubtitleProfiles: [],
};

type Call = { readonly body?: unknown; readonly remote?: boolean; readonly headers?: Readonly<Record<string, string>> };

/** Outside the home, to a server that believes its proxy. */
export const REMOTE = '203.0.113.77';

export const call = async (target: Target, method: string, path: string, options: Call & { authorization?: string } = {}) => {
  const headers: Record<string, string> = {
    ...(options.authorization === undefined ? {} : { Authorization: options.authorization }),
    ...(options.body === undefined ? {} : { 'Content-Type': 'application/json' }),
    ...(options.remote ? { 'X-Forwarded-For': REMOTE } : {}),
    ...options.headers,
  };
  const body = options.body === undefined ? null : JSON.stringify(options.body);
  const response = await fetch(`${target.url}${path}`, { method, headers, body, signal: AbortSignal.timeout(20_000) });
  const text = await response.text();
  return { status: response.status, text, json: (): unknown => JSON.parse(text) };
};

/** By the API key. */
export const byKey = (target: Target, method: string, path: string, options: Call = {}) =>
  call(target, method, path, {
    ...options,
    authorization: `MediaBrowser Token="${target.apiKey}", Client="test", Device="test", DeviceId="key-test", Version="1"`,
  });

export type Viewer = {
  readonly userId: string;
  negotiate(itemId: string, options: { remote: boolean; profile?: boolean }): Promise<PlaybackInfo>;
  start(itemId: string, options?: { remote?: boolean; positionMs?: number }): Promise<void>;
  progress(itemId: string, options: { remote?: boolean; positionMs: number; paused?: boolean }): Promise<void>;
  stop(itemId: string, options?: { remote?: boolean }): Promise<void>;
  /** From now on it can be controlled: says what the web client understands, and hears. */
  listen(): Promise<Listening>;
};

export type Listening = Disposable & {
  /** What the server sent to this player, the newest last. */
  readonly messages: readonly { readonly MessageType: string; readonly Data?: unknown }[];
};

export const logIn = async (target: Target, name: string, password: string, device = `${name}-tv`): Promise<Viewer> => {
  const identity = `Client="Contract", Device="tv", DeviceId="${device}", Version="1"`;
  const answer = await call(target, 'POST', '/Users/AuthenticateByName', {
    authorization: `MediaBrowser ${identity}`,
    body: { Username: name, Pw: password },
  });
  if (answer.status !== 200) throw new Error(`Log-in of ${name}: ${answer.status}`);
  const { AccessToken, User } = login.parse(answer.json());
  const authorization = `MediaBrowser Token="${AccessToken}", ${identity}`;

  const report = async (
    path: string,
    itemId: string,
    options: { remote?: boolean; positionMs?: number; paused?: boolean } = {},
  ) => {
    const body = {
      ItemId: itemId,
      MediaSourceId: itemId,
      PlayMethod: 'DirectPlay',
      PositionTicks: (options.positionMs ?? 0) * 10_000,
      IsPaused: options.paused ?? false,
      CanSeek: true,
      AudioStreamIndex: 1,
    };
    const sent = await call(target, 'POST', path, { authorization, body, remote: options.remote ?? false });
    if (sent.status !== 204) throw new Error(`${path}: ${sent.status}`);
  };

  return {
    userId: User.Id,
    async negotiate(itemId, { remote, profile = true }) {
      const path = `/Items/${itemId}/PlaybackInfo?userId=${User.Id}`;
      const sent = await call(target, 'POST', path, { authorization, body: profile ? { DeviceProfile: PROFILE } : {}, remote });
      const source = playbackInfo.parse(sent.json()).MediaSources[0];
      if (!source) throw new Error('PlaybackInfo without a source');
      return source;
    },
    start: (itemId, options) => report('/Sessions/Playing', itemId, options),
    progress: (itemId, options) => report('/Sessions/Playing/Progress', itemId, options),
    async listen() {
      const body = {
        PlayableMediaTypes: ['Audio', 'Video'],
        SupportedCommands: ['SetAudioStreamIndex', 'DisplayMessage'],
        SupportsMediaControl: true,
      };
      await call(target, 'POST', '/Sessions/Capabilities/Full', { authorization, body });
      const messages: Listening['messages'][number][] = [];
      const url = `${target.url.replace('http', 'ws')}/socket?deviceId=${encodeURIComponent(device)}`;
      const socket = new WebSocket(url, { headers: { authorization } });
      socket.on('message', (data) => void messages.push(message.parse(JSON.parse(String(data)))));
      await once(socket, 'open');
      return { messages, [Symbol.dispose]: () => socket.terminate() };
    },
    stop: (itemId, options) => report('/Sessions/Playing/Stopped', itemId, { positionMs: 60_000, ...options }),
  };
};
