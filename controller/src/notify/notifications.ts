// Everything that was told, gathered into notifications, kept, and handed to each sink that wants it.
import type { Clock } from '../clock.ts';
import { ControllerError, messageOf } from '../errors.ts';
import type { Log } from '../log.ts';
import { pairOf, titleOf } from './event-wording.ts';
import { judge, overdue, type RepeatMemory, remember, rememberedFrom, type Verdict } from './gather-repeats.ts';
import type { Happened, Message, Notification } from './notification.ts';
import type { Asked, NotificationStore } from './notification-store.ts';
import type { SinkStatus, TestResult } from './sink.ts';
import type { SinkQueue } from './sink-queue.ts';

export type NotificationsDeps = {
  readonly store: NotificationStore;
  readonly sinks: readonly SinkQueue[];
  /** The same thing within this time is one notification. */
  readonly repeatAfterMs: number;
  readonly clock: Clock;
  readonly log: Log;
  /** Random text. */
  readonly newId: () => string;
};

export type Notifications = {
  /** Takes an event; returns at once. False where it says what was said last of its subject: no news for anybody. */
  notice(event: Happened): boolean;
  /** Beginnings that an earlier run told, and nobody the end of. */
  readonly open: readonly Notification[];
  /** Newest first. */
  recent(asked: Asked): Promise<readonly Notification[]>;
  sinks(): readonly SinkStatus[];
  /** A test message to one sink, or to all (null), one after the other. @throws ControllerError not_found */
  test(sink: string | null, signal: AbortSignal): Promise<readonly TestResult[]>;
  /** Runs until the signal fires, and a second longer for what is due. */
  run(signal: AbortSignal): Promise<void>;
};

const LOOK_EACH_MS = 10_000;
/** More than this is a clock that was set back. */
const SAME_MOMENT_MS = 1_000;

/** Reads what an earlier run left to be sent. @throws ControllerError storage_failed */
export async function openNotifications(deps: NotificationsDeps): Promise<Notifications> {
  const { store, sinks, clock, log, newId } = deps;
  const { told, open, queued } = await store.load();
  let memory: RepeatMemory = rememberedFrom(told);
  for (const sink of sinks) sink.resume(queued.filter((one) => one.sink === sink.name));
  await forgetStrangers(deps, queued);
  let lastAt = told.at(-1)?.at ?? 0;
  /** Two of one millisecond keep their order, also in the store. */
  function moment(): number {
    const now = clock.now();
    lastAt = now <= lastAt && lastAt - now < SAME_MOMENT_MS ? lastAt + 1 : now;
    return lastAt;
  }
  const rules = () => ({ now: clock.now(), windowMs: deps.repeatAfterMs });
  const failed = (error: unknown): void => log.error({ error: messageOf(error) }, 'notification not kept');

  function tell(event: Happened, verdict: Extract<Verdict, { kind: 'new' }>): void {
    const { type, severity, text, details } = event;
    const { subject, repeats } = verdict;
    const notification: Notification = { id: newId(), at: moment(), type, severity, text, details, subject, repeats };
    memory = remember(memory, event, verdict, { id: notification.id, now: notification.at });
    const receivers = sinks.flatMap((sink) => {
      const place = sink.place(notification);
      return place === null ? [] : [{ sink, ...place }];
    });
    const kept = store
      .add(
        notification,
        receivers.map(({ sink, isHeld }) => ({ sink: sink.name, isHeld })),
      )
      .catch(failed);
    for (const { sink, isHeld } of receivers) sink.push(notification, isHeld, kept);
  }

  return {
    open: open.filter(({ type }) => pairOf(type)?.outlastsRestart === true),
    notice(event) {
      const verdict = judge(memory, event, rules());
      if (verdict.kind === 'new') {
        tell(event, verdict);
        return true;
      }
      memory = remember(memory, event, verdict, { id: verdict.of, now: clock.now() });
      store.repeated(verdict.of).catch(failed);
      return !(verdict.kind === 'repeat' && verdict.isSameState);
    },
    recent: store.recent,
    sinks: () => sinks.map((sink) => sink.status()),
    async test(name, signal) {
      const chosen = sinks.filter((sink) => name === null || sink.name === name);
      if (name !== null && chosen.length === 0)
        throw new ControllerError('not_found', `sink: "${name}" is not one of notifications.sinks`);
      const results: TestResult[] = [];
      for (const sink of chosen) results.push(await testOne(sink, deps, signal));
      return results;
    },
    async run(signal) {
      const working = sinks.map((sink) => sink.run(signal));
      while (!signal.aborted) {
        for (const { event, verdict } of overdue(memory, rules())) tell(event, verdict);
        await clock.sleep(LOOK_EACH_MS, signal).catch(() => {});
      }
      await Promise.all(working);
    },
  };
}

/** What is left for a sink that is no longer configured is not kept for its name's next owner. */
async function forgetStrangers(
  { store, sinks }: NotificationsDeps,
  queued: readonly { readonly sink: string; readonly notification: Notification }[],
): Promise<void> {
  for (const [sink, rows] of Map.groupBy(queued, (one) => one.sink))
    if (!sinks.some(({ name }) => name === sink))
      await store.remove(
        sink,
        rows.map(({ notification }) => notification.id),
      );
}

async function testOne(
  sink: SinkQueue,
  { clock, newId }: Pick<NotificationsDeps, 'clock' | 'newId'>,
  signal: AbortSignal,
): Promise<TestResult> {
  const from = clock.monotonic();
  const outcome = await sink.sendTest(testMessage(newId(), clock.now()), signal);
  const tookMs = Math.round(clock.monotonic() - from);
  return outcome.kind === 'delivered'
    ? { sink: sink.name, ok: true, problem: null, tookMs }
    : { sink: sink.name, ok: false, problem: outcome.problem, tookMs };
}

/** @param now UTC ms */
export const testMessage = (id: string, now: number): Message => ({
  ...{ id, at: new Date(now).toISOString(), type: 'test', severity: 'info', title: titleOf('test') },
  text: 'This is a test. What Headgate tells from now on arrives like this.',
  ...{ details: {}, repeats: 0, lost: 0 },
});
