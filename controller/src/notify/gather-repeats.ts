// Pure: one notification for what happens over and over: the same thing within a time is counted, and what flaps is told as it is in the end.
import { pairOf, subjectOf } from './event-wording.ts';
import type { Happened, Notification } from './notification.ts';

/** Of one subject. Times are UTC ms: they outlast a restart. */
type Known = {
  /** What was told last, and the notification that told it. */
  readonly type: string;
  readonly id: string;
  /** When each type was told last. */
  readonly toldAt: Readonly<Record<string, number>>;
  /** Happened since, and was not told. */
  readonly missed: number;
  /** The other way round than told, and not to be told yet. */
  readonly waiting: Happened | null;
};

/** By subject; the least recently told first. */
export type RepeatMemory = ReadonlyMap<string, Known>;

export type Verdict =
  | { readonly kind: 'new'; readonly subject: string; readonly repeats: number }
  /** Counted on the notification `of`. `isSameState`: it says what was said, so even an automation has no use for it. */
  | { readonly kind: 'repeat'; readonly subject: string; readonly of: string; readonly isSameState: boolean }
  /** Turned round too soon; told when the time is over, if it still is so. */
  | { readonly kind: 'later'; readonly subject: string; readonly of: string };

const MOST_SUBJECTS = 500;
/** A beginning that was told so long ago, and still is the last word, may be told again. */
const SAME_STATE_MS = 24 * 3_600_000;
/** Told so long ago, in ms: a clock that was set back. Those of one moment are some ms apart. */
const SET_BACK_MS = -2_000;

/** @param windowMs within which the same thing is told once */
export function judge(
  memory: RepeatMemory,
  event: Happened,
  { now, windowMs }: { readonly now: number; readonly windowMs: number },
): Verdict {
  const subject = subjectOf(event);
  const known = memory.get(subject);
  if (known === undefined) return { kind: 'new', subject, repeats: 0 };
  const toldAgo = now - (known.toldAt[event.type] ?? Number.NEGATIVE_INFINITY);
  const isRecent = toldAgo > SET_BACK_MS && toldAgo < windowMs;
  if (event.type === known.type) {
    const pair = pairOf(event.type);
    const stands = pair?.outlastsRestart === true && toldAgo > SET_BACK_MS && toldAgo < SAME_STATE_MS;
    // One that came back after a change that waits is no news; it is the change that is not told any more.
    if (isRecent || stands || known.waiting !== null)
      return { kind: 'repeat', subject, of: known.id, isSameState: pair !== null && known.waiting === null };
    return { kind: 'new', subject, repeats: known.missed };
  }
  return isRecent ? { kind: 'later', subject, of: known.id } : { kind: 'new', subject, repeats: known.missed };
}

/** The memory after what was judged; `id` is that of the new notification. */
export function remember(
  memory: RepeatMemory,
  event: Happened,
  verdict: Verdict,
  told: { readonly id: string; readonly now: number },
): RepeatMemory {
  const known = memory.get(verdict.subject);
  const next = new Map(memory);
  next.delete(verdict.subject);
  if (verdict.kind === 'new' || known === undefined)
    next.set(verdict.subject, {
      ...{ type: event.type, id: told.id, missed: 0, waiting: null },
      toldAt: { ...known?.toldAt, [event.type]: told.now },
    });
  else {
    // Of a pair each beginning that was not told counts; that something still is as it was does not.
    const counts = verdict.kind === 'later' || pairOf(event.type) === null;
    next.set(verdict.subject, {
      ...known,
      missed: known.missed + (counts ? 1 : 0),
      waiting: verdict.kind === 'later' ? event : null,
    });
  }
  for (const subject of next.keys()) {
    if (next.size <= MOST_SUBJECTS) break;
    next.delete(subject);
  }
  return next;
}

/** Changes whose time is over: they are to be told now, with how often it came and went. */
export const overdue = (
  memory: RepeatMemory,
  { now, windowMs }: { readonly now: number; readonly windowMs: number },
): readonly { readonly event: Happened; readonly verdict: Extract<Verdict, { kind: 'new' }> }[] =>
  [...memory].flatMap(([subject, { waiting, toldAt, missed }]) => {
    const ago = waiting === null ? 0 : now - (toldAt[waiting.type] ?? Number.NEGATIVE_INFINITY);
    return waiting !== null && (ago >= windowMs || ago <= SET_BACK_MS)
      ? [{ event: waiting, verdict: { kind: 'new', subject, repeats: missed - 1 } as const }]
      : [];
  });

/** What an earlier run told, newest last. */
export function rememberedFrom(told: readonly Notification[]): RepeatMemory {
  const memory = new Map<string, Known>();
  for (const { subject, type, id, at } of told) {
    const toldAt = { ...memory.get(subject)?.toldAt, [type]: at };
    memory.delete(subject);
    memory.set(subject, { type, id, toldAt, missed: 0, waiting: null });
  }
  return new Map([...memory].slice(-MOST_SUBJECTS));
}
