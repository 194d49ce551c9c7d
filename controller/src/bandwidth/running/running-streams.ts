// The streams that run, and what their players are asked for: who keeps to its limit, who is asked to negotiate anew, and whether it did.
import type { Clock } from '../../clock.ts';
import type { Log } from '../../log.ts';
import type { Players } from '../../neighbours/media-server.ts';
import type { BandwidthEvent } from '../bandwidth-event.ts';
import type { Decision } from '../decision.ts';
import type { BandwidthSettings } from '../settings.ts';
import type { WatchedStream } from '../watched-streams.ts';
import { askPlayer } from './ask-player.ts';
import { type Ask, capStateOf, type Followed, type Following, followStreams, type ServerLimit } from './follow-streams.ts';
import { type AskOutcome, judgeAsk } from './judge-ask.ts';
import { type AskMemory, NOTHING_ASKED, type PlannedAsk, planAsks, type RunningStream } from './plan-asks.ts';
import { ignoredCap } from './running-words.ts';

export type RunningDeps = {
  /** Null where nothing can be asked of this server's players. */
  readonly playersOf: (server: string) => Players | null;
  /** The limit that stands for a viewer; null while it is not known. */
  readonly limitOf: (viewer: string) => ServerLimit | null;
  readonly clock: Clock;
  readonly log: Log;
  readonly tell: (event: BandwidthEvent) => void;
  readonly changed: () => void;
};

export type RunningStreams = {
  /** How it keeps to its limit, and what it would take without. */
  known(stream: WatchedStream): Pick<WatchedStream, 'capState' | 'wishBps'>;
  /** Takes what its servers say now. */
  follow(streams: readonly WatchedStream[]): void;
  /** Asks whose turn it is; returns at once. */
  act(turn: RunningTurn, signal: AbortSignal): void;
  /** Resolves when no request is on its way. */
  idle(): Promise<void>;
};

export type RunningTurn = {
  readonly streams: readonly WatchedStream[];
  readonly decision: Decision;
  readonly settings: BandwidthSettings;
  /** False while stopping and rehearsing. */
  readonly mayAsk: boolean;
};

/** A viewer is left alone for so long after each request, whatever came of it; and after a start, for an earlier run may have asked. */
const AGAIN_MS = 120_000;
/** It was not sent. */
const RETRY_MS = 15_000;

/** What all steps below work on. */
type Running = RunningDeps & {
  readonly startedAt: number;
  following: Following;
  memory: AskMemory;
  /** Steady ms from which on a viewer may be asked again. */
  readonly notBefore: Map<string, number>;
  /** By stream and item, so that it is told once. */
  readonly told: Set<string>;
  readonly busy: Set<Promise<void>>;
};

export function createRunningStreams(deps: RunningDeps): RunningStreams {
  const at: Running = {
    ...deps,
    startedAt: deps.clock.monotonic(),
    following: new Map(),
    memory: NOTHING_ASKED,
    notBefore: new Map(),
    told: new Set(),
    busy: new Set(),
  };
  return {
    known: (watched) => known(at, watched),
    follow: (streams) => follow(at, streams),
    act: (turn, signal) => act(at, turn, signal),
    async idle() {
      while (at.busy.size > 0) await Promise.all(at.busy);
    },
  };
}

function known(at: Running, watched: WatchedStream): Pick<WatchedStream, 'capState' | 'wishBps'> {
  const { demand, stream, capState } = watched;
  const followed = at.following.get(watched.key);
  if (followed === undefined) return { capState, wishBps: demand.bps };
  const wishBps = followed.lowered ? Math.max(demand.bps, stream.nominalBps ?? 0) : demand.bps;
  return { capState: followed.state, wishBps };
}

