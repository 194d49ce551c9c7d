// Openings of channels: one lock for all, shared upstreams, the probe and its cache, and the closing that ends the last one (MediaSourceManager).

import type { Readable } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';
import { httpTimeoutMs } from './guide-download.ts';
import type { Dto } from './item-dto.ts';
import { liveSource, liveStreamId, liveStreams, openToken, type SourceState, unknownStreams } from './live-media.ts';
import type { Channel, LiveTv } from './live-tv.ts';
import type { Tuner } from './live-tv-configuration.ts';
import { isLocalAddress, type NetworkConfiguration } from './local-network.ts';
import { probeFile } from './probe-media.ts';
import { openSharedStream, type SharedStream } from './shared-stream.ts';

export type Opening = { readonly source: Dto; readonly streams: readonly Dto[]; readonly isRemote: boolean };

export type LiveStreams = {
  /** Throws where tuner or upstream fail, or the tuner has no more to give. */
  open(channel: Channel): Promise<Opening>;
  /** Unopened, as PlaybackInfo without autoOpenLiveStream tells it. */
  describe(channel: Channel): Opening;
  /** One opening less; after the last the upstream is closed at once. */
  close(id: string): Promise<void>;
  reader(streamId: string): Readable | null;
  /** As GET would not tell: what is open, how many hold it, and what has come. */
  list(): readonly { readonly liveStreamId: string; readonly url: string; readonly consumers: number; readonly bytes: number }[];
  /** As deleting cache/mediainfo. */
  forgetProbes(): void;
  /** The server went down: everything is closed and forgotten, but the probe cache. */
  forget(): void;
};

export type LiveStreamsNeed = {
  readonly liveTv: LiveTv;
  readonly version: string;
  readonly url: () => string;
  readonly network: () => NetworkConfiguration;
  readonly probeWaitMs: number;
  /** `assume` spares tests ffprobe: H.264 of 1184×666 and AAC. */
  readonly probe: 'ffprobe' | 'assume';
  readonly readerPatienceMs: number;
  readonly changed: () => void;
};

type Open = { readonly channel: Channel; readonly tuner: Tuner; readonly shared: SharedStream | null; consumers: number };

const sharedExtensions = /\.(ts|tsv|m2t)$/i;

const userAgentOf = (need: LiveStreamsNeed) => `Jellyfin-Server/${need.version}`;

/** Begins an opening, or joins the one that runs. Never two at a time: the caller holds the lock. */
function createOpener(need: LiveStreamsNeed, open: Map<string, Open>, ending: () => AbortSignal) {
  const { stored } = need.liveTv;
  const tunerOf = (channel: Channel): Tuner => {
    const tuner = stored.configuration.TunerHosts.find(({ Id }) => Id === channel.tuner.tunerId);
    if (!tuner) throw new Error('Tuner not found.');
    return tuner;
  };
  const upstream = async (url: string, tuner: Tuner) => {
    const userAgent = userAgentOf(need);
    if (tuner.AllowStreamSharing === false || tuner.EnableStreamLooping || !(await mayShare(url, userAgent))) return null;
    return openSharedStream({ url, userAgent, readerPatienceMs: need.readerPatienceMs, signal: ending() });
  };
  const begin = async (channel: Channel): Promise<Open> => {
    const id = liveStreamId(channel);
    const running = open.get(id);
    if (running?.shared && !running.shared.ended()) {
      running.consumers += 1;
      return running;
    }
    const tuner = tunerOf(channel);
    const listed = await need.liveTv.tunerChannels(tuner.Id);
    if (!listed.some((known) => known.id === channel.tuner.id)) throw new Error('Tuner not found.');
    const held = [...open.values()].filter((one) => one.tuner.Id === tuner.Id).length;
    if (tuner.TunerCount > 0 && held >= tuner.TunerCount) throw new Error('M3U simultaneous stream limit has been reached.');
    const shared = await upstream(channel.tuner.path, tuner);
    running?.shared?.close();
    const begun: Open = { channel, tuner, shared, consumers: 1 };
    open.set(id, begun);
    return begun;
  };
  return { begin, tunerOf };
}

