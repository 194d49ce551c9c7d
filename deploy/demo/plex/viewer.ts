// A scripted viewer: plays, pauses, buffers and leaves as a Plex player does, from wherever a test puts it.
import { randomBytes } from 'node:crypto';
import type { MediaKind, PlayerIdentity, PlayerState, Session, Sessions } from './sessions.ts';
import { type BrainDecision, decideStream } from './streaming-brain.ts';

export type ViewerOptions = {
  readonly user: string;
  /** Player.address; null leaves it out. Default: 192.168.1.50 in the LAN, 203.0.113.7 outside, 127.0.0.1 through the relay. */
  readonly address?: string | null;
  /** Null leaves it out. Default 203.0.113.7: Plex tells it of players in the LAN too. */
  readonly remotePublicAddress?: string | null;
  /** Null: no Session element at all. Default `wan`. */
  readonly location?: 'lan' | 'wan' | 'cellular' | null;
  /** Null leaves it out. Default: whether the location is `lan`. */
  readonly local?: boolean | null;
  /** Plex Relay: at most 2 Mbit/s. */
  readonly relayed?: boolean;
  readonly device?: string;
  readonly product?: string;
  /** Whether its stream goes over the home's uplink, whatever Plex believes; default: as Plex believes. */
  readonly onUplink?: boolean;
};

export type PlayOptions = {
  readonly title?: string;
  /** Default `movie`, with `live` `clip`. */
  readonly type?: MediaKind;
  /** Default 8000. */
  readonly bitrateKbps?: number;
  /** Default: as the brain reserves. */
  readonly reservedKbps?: number;
  /** Default 1080. */
  readonly height?: number;
  readonly live?: boolean;
  /** The player cannot play the file as it is; an object sets single fields of TranscodeSession. */
  readonly transcode?: Readonly<Record<string, string | number | boolean>> | boolean;
  /** `static`: fetched to be watched later. */
  readonly context?: 'static';
  /** No Session element for this play, as older servers, some Live TV and some direct plays have none. */
  readonly withoutSession?: boolean;
  readonly durationMs?: number;
  /** The next item of the play queue: some players go on under the same session key and never say `stopped`. */
  readonly keepsSession?: boolean;
  /** The stop is told under a session key that nobody has heard of. */
  readonly stopsUnderNewKey?: boolean;
};

export type PlexViewer = {
  /** Resolves when the first notification is out: the session is not listed yet. Ends what this viewer played before. */
  play(what?: PlayOptions): Promise<void>;
  pause(): Promise<void>;
  /** The buffer has run dry. */
  buffer(): Promise<void>;
  resume(): Promise<void>;
  seek(ms: number): Promise<void>;
  /** Stops: told at once, listed a moment longer. Harmless where nothing plays. */
  leave(): Promise<void>;
  /** Of the last play. Throws before the first. */
  sessionKey(): string;
};

export type ViewerNeed = {
  readonly sessions: Sessions;
  readonly limits: () => { readonly perStreamKbps: number; readonly totalKbps: number };
  readonly userId: (name: string) => number;
  readonly startState: 'playing' | 'buffering';
  readonly startBufferMs: number;
  readonly pauseBufferMs: number;
  /** As the player's report to the server: notifications go out. */
  readonly report: (session: Session, what: 'started' | 'changed' | 'stopped') => void;
  readonly powered: () => boolean;
};

export type ScriptedViewer = { readonly viewer: PlexViewer; drawnBps(): number };

const defaultAddress = (options: ViewerOptions) => {
  if (options.relayed) return '127.0.0.1';
  return options.location === 'lan' || options.local === true ? '192.168.1.50' : '203.0.113.7';
};

function identify(options: ViewerOptions, userId: number): PlayerIdentity {
  const { location = 'wan', relayed = false, device = 'Chrome', product = 'Plex Web' } = options;
  return {
    userId,
    user: options.user,
    address: options.address === undefined ? defaultAddress(options) : options.address,
    remotePublicAddress: options.remotePublicAddress === undefined ? '203.0.113.7' : options.remotePublicAddress,
    location,
    local: options.local === undefined ? location === 'lan' : options.local,
    relayed,
    device,
    product,
    machineIdentifier: randomBytes(12).toString('hex'),
  };
}