function follow(at: Running, streams: readonly WatchedStream[]): void {
  const now = at.clock.monotonic();
  for (const { viewer, startedAt } of streams)
    if (startedAt < at.startedAt && now < at.startedAt + AGAIN_MS) at.notBefore.set(viewer, at.startedAt + AGAIN_MS);
  at.following = followStreams(at.following, streams, at.limitOf, { steady: now, startedAt: at.startedAt });
  for (const [viewer, until] of at.notBefore) if (until < now) at.notBefore.delete(viewer);
  for (const watched of streams) {
    const followed = at.following.get(watched.key);
    if (followed?.ask) settle(at, watched, { followed, ask: followed.ask, outcome: judgeAsk(followed.ask, now) });
  }
  tellIgnored(at, streams);
}

function note(at: Running, watched: WatchedStream, change: Partial<Followed>): void {
  const before = at.following.get(watched.key);
  if (before === undefined) return;
  const next = { ...before, ...change };
  const state = capStateOf(watched, next, at.limitOf(watched.viewer), at.clock.monotonic());
  at.following = new Map(at.following).set(watched.key, { ...next, state });
}

type Answered = { readonly followed: Followed; readonly ask: Ask; readonly outcome: AskOutcome };

function settle(at: Running, watched: WatchedStream, { followed, ask, outcome }: Answered): void {
  if (outcome === 'waiting') return;
  const isLift = ask.kind === 'lift';
  note(at, watched, {
    ask: null,
    lowered: isLift ? followed.lowered && outcome !== 'refused' : followed.lowered || outcome === 'done',
    stays: followed.stays || (isLift && outcome === 'refused'),
    refused: !isLift && outcome === 'refused',
    replayed: followed.replayed || ask.kind === 'replay',
  });
  const afterS = Math.round((at.clock.monotonic() - ask.at) / 100) / 10;
  at.log.info(
    { viewer: `${watched.server}/${watched.stream.userName}`, how: ask.kind, outcome, after_s: afterS },
    'what a player made of it',
  );
}

function tellIgnored(at: Running, streams: readonly WatchedStream[]): void {
  const names = new Set<string>();
  for (const watched of streams) {
    const followed = at.following.get(watched.key);
    const isIgnored = followed?.state === 'ignored';
    if (followed === undefined || (!isIgnored && at.told.size === 0)) continue;
    const name = `${watched.key} ${followed.itemId ?? ''}`;
    names.add(name);
    const limit = isIgnored && !at.told.has(name) ? at.limitOf(watched.viewer) : null;
    if (limit === null) continue;
    at.told.add(name);
    at.tell(ignoredCap({ watched, limitBps: limit.bps, refused: followed.refused }));
  }
  for (const name of at.told) if (!names.has(name)) at.told.delete(name);
}

function act(at: Running, { streams, decision, settings, mayAsk }: RunningTurn, signal: AbortSignal): void {
  const now = at.clock.monotonic();
  const running = streams.flatMap((watched): readonly RunningStream[] => {
    const followed = at.following.get(watched.key);
    return followed ? [{ watched, followed, limit: at.limitOf(watched.viewer) }] : [];
  });
  const isDue = (viewer: string): boolean => (at.notBefore.get(viewer) ?? 0) <= now;
  const { asks, memory } = planAsks({ now, settings, decision, running, isDue }, at.memory);
  at.memory = memory;
  if (mayAsk) for (const ask of asks) begin(at, ask, settings.viewerMessage, signal);
}

function begin(at: Running, asked: PlannedAsk, message: string, signal: AbortSignal): void {
  const { kind, limitBps, rateBps } = asked;
  const { watched } = asked.running;
  const { viewer, server } = watched;
  const now = at.clock.monotonic();
  note(at, watched, { ask: { kind, at: now, utcAt: at.clock.now(), limitBps, rateBps, readings: [] } });
  at.notBefore.set(viewer, now + AGAIN_MS);
  const done: Promise<void> = askPlayer(asked, { players: at.playersOf(server), message, log: at.log }, signal)
    .then((isSent) => {
      if (isSent) return;
      note(at, watched, { ask: null });
      at.notBefore.set(viewer, at.clock.monotonic() + RETRY_MS);
    })
    .finally(() => {
      at.busy.delete(done);
      at.changed();
    });
  at.busy.add(done);
}
