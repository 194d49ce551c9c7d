// A scripted viewer: does what the real web client does, in its order and with its quirks (facts/jellyfin.md §12, recordings/jellyfin/web/).
import { setTimeout as wait } from 'node:timers/promises';
import { connectViewer, type ViewerConnection } from './viewer-connection.ts';
import { createPlayer, type Player, type PlayerNeed, type ViewerState } from './viewer-player.ts';
import { bitrateTest, drawnBps } from './viewer-traffic.ts';

export type ViewerOptions = {
  readonly user: string;
  /** Default: the name and `pw`. */
  readonly password?: string;
  /** Default 203.0.113.9, which is remote. */
  readonly address?: string;
  /** True: comes through a reverse proxy on the server's machine, which adds X-Forwarded-For. */
  readonly proxied?: boolean;
  readonly device?: string;
  readonly client?: string;
  /** Safari and some TVs switch audio tracks themselves in direct play: SetAudioStreamIndex then asks nothing. */
  readonly ownAudioTracks?: boolean;
  /** Sends no profile, so that no limit binds it, and makes nothing of what the server sends, though it says that it understands everything. */
  readonly deaf?: boolean;
  /** Whether the stream goes over the home's uplink; default: unless the address is private. */
  readonly onUplink?: boolean;
};

export type Viewer = AsyncDisposable & {
  /** Resolves when playing was reported: 1 s after the click in direct play, 4.4 s in a transcode (÷ speed). Several items play one after another. */
  play(items: string | readonly string[], startMs?: number): Promise<void>;
  pause(): Promise<void>;
  resume(): Promise<void>;
  seek(ms: number): Promise<void>;
  next(): Promise<void>;
  stop(): Promise<void>;
  /** The tab is closed: the session is gone at once. */
  leave(): Promise<void>;
  /** The network is cut without a FIN: the session stays as a ghost. */
  vanish(): void;
  state(): ViewerState;
  /** bit/s over the home's uplink now. */
  drawnBps(): number;
  readonly identity: { readonly user: string; readonly address: string; readonly device: string };
};

export type ViewerNeed = Omit<PlayerNeed, 'connection' | 'ownAudioTracks' | 'sendsProfile'> & {
  readonly url: string;
  readonly peerSecret: string;
  readonly keepAliveMs: number;
};

const privateAddress = /^(127\.|10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|::1$|f[cd]|fe80)/i;

/** Nothing is asked of the server before the first `play`. */
export function createViewer(need: ViewerNeed, options: ViewerOptions): Viewer {
  const identity = {
    password: `${options.user}pw`,
    address: '203.0.113.9',
    proxied: false,
    device: 'Chrome',
    client: 'Jellyfin Web',
    ...options,
    deviceId: `${options.user}-${options.device ?? 'Chrome'}-id`,
  };
  const onUplink = options.onUplink ?? !privateAddress.test(identity.address);
  let connection: ViewerConnection | null = null;
  const end = new AbortController();
  let player: Player | null = null;
  let testUntil = 0;
  const connected = async (): Promise<Player> => {
    if (player) return player;
    const late: { player: Player | null } = { player: null };
    connection = await connectViewer({
      ...need,
      identity,
      hear: (message) => (options.deaf === true ? undefined : late.player?.hear(message)),
      reconnected: () => late.player?.reconnected(),
      ends: end.signal,
    });
    const kind = { ownAudioTracks: options.ownAudioTracks ?? false, sendsProfile: options.deaf !== true };
    player = late.player = createPlayer({ ...need, ...kind, connection });
    return player;
  };
  const testing = () => {
    testUntil = performance.now() + bitrateTest.ms / need.speed;
  };
  const leave = () => {
    player?.silence();
    player = null;
    connection?.close();
  };
  return {
    identity,
    async play(items, startMs = 0) {
      const ready = await connected();
      if (connection) await testBitrate(connection, testing);
      await ready.play(typeof items === 'string' ? [items] : items, startMs);
    },
    pause: async () => player?.setPaused(true),
    resume: async () => player?.setPaused(false),
    seek: async (ms) => player?.seek(ms),
    next: async () => player?.next(),
    stop: async () => player?.stop(),
    async leave() {
      leave();
      // Seen: the session is gone after 0.1 to 0.25 s.
      await wait(50);
    },
    vanish() {
      player?.silence();
      player = null;
      connection?.fallSilent();
    },
    state: () => player?.state() ?? emptyState,
    drawnBps() {
      if (!onUplink) return 0;
      const stream = player?.drawn() ?? null;
      const tested = performance.now() < testUntil ? bitrateTest.bps : 0;
      return tested + (stream ? drawnBps(stream) : 0);
    },
    async [Symbol.asyncDispose]() {
      leave();
      end.abort();
    },
  };
}

/** Before the first film, outside the home: some megabytes as fast as they come. */
async function testBitrate(line: ViewerConnection, begins: () => void): Promise<void> {
  const endpoint = (await line.call('GET', '/System/Endpoint')) as { IsInNetwork: boolean };
  if (endpoint.IsInNetwork) return;
  begins();
  for (const size of bitrateTest.sizes) await line.download(`/Playback/BitrateTest?Size=${size}`);
}

const emptyState: ViewerState = {
  item: null,
  positionMs: 0,
  paused: false,
  method: null,
  negotiatedBps: null,
  negotiations: 0,
  restartedAtZero: 0,
  messages: [],
};
