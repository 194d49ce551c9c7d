// One sink at work: its bounded queue, one message after the other, back-off where it fails, and one log line for each change of its state.
import type { Clock } from '../clock.ts';
import { messageOf } from '../errors.ts';
import type { Log } from '../log.ts';
import type { NeighbourHealth } from '../neighbours/health.ts';
import { type Backlog, createBacklog } from './backlog.ts';
import { isUsual } from './event-wording.ts';
import { atLeast, type Message, type Notification, type Severity } from './notification.ts';
import type { NotificationStore, Undelivered } from './notification-store.ts';
import { type DeliveryRules, messageFor, planDelivery, type Queued, type Step } from './plan-delivery.ts';
import { type Outcome, restOf } from './send-outcome.ts';
import type { Sink, SinkStatus } from './sink.ts';

export type SinkRules = DeliveryRules & {
  /** Null: what is usual. */
  readonly events: readonly string[] | null;
  readonly least: Severity;
  readonly isQuiet: (utcMs: number) => boolean;
};

export type SinkQueueDeps = {
  readonly sink: Sink;
  readonly rules: SinkRules;
  readonly store: Pick<NotificationStore, 'remove'>;
  /** Time of day at home. */
  readonly clockAt: (utcMs: number) => string;
  readonly clock: Clock;
  readonly log: Log;
  /** In [0, 1). */
  readonly chance: () => number;
};

export type SinkQueue = {
  readonly name: string;
  /** Whether the sink is to get it, and if so, whether it is held back in quiet hours; null where it does not. */
  place(notification: Notification): { readonly isHeld: boolean } | null;
  push(notification: Notification, isHeld: boolean, kept: Promise<void>): void;
  /** What an earlier run did not deliver. */
  resume(left: readonly Undelivered[]): void;
  status(): SinkStatus;
  /** At once, beside the queue. */
  sendTest(message: Message, signal: AbortSignal): Promise<Outcome>;
  /** Runs until the signal fires, and a moment longer for what is due. */
  run(signal: AbortSignal): Promise<void>;
};

/** A stop takes 2 s at most, with all that comes after. */
const LAST_MS = 1_000;

export function createSinkQueue(deps: SinkQueueDeps): SinkQueue {
  const { sink, rules, clock, chance } = deps;
  const backlog = createBacklog(sink.name, deps);
  const health = createHealth(deps);
  const counts = { delivered: 0, unfit: 0, failures: 0 };
  let restUntil = Number.NEGATIVE_INFINITY;
  let sentAt: readonly number[] = [];

  async function deliver(batch: readonly Queued[], signal: AbortSignal): Promise<void> {
    await Promise.all(batch.map(({ kept }) => kept));
    const untold = backlog.untold();
    const message = messageFor(batch, untold, deps.clockAt);
    const outcome = message === null ? null : await attempt(sink, message, signal);
    if (outcome === null) return;
    sentAt = [...sentAt, clock.monotonic()].slice(-rules.mostPerMinute);
    health.after(outcome);
    if (outcome.kind === 'later' || outcome.kind === 'refused') {
      counts.failures += 1;
      restUntil = clock.monotonic() + restOf(outcome, counts.failures, chance());
      return;
    }
    counts.failures = 0;
    counts[outcome.kind] += batch.length;
    if (outcome.kind === 'delivered') backlog.told(untold);
    await backlog.forget(batch);
  }

  function due(): Step {
    const [now, steady] = [clock.now(), clock.monotonic()];
    const isQuiet = rules.isQuiet(now);
    const moment = { now, isQuiet, restMs: restUntil - steady, sentAgoMs: sentAt.map((at) => steady - at) };
    return planDelivery(backlog.all(isQuiet), moment, rules);
  }

  return {
    name: sink.name,
    place: (notification) => placeIn(rules, notification, clock.now()),
    push: (notification, isHeld, kept) => backlog.add({ notification, isHeld, kept, queuedAt: notification.at }),
    resume(left) {
      for (const { notification, queuedAt, isHeld } of left)
        backlog.add({ notification, queuedAt, isHeld, kept: Promise.resolve() });
    },
    status() {
      const { delivered, unfit } = counts;
      const all = backlog.all(rules.isQuiet(clock.now()));
      const restMs = restUntil - clock.monotonic();
      return {
        ...{ name: sink.name, type: sink.type, health: health.state(), delivered, unfit, lost: backlog.lost() },
        waiting: all.length,
        held: all.filter(({ isHeld }) => isHeld).length,
        retryAt: restMs > 0 && all.length > 0 ? Math.round(clock.now() + restMs) : null,
      };
    },
    async sendTest(message, signal) {
      const outcome = (await attempt(sink, message, signal)) ?? later('the test was cut off');
      health.after(outcome);
      if (outcome.kind === 'delivered') {
        counts.failures = 0;
        restUntil = Number.NEGATIVE_INFINITY;
        backlog.wake();
      }
      return outcome;
    },
    run: (signal) => work({ due, deliver, backlog, clock }, signal),
  };
}

