// The server's scheduled tasks: all idle for ever but Refresh Guide, which runs one at a time and can be cancelled.
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
};

type Run = { readonly abort: AbortController; readonly done: Promise<void> };

/** `work` throws where its signal is aborted. A run takes `leastMs` before it asks anybody (recorded: 3 s). */
export function createScheduledTasks(need: {
  readonly leastMs: number;
  readonly now: () => number;
  readonly refreshGuide: (signal: AbortSignal) => Promise<void>;
}): ScheduledTasks {
  const guideId = idOf('RefreshGuide');
  const known = taskList(idOf);
  let running: Run | null = null;
  let last: Record<string, unknown> | null = null;
  const begin = () => {
    const abort = new AbortController();
    const startedAt = need.now();
    const work = async () => {
      await wait(need.leastMs, undefined, { signal: abort.signal, ref: false });
      await need.refreshGuide(abort.signal);
    };
    const ended = (status: 'Completed' | 'Cancelled' | 'Failed') => {
      if (running?.abort === abort) running = null;
      const times = { StartTimeUtc: isoTime(startedAt), EndTimeUtc: isoTime(need.now()) };
      last = { ...times, Status: status, Name: 'Refresh Guide', Key: 'RefreshGuide', Id: guideId };
    };
    const done = work().then(
      () => ended('Completed'),
      () => ended(abort.signal.aborted ? 'Cancelled' : 'Failed'),
    );
    running = { abort, done };
  };
  const stop = () => {
    running?.abort.abort();
    running = null;
  };
  return {
    list: () =>
      known.map((task) =>
        task['Id'] === guideId ? { ...task, State: running ? 'Running' : 'Idle', LastExecutionResult: last } : task,
      ),
    run(id) {
      if (id === guideId && !running) begin();
      return known.some((task) => task['Id'] === id);
    },
    cancel(id) {
      if (id === guideId) stop();
      return known.some((task) => task['Id'] === id);
    },
    queueGuide() {
      stop();
      begin();
    },
    end: stop,
    guideIsRunning: () => running !== null,
    async guideSettled() {
      for (let run = running; run; run = running) await (run as Run).done;
    },
  };
}
