// Our own TV channels as one more media server of the bandwidth feature: who fetches a channel directly draws on the uplink, and can be counted, not limited.
import type { Clock } from '../../clock.ts';
import type { MediaServer, PlayingStream } from '../../neighbours/media-server.ts';
import { remoteAddress } from '../../neighbours/remote-address.ts';
import type { LiveSession } from '../../on-air/live-messages.ts';

export type ChannelViewersDeps = {
  readonly sessions: () => readonly LiveSession[];
  /** Called when `sessions` says something new. Answers with a function that ends it. */
  readonly onSessions: (listener: () => void) => () => void;
  readonly clock: Clock;
};

/** No configured media server can have this name. */
const CHANNELS_SERVER = 'TV channels';
/** Rates of 2 s jump with each scene: limits would follow them. */
const STEP_BPS = 250_000;
/** A viewer is given some seconds of film at once when it joins, which say nothing of its rate. */
const BURST_MS = 6_000;

/** Viewers through a media server are its streams; those at home are told as well, and counted by nobody. */
export function channelViewers({ sessions, onSessions, clock }: ChannelViewersDeps): MediaServer {
  return {
    name: CHANNELS_SERVER,
    type: 'headgate',
    onUplink: true,
    lineClass: 'channel',
    pauseGraceMs: 0,
    userLimits: null,
    async watch(hear, signal) {
      const peaks = new Map<string, number>();
      const say = (): void => hear.sessions(streamsOf(sessions(), peaks, clock.now()), clock.now());
      hear.health({ state: 'live', since: clock.now(), problem: null });
      say();
      const end = onSessions(say);
      await new Promise<void>((resolve) => {
        if (signal.aborted) resolve();
        else signal.addEventListener('abort', () => resolve(), { once: true });
      });
      end();
    },
  };
}

/** @param peaks the highest mean of each viewer so far: what it takes when a scene is full. */
function streamsOf(sessions: readonly LiveSession[], peaks: Map<string, number>, now: number): readonly PlayingStream[] {
  for (const { id, bps, sinceMs } of sessions.flatMap(({ viewers }) => viewers))
    if (bps > 0 && now - sinceMs >= BURST_MS) peaks.set(id, Math.max(peaks.get(id) ?? 0, Math.ceil(bps / STEP_BPS) * STEP_BPS));
  const streams = sessions.flatMap(({ channel, viewers }) =>
    viewers.map((viewer) => streamOf(channel, viewer, peaks.get(viewer.id) ?? null)),
  );
  const ids = new Set(streams.map(({ id }) => id));
  for (const id of peaks.keys()) if (!ids.has(id)) peaks.delete(id);
  return streams;
}

/** @param nominalBps null while it is not known: it then counts as an ordinary stream. */
function streamOf(channel: string, viewer: LiveSession['viewers'][number], nominalBps: number | null): PlayingStream {
  const { id, consumer, address, sinceMs } = viewer;
  return {
    id,
    userId: consumer,
    userName: consumer,
    client: 'TV channel',
    device: consumer,
    address: remoteAddress(address),
    title: `Channel ${channel}`,
    kind: 'live',
    paused: false,
    positionMs: null,
    height: null,
    transcode: null,
    nominalBps,
    startedAt: sinceMs,
    lastCheckInAt: null,
  };
}
