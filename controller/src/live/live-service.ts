// All channels that are watched: opens a session for the first viewer, lets the others join, ends what nobody watches; speaks live-messages.
import type { Socket } from 'node:net';
import type { Clock } from '../clock.ts';
import type { Log } from '../log.ts';
import type { ChannelLook, FromLive, LiveSettings, ToLive } from '../on-air/live-messages.ts';
import type { MakeSlate, ProbeMedia, StartProgramme } from '../on-air/programme-order.ts';
import { type ChannelSession, openSession, type SessionDeps } from './channel-session.ts';
import { createSlates, type Slates } from './slates.ts';
import type { SourceProxy } from './source-proxy.ts';
import { answerHead, refuseViewer } from './viewer.ts';

const LOOK_MS = 2_000;

/** Of one state of the settings. `maker` changes with the program: slates of another are made anew. */
export type LiveTools = {
  readonly start: StartProgramme;
  readonly makeSlate: MakeSlate;
  readonly probe: ProbeMedia;
  readonly maker: string;
};

export type LiveDeps = {
  readonly proxy: Pick<SourceProxy, 'lease'>;
  readonly openTools: (settings: LiveSettings) => LiveTools;
  readonly tell: (message: FromLive) => void;
  readonly clock: Pick<Clock, 'now' | 'monotonic'>;
  readonly log: Log;
  /** How often `sessions` is told; 2 s where absent. */
  readonly lookMs?: number;
};

export type Live = Disposable & {
  hear(message: ToLive, socket: Socket | null): void;
};

type Ground = { readonly settings: LiveSettings; readonly tools: LiveTools; readonly slates: Slates };

type State = {
  ground: Ground | null;
  /** Null before they were told. */
  looks: ReadonlyMap<string, ChannelLook> | null;
  /** By channel; a pre-warm has one of its own, by its viewer's id. */
  readonly sessions: Map<string, ChannelSession>;
  readonly stop: AbortController;
};

export function createLive(deps: LiveDeps): Live {
  const state: State = { ground: null, looks: null, sessions: new Map(), stop: new AbortController() };
  const { sessions } = state;
  let toldOfNone = true;
  let looked = deps.clock.monotonic();
  const look = (): void => {
    const passed = deps.clock.monotonic() - looked;
    looked += passed;
    for (const session of sessions.values()) session.look(passed);
    if (sessions.size === 0 && toldOfNone) return;
    toldOfNone = sessions.size === 0;
    deps.tell({ type: 'sessions', sessions: [...sessions.values()].map((session) => session.state()) });
  };
  const timer = setInterval(look, deps.lookMs ?? LOOK_MS);
  return {
    hear: (message, socket) => hear(state, deps, message, socket),
    [Symbol.dispose]() {
      clearInterval(timer);
      state.stop.abort();
      for (const session of sessions.values()) session.end('Headgate stops');
    },
  };
}

function hear(state: State, deps: LiveDeps, message: ToLive, socket: Socket | null): void {
  const { sessions } = state;
  switch (message.type) {
    case 'settings':
      state.ground = groundFor(message.settings, state, deps);
      prepare(state, deps);
      return;
    case 'looks':
      state.looks = new Map(message.looks.map((look) => [look.channel, look]));
      prepare(state, deps);
      return;
    case 'viewer':
      // Null: the client left while its connection was on its way.
      if (socket === null) deps.tell({ type: 'viewer-ended', id: message.viewer.id, reason: 'the client left', bytes: 0 });
      else admit(state, deps, message, socket);
      return;
    case 'plan':
      sessions.get(message.channel)?.plan(message.fromMs, message.steps);
      return;
    case 'end-viewer':
      for (const session of sessions.values()) session.endViewer(message.id);
      return;
    case 'end-channel':
      sessions.get(message.channel)?.end('the channel was ended');
  }
}

function groundFor(settings: LiveSettings, { stop }: State, { openTools, log }: LiveDeps): Ground {
  const tools = openTools(settings);
  const { makeSlate: make, maker } = tools;
  const slates = createSlates({ folder: settings.slateFolder, maker, make, log, signal: stop.signal });
  return { settings, tools, slates };
}

function prepare({ ground, looks, stop }: State, { tell }: LiveDeps): void {
  if (ground === null || looks === null) return;
  void ground.slates.prepare([...looks.values()], () => {
    if (!stop.signal.aborted) tell({ type: 'ready' });
  });
}

type Admission = Extract<ToLive, { type: 'viewer' }>;

function admit(state: State, deps: LiveDeps, order: Admission, socket: Socket): void {
  const { viewer } = order;
  const over = (reason: string): void => deps.tell({ type: 'viewer-ended', id: viewer.id, reason, bytes: 0 });
  const session = sessionFor(state, deps, order);
  if (typeof session === 'string') {
    refuseViewer(socket, '503 Service Unavailable', `${session}\n`);
    over(session);
  } else if (viewer.method === 'HEAD') {
    answerHead(socket);
    over('only the head was asked for');
  } else {
    deps.log.info({ channel: viewer.channel, consumer: viewer.consumer, address: viewer.address }, 'a viewer tunes in');
    session().join(viewer, socket);
  }
}

/** Opens one where none runs, when it is called; a sentence where the viewer cannot be admitted. */
function sessionFor(state: State, deps: LiveDeps, { viewer, steps, slateOnly }: Admission): (() => ChannelSession) | string {
  const { ground, sessions, looks } = state;
  const look = looks?.get(viewer.channel);
  if (ground === null || look === undefined) return 'the channel is not ready';
  const key = slateOnly ? `pre-warm ${viewer.id}` : viewer.channel;
  const known = sessions.get(key);
  const viewers = [...sessions.values()].reduce((sum, session) => sum + session.viewers(), 0);
  if (viewers >= ground.settings.maxViewers) return 'as many watch as are allowed';
  if (known !== undefined) return () => known;
  // Who zaps leaves channels behind that nobody watches and that have not ended yet.
  const idle = [...sessions.values()].find((session) => session.viewers() === 0);
  const isFull = sessions.size >= ground.settings.maxSessions;
  if (isFull && idle === undefined) return 'as many channels are watched as are allowed';
  return () => {
    if (isFull) idle?.end('another channel needs its place');
    const session = openSession(sessionDeps({ key, look, steps, slateOnly, ground }, state, deps));
    sessions.set(key, session);
    return session;
  };
}

type Opening = Pick<Admission, 'steps' | 'slateOnly'> & {
  readonly key: string;
  readonly look: ChannelLook;
  readonly ground: Ground;
};

function sessionDeps(opening: Opening, { sessions }: State, { tell, proxy, clock, log }: LiveDeps): SessionDeps {
  const { key, look, slateOnly, ground } = opening;
  const { channel } = look;
  const { start, probe } = ground.tools;
  return {
    look,
    slateOnly,
    steps: slateOnly ? [] : opening.steps,
    idleStopMs: slateOnly ? 0 : ground.settings.idleStopMs,
    feed: { start, probe, proxy, onProcess: (pid, state) => tell({ type: 'process', pid, state }) },
    slates: ground.slates,
    zone: ground.settings.zone,
    clock,
    log: log.child({ channel: look.name }),
    wantsPlan: (fromMs) => tell({ type: 'wants-plan', channel, fromMs }),
    itemFailed: (entryId, reason) => tell({ type: 'item-failed', channel, entryId, reason }),
    viewerEnded: (id, reason, bytes) => tell({ type: 'viewer-ended', id, reason, bytes }),
    onEnd: () => sessions.delete(key),
  };
}
