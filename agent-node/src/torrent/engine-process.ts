// One life of the torrent process after the other: starts it when it is needed, again with a back-off when it dies, and ends it.
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { type FromEngine, fromEngine, type ToEngine } from './engine-messages.ts';
import type { EngineLog } from './torrent-engine.ts';

const RETRY_MS = [200, 1_000, 3_000, 10_000, 30_000];
/** One that lived so long died of something new. */
const SETTLED_MS = 60_000;
/** A little more than the process takes to say good-bye to its trackers. */
const END_MS = 3_000;
/**
 * glibc gives what is freed back to the system, and keeps fewer pools: after 1 GiB was verified the process has 107 MB instead of 180.
 * A megabyte that comes and goes by the thousand would else teach it to keep them.
 */
const SMALL_HEAP = { MALLOC_MMAP_THRESHOLD_: '131072', MALLOC_TRIM_THRESHOLD_: '131072', MALLOC_ARENA_MAX: '2' };

export type EngineProcessDeps = {
  /** All that the process gets of it, but for its own. */
  readonly environment: Readonly<Record<string, string>>;
  readonly log: EngineLog;
  /** A new one runs and hears. */
  readonly started: () => void;
  readonly heard: (message: FromEngine) => void;
  /** It has ended; `again`: a next one follows by itself. */
  readonly ended: (again: boolean) => void;
};

export type EngineProcess = {
  readonly running: () => boolean;
  /** Also while one waits to be tried again. Nothing where it runs. */
  start(): void;
  /** False where none hears. */
  say(message: ToEngine): boolean;
  /** Ends the one that runs; the next follows at once. */
  restart(): void;
  /** Resolves at once but where one is being ended: then when it is gone, and the next begun if it is wanted. */
  settled(): Promise<void>;
  /** Until the next `start`. Resolves when it is gone. */
  stop(): Promise<void>;
};

type State = {
  child: ChildProcess | null;
  startedAt: number;
  deaths: number;
  retry: NodeJS.Timeout | null;
  wanted: boolean;
  meant: boolean;
  ending: Promise<void>;
};

export function createEngineProcess(deps: EngineProcessDeps): EngineProcess {
  const state: State = {
    child: null,
    startedAt: 0,
    deaths: 0,
    retry: null,
    wanted: false,
    meant: false,
    ending: Promise.resolve(),
  };
  return {
    running: () => state.child !== null,
    start() {
      state.wanted = true;
      if (state.child === null && state.retry === null) begin(state, deps);
    },
    say(message) {
      if (state.child?.connected !== true) return false;
      state.child.send(message, () => {});
      return true;
    },
    restart() {
      state.meant = true;
      state.ending = stop(state.child);
    },
    async stop() {
      state.wanted = false;
      state.meant = true;
      if (state.retry !== null) clearTimeout(state.retry);
      state.retry = null;
      state.ending = stop(state.child);
      await state.ending;
    },
    settled: () => state.ending,
  };
}

function begin(state: State, deps: EngineProcessDeps): void {
  // In a release it is a bundle beside the program's own.
  const source = import.meta.url.endsWith('.ts') ? './engine-main.ts' : './torrent-engine.js';
  // A debugger's port is taken by the program itself; V8's other flags are not ours to hand on.
  const child = fork(fileURLToPath(new URL(source, import.meta.url)), [], {
    execArgv: [],
    env: { ...deps.environment, ...SMALL_HEAP },
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  Object.assign(state, { child, startedAt: performance.now(), retry: null, meant: false });
  child.on('message', (message) => {
    const heard = fromEngine.safeParse(message);
    if (heard.success) deps.heard(heard.data);
    else deps.log.warn({ error: heard.error.message }, 'the torrent process said what it should not');
  });
  child.on('error', (error) => deps.log.warn({ error: error.message }, 'the torrent process cannot be reached'));
  child.once('exit', (code, signal) => died(state, deps, { code, signal }));
  deps.started();
}

function died(
  state: State,
  deps: EngineProcessDeps,
  how: { readonly code: number | null; readonly signal: string | null },
): void {
  const meant = state.meant || !state.wanted;
  if (performance.now() - state.startedAt > SETTLED_MS) state.deaths = 0;
  state.child = null;
  state.meant = false;
  deps.ended(state.wanted);
  if (!state.wanted) return;
  if (meant) {
    begin(state, deps);
    return;
  }
  const waitMs = RETRY_MS[Math.min(state.deaths, RETRY_MS.length - 1)] ?? 0;
  // Said once a row of deaths.
  if (state.deaths === 0) deps.log.warn({ ...how, waitMs }, 'the torrent process ended and begins anew');
  state.deaths += 1;
  state.retry = setTimeout(() => begin(state, deps), waitMs);
}

async function stop(child: ChildProcess | null): Promise<void> {
  if (child === null || child.exitCode !== null || child.signalCode !== null) return;
  const gone = Promise.withResolvers<void>();
  child.once('exit', () => gone.resolve());
  const timer = setTimeout(() => child.kill('SIGKILL'), END_MS);
  if (child.connected) child.send({ type: 'stop' } satisfies ToEngine, () => {});
  else child.kill('SIGKILL');
  await gone.promise;
  clearTimeout(timer);
}
