// Pure: what of a sink's queue is due now: what is too old goes, what is held back waits for the end of the quiet hours, the rest in its order.
import { titleOf } from './event-wording.ts';
import { atLeast, type Message, type Notification } from './notification.ts';

export type Queued = {
  readonly notification: Notification;
  /** UTC ms. */
  readonly queuedAt: number;
  /** It came in quiet hours. */
  readonly isHeld: boolean;
  /** Settles when it is kept, or cannot be. */
  readonly kept: Promise<void>;
};

export type SinkMoment = {
  /** UTC ms. */
  readonly now: number;
  readonly isQuiet: boolean;
  /** How long the sink rests still. */
  readonly restMs: number;
  /** How long ago each message of the last minute was sent, oldest first. */
  readonly sentAgoMs: readonly number[];
};

export type DeliveryRules = {
  readonly mostPerMinute: number;
  readonly keepMs: number;
  /** After quiet hours: one message about all of it, or each for itself. */
  readonly afterQuiet: 'summary' | 'hold' | 'drop';
};

export type Step =
  | { readonly kind: 'wait'; readonly ms: number }
  | { readonly kind: 'lose'; readonly queued: readonly Queued[] }
  /** More than one: a summary. */
  | { readonly kind: 'send'; readonly queued: readonly Queued[] };

const MINUTE_MS = 60_000;
/** Quiet hours end to the second nearly; and a day after they began they have ended. */
const LOOK_EACH_MS = 15_000;
const HELD_MS = 36 * 3_600_000;
const LONG_MS = 3_600_000;

/** In quiet hours all but errors are held, also what was waiting before they began. */
export const heldIn = (queue: readonly Queued[], isQuiet: boolean): readonly Queued[] =>
  isQuiet ? queue.map((one) => (one.isHeld || one.notification.severity === 'error' ? one : { ...one, isHeld: true })) : queue;

/** `queue` as `heldIn` has it. */
export function planDelivery(queue: readonly Queued[], moment: SinkMoment, rules: DeliveryRules): Step {
  const { now, isQuiet, restMs, sentAgoMs } = moment;
  const old = queue.filter(({ queuedAt, isHeld }) => now - queuedAt > (isHeld ? HELD_MS : rules.keepMs));
  if (old.length > 0) return { kind: 'lose', queued: old };
  const open = isQuiet ? queue.filter(({ isHeld }) => !isHeld) : queue;
  const [first] = open;
  if (first === undefined) return { kind: 'wait', ms: queue.length === 0 ? LONG_MS : LOOK_EACH_MS };
  if (restMs > 0) return { kind: 'wait', ms: Math.min(restMs, LOOK_EACH_MS) };
  const oldest = sentAgoMs.filter((ms) => ms < MINUTE_MS).at(-rules.mostPerMinute);
  if (oldest !== undefined) return { kind: 'wait', ms: MINUTE_MS - oldest };
  const held = rules.afterQuiet === 'summary' ? open.filter(({ isHeld }) => isHeld) : [];
  return { kind: 'send', queued: held.length > 1 ? held : [first] };
}

/** Lines of a summary; the rest is counted. A phone shows a few. */
const MOST_LINES = 20;

/** @param clockAt time of day at home, of UTC ms. @param lost older ones that the sink never got */
export function messageFor(queued: readonly Queued[], lost: number, clockAt: (utcMs: number) => string): Message | null {
  const all = queued.map(({ notification }) => notification);
  const last = all.at(-1);
  if (last === undefined) return null;
  const lostLine = lost === 0 ? '' : `\n${lost} older ${lost === 1 ? 'message was' : 'messages were'} lost.`;
  if (all.length === 1) {
    const again =
      last.repeats === 0 ? '' : `\n${last.repeats} more ${last.repeats === 1 ? 'time' : 'times'} since it was last told.`;
    return { ...plain(last, lost), title: titleOf(last.type), text: `${last.text}${again}${lostLine}` };
  }
  const lines = all.slice(-MOST_LINES).map(({ at, text }) => `${clockAt(at)} ${text}`);
  const more = all.length > lines.length ? [`${all.length - lines.length} more before that.`] : [];
  return {
    ...plain(last, lost),
    id: `${last.id}-summary`,
    type: 'summary',
    severity: all.some(({ severity }) => atLeast(severity, 'warning')) ? 'warning' : 'info',
    title: `While it was quiet: ${all.length} events`,
    text: `${[...more, ...lines].join('\n')}${lostLine}`,
    details: { count: all.length },
    repeats: 0,
  };
}

const plain = ({ id, at, type, severity, text, details, repeats }: Notification, lost: number): Message => ({
  ...{ id, at: new Date(at).toISOString(), type, severity, title: '', text, details, repeats, lost },
});