function placeIn(rules: SinkRules, notification: Notification, now: number): { readonly isHeld: boolean } | null {
  const { type, severity } = notification;
  const isChosen = rules.events === null ? isUsual(notification) : rules.events.includes(type);
  if (!isChosen || !atLeast(severity, rules.least)) return null;
  const isHeld = severity !== 'error' && rules.isQuiet(now);
  return isHeld && rules.afterQuiet === 'drop' ? null : { isHeld };
}

type Work = {
  readonly due: () => Step;
  readonly deliver: (batch: readonly Queued[], signal: AbortSignal) => Promise<void>;
  readonly backlog: Backlog;
  readonly clock: Clock;
};

async function work({ due, deliver, backlog, clock }: Work, signal: AbortSignal): Promise<void> {
  const last = new AbortController();
  const stop = (): void => {
    backlog.wake();
    setTimeout(() => last.abort(), LAST_MS).unref();
  };
  if (signal.aborted) stop();
  else signal.addEventListener('abort', stop, { once: true });
  while (!last.signal.aborted) {
    const asleep = backlog.nextWake();
    const step = due();
    if (step.kind === 'lose') await backlog.lose(step.queued);
    else if (step.kind === 'send') await deliver(step.queued, last.signal);
    else if (signal.aborted) return;
    else await clock.sleep(step.ms, asleep).catch(() => {});
  }
}

const later = (problem: string): Outcome => ({ kind: 'later', problem, afterMs: null });

/** Null where we cut it off ourselves. */
async function attempt(sink: Sink, message: Message, signal: AbortSignal): Promise<Outcome | null> {
  try {
    return await sink.send(message, signal);
  } catch (error) {
    return signal.aborted ? null : later(messageOf(error));
  }
}

function createHealth({ sink, clock, log }: SinkQueueDeps) {
  let now: NeighbourHealth = { state: 'starting', since: clock.now(), problem: null };
  return {
    state: () => now,
    after(outcome: Outcome): void {
      const before = now;
      const state = outcome.kind === 'later' ? 'unreachable' : outcome.kind === 'refused' ? 'refused' : 'live';
      const problem = outcome.kind === 'delivered' ? null : outcome.problem;
      now = { state, problem, since: state === before.state ? before.since : clock.now() };
      if (state === before.state && (problem === null) === (before.problem === null)) return;
      if (problem !== null) log.warn({ sink: sink.name, problem }, SENTENCES[outcome.kind]);
      else if (before.state !== 'starting') log.info({ sink: sink.name }, 'notifications arrive again');
    },
  };
}

const SENTENCES: Readonly<Record<Outcome['kind'], string>> = {
  delivered: 'notifications arrive',
  later: 'notifications do not arrive; they are tried again',
  refused: 'notifications are refused; they are tried again from time to time',
  unfit: 'a notification was refused and is left out',
};
