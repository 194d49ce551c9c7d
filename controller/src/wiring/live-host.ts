// The stream process from the controller's side: starts it, hands viewers' connections over, begins it anew when it dies and ends what it left running.
import { type ChildProcess, fork } from 'node:child_process';
import type { Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import type { Clock } from '../clock.ts';
import type { Log } from '../log.ts';
import type { ChannelLook, FromLive, LiveSession, LiveSettings, ToLive, ViewerFacts } from '../on-air/live-messages.ts';
import type { PlanStep } from '../on-air/plan-step.ts';
import { processStart } from './process-start.ts';

const RETRY_MS = [100, 500, 2_000, 10_000, 30_000];
/** One that lived so long died of something new. */
const SETTLED_MS = 60_000;
/** What it has to end in order: it kills its ffmpegs and goes. */
const END_MS = 2_000;

export type LiveHostDeps = {
  readonly settings: LiveSettings;
  readonly log: Log;
  readonly clock: Pick<Clock, 'monotonic'>;
  /** The stream process knows a channel's table up to `fromMs`: answer with `pushPlan`. */
  readonly wantsPlan: (channel: string, fromMs: number) => void;
  readonly viewerEnded: (viewer: { readonly id: string; readonly reason: string; readonly bytes: number }) => void;
  readonly itemFailed: (channel: string, entryId: string, reason: string) => void;
  /** What `sessions()` answers with has changed. */
  readonly onSessions?: (sessions: readonly LiveSession[]) => void;
};

export type LiveHost = AsyncDisposable & {
  /** Of the last `setLooks`: resolves when every channel's first slate is in memory; false where Headgate stops before. */
  readonly ready: Promise<boolean>;
  /** Only sessions that begin later follow. */
  setSettings(settings: LiveSettings): void;
  /** The whole list of channels that are enabled. */
  setLooks(looks: readonly ChannelLook[]): void;
  /** Takes the connection: the stream process writes the whole answer, or this one does where there is none (503). Told by `viewerEnded` in any case. */
  tune(viewer: ViewerFacts, steps: readonly PlanStep[], slateOnly: boolean, socket: Socket): void;
  /** What stands on a channel from `fromMs` on. */
  pushPlan(channel: string, fromMs: number, steps: readonly PlanStep[]): void;
  endViewer(id: string): void;
  endChannel(id: string): void;
  /** As it was told last, at most 2 s ago. */
  sessions(): readonly LiveSession[];
  pid(): number | null;
};

type State = {
  settings: LiveSettings;
  looks: readonly ChannelLook[] | null;
  child: ChildProcess | null;
  startedAt: number;
  deaths: number;
  retry: NodeJS.Timeout | null;
  stopped: boolean;
  sessions: readonly LiveSession[];
  /** Handed over and not ended yet. */
  readonly viewers: Set<string>;
  /** On their way: Node sends one after the other has arrived. */
  readonly sockets: Set<Socket>;
  /** Process ids that the stream process told of, with when each began: an id is used again one day. */
  readonly ffmpegs: Map<number, string>;
  ready: PromiseWithResolvers<boolean>;
};

/** Starts the process at once: call it only where channels are enabled. */
export function openLiveHost(deps: LiveHostDeps): LiveHost {
  const state: State = {
    ...{ settings: deps.settings, looks: null, child: null, startedAt: 0, deaths: 0, retry: null, stopped: false, sessions: [] },
    ...{ viewers: new Set(), sockets: new Set(), ffmpegs: new Map(), ready: Promise.withResolvers<boolean>() },
  };
  start(state, deps);
  const say = (message: ToLive): void => void state.child?.send(message, () => {});
  return {
    get ready() {
      return state.ready.promise;
    },
    setSettings(settings) {
      state.settings = settings;
      say({ type: 'settings', settings });
    },
    setLooks(looks) {
      // Whoever waits for the ones before waits on, for these.
      const before = state.ready;
      state.ready = Promise.withResolvers<boolean>();
      state.ready.promise.then(before.resolve, before.reject);
      state.looks = looks;
      say({ type: 'looks', looks });
    },
    tune(viewer, steps, slateOnly, socket) {
      if (state.child?.connected === true) {
        state.viewers.add(viewer.id);
        handOver(state.child, state.sockets, { type: 'viewer', viewer, steps, slateOnly }, socket);
        return;
      }
      refuse(socket);
      deps.viewerEnded({ id: viewer.id, reason: 'the stream process is starting', bytes: 0 });
    },
    pushPlan: (channel, fromMs, steps) => say({ type: 'plan', channel, fromMs, steps }),
    endViewer: (id) => say({ type: 'end-viewer', id }),
    endChannel: (channel) => say({ type: 'end-channel', channel }),
    sessions: () => state.sessions,
    pid: () => state.child?.pid ?? null,
    [Symbol.asyncDispose]: () => stop(state),
  };
}

function start(state: State, deps: LiveHostDeps): void {
  const source = import.meta.url.endsWith('.ts') ? './live-process.ts' : './live-process.js';
  // A debugger's port is taken by the controller itself; V8's other flags are not ours to hand on.
  const child = fork(fileURLToPath(new URL(source, import.meta.url)), [], {
    execArgv: [],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  state.child = child;
  state.startedAt = deps.clock.monotonic();
  child.on('message', (message) => hear(state, deps, message as FromLive));
  child.on('error', (error) => deps.log.error({ error: error.message }, 'the stream process cannot be reached'));
  child.once('exit', (code, signal) => died(state, deps, { code, signal }));
  child.send({ type: 'settings', settings: state.settings } satisfies ToLive, () => {});
  if (state.looks !== null) child.send({ type: 'looks', looks: state.looks } satisfies ToLive, () => {});
}

function hear(state: State, { log, ...deps }: LiveHostDeps, message: FromLive): void {
  switch (message.type) {
    case 'ready':
      state.ready.resolve(true);
      break;
    case 'log':
      log[message.level](message.fields, message.text);
      break;
    case 'wants-plan':
      deps.wantsPlan(message.channel, message.fromMs);
      break;
    case 'viewer-ended':
      state.viewers.delete(message.id);
      deps.viewerEnded({ id: message.id, reason: message.reason, bytes: message.bytes });
      break;
    case 'sessions':
      state.sessions = message.sessions;
      deps.onSessions?.(message.sessions);
      break;
    case 'process':
      if (message.state === 'ended') state.ffmpegs.delete(message.pid);
      else state.ffmpegs.set(message.pid, processStart(message.pid) ?? '');
      break;
    case 'item-failed':
      deps.itemFailed(message.channel, message.entryId, message.reason);
  }
}

function died(state: State, deps: LiveHostDeps, how: { readonly code: number | null; readonly signal: string | null }): void {
  state.child = null;
  state.sessions = [];
  deps.onSessions?.([]);
  for (const [pid, began] of state.ffmpegs) if (began !== '' && processStart(pid) === began) kill(pid);
  state.ffmpegs.clear();
  for (const id of state.viewers) deps.viewerEnded({ id, reason: 'the stream process ended', bytes: 0 });
  state.viewers.clear();
  for (const socket of state.sockets) socket.destroy();
  state.sockets.clear();
  if (state.stopped) return;
  if (deps.clock.monotonic() - state.startedAt > SETTLED_MS) state.deaths = 0;
  const ms = RETRY_MS[Math.min(state.deaths, RETRY_MS.length - 1)] ?? 0;
  state.deaths++;
  deps.log.error({ ...how, ms }, 'the stream process ended; it is started again');
  state.retry = setTimeout(() => start(state, deps), ms);
}

/** The whole group: whatever guards an ffmpeg goes with it. */
function kill(pid: number): void {
  for (const target of [-pid, pid]) {
    try {
      process.kill(target, 'SIGKILL');
    } catch {
      // ESRCH: gone already.
    }
  }
}

/**
 * Node frees the HTTP parser and closes the handle here. Without `server` it keeps no account of the connection on this side's server, which
 * would wait for the stream process to end all of its viewers before it could close; destroying what is left then counts the connection as gone.
 */
function handOver(child: ChildProcess, sockets: Set<Socket>, message: ToLive, socket: Socket): void {
  Object.assign(socket, { server: undefined });
  sockets.add(socket);
  child.send(message, socket, { keepOpen: false }, () => {
    sockets.delete(socket);
    socket.destroy();
  });
}

function refuse(socket: Socket): void {
  const text = 'the stream process is starting\n';
  const head = ['HTTP/1.1 503 Service Unavailable', 'Retry-After: 2', 'Content-Type: text/plain; charset=utf-8'];
  socket.end([...head, `Content-Length: ${text.length}`, 'Connection: close', '', text].join('\r\n'));
}

async function stop(state: State): Promise<void> {
  state.stopped = true;
  if (state.retry !== null) clearTimeout(state.retry);
  state.ready.resolve(false);
  const { child } = state;
  if (child === null) return;
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const limit = setTimeout(() => child.kill('SIGKILL'), END_MS);
  if (child.connected) child.disconnect();
  await gone;
  clearTimeout(limit);
}
