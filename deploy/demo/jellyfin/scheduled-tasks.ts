// The server's scheduled tasks: idle for ever but Refresh Guide and Scan Media Library, each of which runs once at a time and can be cancelled.
import { setTimeout as wait } from 'node:timers/promises';
import { idOf, isoTime } from './identity.ts';
import { taskList } from './server-configuration.ts';

export type ScheduledTasks = {
  list(): readonly Record<string, unknown>[];
  /** By hand: a running one is left alone. False where there is no such task. */
  run(id: string | null): boolean;
  cancel(id: string | null): boolean;
  /** CancelIfRunningAndQueue: what each saved tuner or guide does. */
  queueGuide(): void;
  guideIsRunning(): boolean;
  end(): void;
  /** Resolves when no guide task runs or waits. */
  guideSettled(): Promise<void>;
  /** Begins a scan where none runs; resolves when it is over. */
  scan(): Promise<void>;
};

type Run = { readonly abort: AbortController; readonly done: Promise<void>; readonly startedAt: number };

type Worker = {
  readonly id: string;
  begin(): void;
  stop(): void;
  running(): Run | null;
  /** As GET /ScheduledTasks tells it. */
  state(): Record<string, unknown>;
};

type WorkerNeed = {
  readonly key: string;
  readonly name: string;
  readonly leastMs: number;
  readonly now: () => number;
  readonly work: (signal: AbortSignal) => Promise<void>;
};

function createWorker({ key, name, leastMs, now, work }: WorkerNeed): Worker {
  const id = idOf(key);
  let running: Run | null = null;
  let last: Record<string, unknown> | null = null;
  return {
    id,
    begin() {
      const abort = new AbortController();
      const startedAt = now();
      const ended = (status: 'Completed' | 'Cancelled' | 'Failed') => {
        if (running?.abort === abort) running = null;
        last = { StartTimeUtc: isoTime(startedAt), EndTimeUtc: isoTime(now()), Status: status, Name: name, Key: key, Id: id };
      };
      const done = (async () => {
        await wait(leastMs, undefined, { signal: abort.signal, ref: false });
        await work(abort.signal);
      })().then(
        () => ended('Completed'),
        () => ended(abort.signal.aborted ? 'Cancelled' : 'Failed'),
      );
      running = { abort, done, startedAt };
    },
    stop() {
      running?.abort.abort();
      running = null;
    },
    running: () => running,
    state() {
      const part = running ? Math.min(99, ((now() - running.startedAt) / Math.max(1, leastMs)) * 100) : undefined;
      return { State: running ? 'Running' : 'Idle', CurrentProgressPercentage: part, LastExecutionResult: last };
    },
  };
}

/** `refreshGuide` throws where its signal is aborted. A run takes `leastMs` before it asks anybody (recorded: 3 s); a scan takes `scanMs`. */
export function createScheduledTasks(need: {
  readonly leastMs: number;
  readonly scanMs: number;
  readonly now: () => number;
  readonly refreshGuide: (signal: AbortSignal) => Promise<void>;
}): ScheduledTasks {
  const { now, leastMs, scanMs } = need;
  const known = taskList(idOf);
  const guide = createWorker({ key: 'RefreshGuide', name: 'Refresh Guide', leastMs, now, work: need.refreshGuide });
  const library = createWorker({
    key: 'RefreshLibrary',
    name: 'Scan Media Library',
    leastMs: scanMs,
    now,
    work: () => Promise.resolve(),
  });
  const workers = new Map([guide, library].map((worker) => [worker.id, worker]));
  return {
    list: () => known.map((task) => ({ ...task, ...workers.get(String(task['Id']))?.state() })),
    run(id) {
      const worker = workers.get(id ?? '');
      if (worker && !worker.running()) worker.begin();
      return known.some((task) => task['Id'] === id);
    },
    cancel(id) {
      workers.get(id ?? '')?.stop();
      return known.some((task) => task['Id'] === id);
    },
    queueGuide() {
      guide.stop();
      guide.begin();
    },
    end() {
      guide.stop();
      library.stop();
    },
    guideIsRunning: () => guide.running() !== null,
    async guideSettled() {
      for (let run = guide.running(); run; run = guide.running()) await run.done;
    },
    async scan() {
      if (!library.running()) library.begin();
      await library.running()?.done;
    },
  };
}