/** The first time a fixed wait and ffprobe; then from the cache, however the stream has changed. */
async function streamsOf(need: LiveStreamsNeed, one: Open): Promise<readonly Dto[]> {
  const { probes } = need.liveTv.stored;
  const token = openToken(one.channel);
  const cached = probes[token];
  if (cached) return cached;
  await wait(need.probeWaitMs, undefined, { ref: false });
  const found = need.probe === 'assume' ? assumed : await probeLive(one.shared?.file ?? one.channel.tuner.path);
  // Not cached, and played all the same.
  if (!found) return unknownStreams;
  probes[token] = found;
  need.changed();
  return found;
}

export function createLiveStreams(need: LiveStreamsNeed): LiveStreams {
  const open = new Map<string, Open>();
  let life = new AbortController();
  const { begin, tunerOf } = createOpener(need, open, () => life.signal);
  let lock: Promise<unknown> = Promise.resolve();
  const locked = <T>(work: () => Promise<T>): Promise<T> => {
    const turn = lock.then(work);
    lock = turn.catch(() => undefined);
    return turn;
  };
  const isRemote = (channel: Channel) => {
    const host = new URL(channel.tuner.path).hostname;
    return host !== 'localhost' && !isLocalAddress(host.replace(/^\[|\]$/g, ''), need.network());
  };
  const described = (channel: Channel, known: Pick<SourceState, 'tuner' | 'path' | 'streams'>): Opening => {
    const remote = isRemote(channel);
    return { source: liveSource(channel, { ...known, isRemote: remote }), streams: known.streams, isRemote: remote };
  };
  return {
    async open(channel) {
      const one = await locked(() => begin(channel));
      const streams = await streamsOf(need, one);
      const path = one.shared ? `${need.url()}/LiveTv/LiveStreamFiles/${one.shared.id}/stream.ts` : channel.tuner.path;
      return described(channel, { tuner: one.tuner, path, streams });
    },
    describe: (channel) => described(channel, { tuner: tunerOf(channel), path: null, streams: unknownStreams }),
    close: (id) =>
      locked(async () => {
        const one = open.get(id);
        if (!one) return;
        one.consumers -= 1;
        if (one.consumers > 0) return;
        open.delete(id);
        one.shared?.close();
      }),
    reader: (streamId) => [...open.values()].find(({ shared }) => shared?.id === streamId)?.shared?.reader() ?? null,
    list: () =>
      [...open].map(([id, { channel, consumers, shared }]) => ({
        liveStreamId: id,
        url: channel.tuner.path,
        consumers,
        bytes: shared?.size() ?? 0,
      })),
    forgetProbes() {
      for (const token of Object.keys(need.liveTv.stored.probes)) delete need.liveTv.stored.probes[token];
      need.changed();
    },
    forget() {
      life.abort();
      life = new AbortController();
      for (const { shared } of open.values()) shared?.close();
      open.clear();
    },
  };
}

/** By the extension; without one a HEAD must say video/MP2T, and everybody waits for it. */
async function mayShare(url: string, userAgent: string): Promise<boolean> {
  const path = new URL(url).pathname;
  const name = path.slice(path.lastIndexOf('/') + 1);
  if (name.includes('.')) return sharedExtensions.test(name);
  const ask = { method: 'HEAD', headers: { 'User-Agent': userAgent }, signal: AbortSignal.timeout(httpTimeoutMs) };
  const response = await fetch(url, ask).catch(() => null);
  return response?.ok === true && /^video\/mp2t\b/i.test(response.headers.get('content-type') ?? '');
}

/** Null where ffprobe sees nothing: the server logs it and goes on. */
async function probeLive(input: string): Promise<readonly Dto[] | null> {
  const found = await probeFile(input, ['-analyzeduration', '3000000', '-probesize', '1000000000']).catch(() => null);
  const streams = found ? liveStreams(found) : [];
  return streams.length > 0 ? streams : null;
}

const assumed: readonly Dto[] = liveStreams({
  streams: [
    { index: 0, codec_type: 'video', codec_name: 'h264', width: 1184, height: 666, avg_frame_rate: '25/1', profile: 'High' },
    {
      index: 1,
      codec_type: 'audio',
      codec_name: 'aac',
      channels: 2,
      channel_layout: 'stereo',
      sample_rate: '48000',
      bit_rate: '128000',
    },
  ],
});