/** As Tautulli reads it: the location, and where there is none, `local`. */
const isRemote = (player: PlayerIdentity): boolean =>
  player.location === null ? player.local !== true : player.location !== 'lan';

/** The same for the same title, so that two viewers may watch one item. */
const ratingKey = (title: string) => String([...title].reduce((sum, letter) => sum + letter.charCodeAt(0), 118));

function itemOf(what: PlayOptions): Session['item'] {
  const live = what.live ?? false;
  return {
    ratingKey: live ? randomBytes(16).toString('hex') : ratingKey(what.title ?? ''),
    title: what.title ?? (live ? 'Live Session' : 'Cap Film'),
    kind: what.type ?? (live ? 'clip' : 'movie'),
    live,
    bitrateKbps: what.bitrateKbps ?? 8_000,
    height: what.height ?? 1080,
    durationMs: what.durationMs ?? 7_200_000,
    context: what.context ?? 'streaming',
    withoutSession: what.withoutSession ?? false,
    stopsUnderNewKey: what.stopsUnderNewKey ?? false,
    transcode: typeof what.transcode === 'object' ? what.transcode : null,
  };
}

export function createViewer(need: ViewerNeed, options: ViewerOptions): ScriptedViewer {
  const player = identify(options, need.userId(options.user));
  const remote = isRemote(player);
  let session: Session | null = null;
  let startTimer: NodeJS.Timeout | undefined;
  const decide = (what: PlayOptions): BrainDecision => {
    const item = itemOf(what);
    const others = need.sessions.running().filter((other) => other.remote && other !== session);
    return decideStream({
      bitrateKbps: item.bitrateKbps,
      reservedKbps: what.reservedKbps ?? null,
      isTrailer: item.kind === 'clip' && !item.live,
      remote,
      relayed: player.relayed,
      mustTranscode: (what.transcode ?? false) !== false,
      ...need.limits(),
      reservedByOthersKbps: others.reduce((sum, other) => sum + other.decision.reservedKbps, 0),
    });
  };
  const running = (): Session => {
    if (!session || session.ended) throw new Error(`${options.user} plays nothing`);
    return session;
  };
  const change = (next: { readonly state?: PlayerState; readonly positionMs?: number }) => {
    need.sessions.change(running(), next);
    need.report(running(), 'changed');
  };
  const leave = () => {
    clearTimeout(startTimer);
    if (!session || session.ended) return;
    need.sessions.change(session, {});
    need.sessions.end(session);
    need.report(session, 'stopped');
  };
  const play = (what: PlayOptions) => {
    if (!need.powered()) throw new Error('the server is off');
    if (what.keepsSession) {
      need.sessions.replace(running(), { item: itemOf(what), decision: decide(what), state: 'playing' });
      return need.report(running(), 'changed');
    }
    leave();
    const decision = decide(what);
    const started = need.sessions.add({ player, item: itemOf(what), decision, remote, state: need.startState });
    session = started;
    need.report(started, 'started');
    if (need.startState !== 'buffering') return;
    startTimer = setTimeout(() => {
      if (started.state === 'buffering' && !started.ended) change({ state: 'playing' });
    }, need.startBufferMs);
  };
  return {
    viewer: {
      play: async (what = {}) => play(what),
      pause: async () => change({ state: 'paused' }),
      buffer: async () => change({ state: 'buffering' }),
      resume: async () => change({ state: 'playing' }),
      seek: async (ms) => change({ positionMs: ms }),
      leave: async () => leave(),
      sessionKey() {
        if (!session) throw new Error(`${options.user} never played`);
        return session.key;
      },
    },
    drawnBps() {
      if (!session || session.ended || !(options.onUplink ?? remote)) return 0;
      const full = session.state === 'paused' && performance.now() - session.changedAt > need.pauseBufferMs;
      return full ? 0 : session.decision.sentKbps * 1000;
    },
  };
}
