// Somebody in front of a TV: log-in, PlaybackInfo with autoOpenLiveStream, the stream, reports, and the closing.
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { connectViewer, type ViewerIdentity } from './viewer-connection.ts';

export type TuneInOptions = {
  readonly user: string;
  readonly password?: string;
  /** By its item's id, or by the name that the server shows. */
  readonly id?: string;
  readonly channelName?: string;
  /** True: from 203.0.113.9; or from this address. Default at home. */
  readonly remote?: boolean | string;
  /** Two viewers of one user need different ones. Default: a new one each time. */
  readonly device?: string;
  /** What comes is written here as well. */
  readonly file?: string;
};

export type TunedIn = AsyncDisposable & {
  readonly channelId: string;
  readonly liveStreamId: string;
  /** Key press (PlaybackInfo asked) to first byte. */
  readonly firstByteMs: number;
  /** In a transcode the bytes are what the server's ffmpeg reads. */
  readonly method: 'DirectPlay' | 'Transcode';
  readonly reasons: readonly string[];
  /** As PlaybackInfo told it. */
  readonly mediaSource: Readonly<Record<string, unknown>>;
  bytes(): number;
  /** The stream ended or broke, unasked. */
  ended(): boolean;
  /** Stopped, LiveStreams/Close, log-out. */
  stop(): Promise<void>;
};

export type TuneInNeed = { readonly url: string; readonly peerSecret: string; readonly keepAliveMs: number };

/** As the recorded player. */
const profile = {
  MaxStreamingBitrate: 120_000_000,
  DirectPlayProfiles: [{ Container: 'ts,mpegts,mp4,mkv', Type: 'Video', VideoCodec: 'h264', AudioCodec: 'aac' }],
  TranscodingProfiles: [{ Container: 'ts', Type: 'Video', VideoCodec: 'h264', AudioCodec: 'aac', Protocol: 'hls' }],
  ContainerProfiles: [],
  CodecProfiles: [],
  SubtitleProfiles: [],
};

type Listed = { readonly Items: readonly { readonly Id: string; readonly Name?: string }[] };
type Played = { readonly MediaSources: readonly Readonly<Record<string, unknown>>[]; readonly PlaySessionId: string };
type Connection = Awaited<ReturnType<typeof connectViewer>>;

const reportMs = 10_000;

async function channelIdOf(connection: Connection, options: TuneInOptions): Promise<string> {
  if (options.id !== undefined) return options.id;
  const { Items } = (await connection.call(
    'GET',
    `/LiveTv/Channels?userId=${connection.userId()}&addCurrentProgram=false`,
  )) as Listed;
  const found = Items.find(({ Name }) => Name === options.channelName);
  if (!found)
    throw new Error(`no channel ${JSON.stringify(options.channelName)} among ${Items.map(({ Name }) => Name).join(', ')}`);
  return found.Id;
}

function identityOf(options: TuneInOptions, number: number): ViewerIdentity {
  const device = options.device ?? `tv-${number}`;
  const address = typeof options.remote === 'string' ? options.remote : options.remote ? '203.0.113.9' : '192.168.1.20';
  const password = options.password ?? `${options.user}pw`;
  return { user: options.user, password, address, proxied: false, device, deviceId: `${device}-id`, client: 'Simulated TV' };
}

/** Reads for ever, so that nothing stalls upstream; counts, and writes to a file where one is wanted. */
function draw(body: ReadableStream<Uint8Array>, file: string | undefined) {
  const state = { bytes: 0, ended: false };
  const out = file === undefined ? null : createWriteStream(file);
  let began: (at: number) => void = () => undefined;
  let failed: (error: Error) => void = () => undefined;
  const first = new Promise<number>((resolve, reject) => {
    began = resolve;
    failed = reject;
  });
  const read = async () => {
    for await (const chunk of body) {
      if (state.bytes === 0) began(performance.now());
      state.bytes += chunk.length;
      if (out && !out.write(chunk)) await once(out, 'drain');
    }
  };
  const done = read()
    .catch(() => undefined)
    .then(async () => {
      state.ended = true;
      failed(new Error('the stream ended before its first byte'));
      if (out) await new Promise<void>((resolve) => out.end(() => resolve()));
    });
  return { state, first, done };
}

/** Resolves at the first byte. Throws where the channel is not there, cannot be opened, or sends nothing. */
export async function tuneIn(need: TuneInNeed, options: TuneInOptions, number: number): Promise<TunedIn> {
  const identity = identityOf(options, number);
  const connection = await connectViewer({ ...need, identity, hear: () => undefined, reconnected: () => undefined });
  const gone = new AbortController();
  try {
    const channelId = await channelIdOf(connection, options);
    const startedAt = performance.now();
    const asked = { DeviceProfile: profile, AutoOpenLiveStream: true, UserId: connection.userId(), IsPlayback: true };
    const path = `/Items/${channelId}/PlaybackInfo?userId=${connection.userId()}&autoOpenLiveStream=true`;
    const { MediaSources, PlaySessionId } = (await connection.call('POST', path, asked)) as Played;
    const mediaSource = MediaSources[0] ?? {};
    const liveStreamId = String(mediaSource['LiveStreamId']);
    const close = () => connection.call('POST', `/LiveStreams/Close?liveStreamId=${liveStreamId}`);
    const response = await fetch(String(mediaSource['Path']), { signal: gone.signal });
    if (!response.ok || !response.body) {
      await close();
      throw new Error(`the stream answered ${response.status}`);
    }
    const method = mediaSource['SupportsDirectPlay'] === true ? 'DirectPlay' : 'Transcode';
    const drawn = draw(response.body, options.file);
    const firstAt = await drawn.first;
    const about = {
      ItemId: channelId,
      MediaSourceId: mediaSource['Id'],
      PlaySessionId,
      LiveStreamId: liveStreamId,
      PlayMethod: method,
    };
    await connection.call('POST', '/Sessions/Playing', about);
    const reports = setInterval(
      () => void connection.call('POST', '/Sessions/Playing/Progress', about).catch(() => undefined),
      reportMs,
    );
    const reasons = new URL(String(mediaSource['TranscodingUrl'] ?? '/'), need.url).searchParams.get('TranscodeReasons');
    let stopped = false;
    const stop = async () => {
      if (stopped) return;
      stopped = true;
      clearInterval(reports);
      gone.abort();
      await drawn.done;
      await connection.call('POST', '/Sessions/Playing/Stopped', { ...about, PositionTicks: 0 }).catch(() => undefined);
      await close().catch(() => undefined);
      connection.close();
    };
    return {
      channelId,
      liveStreamId,
      firstByteMs: firstAt - startedAt,
      method,
      reasons: reasons ? reasons.split(',') : [],
      mediaSource,
      bytes: () => drawn.state.bytes,
      ended: () => drawn.state.ended && !stopped,
      stop,
      [Symbol.asyncDispose]: stop,
    };
  } catch (error) {
    gone.abort();
    connection.close();
    throw error;
  }
}
