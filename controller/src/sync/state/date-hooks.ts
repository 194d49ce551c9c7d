// Pure: when hooks of one user's item were made, and in which order: they come late, and clocks of servers are off and are set.
import type { WatchChange, WatchField } from '../../neighbours/watch-state.ts';
import type { Trust } from '../intake/said-by-hook.ts';
import type { Told } from './replay.ts';

export type Hook = {
  /** As the body has it; what it does not say is missing. */
  readonly has: WatchChange;
  readonly unmeant: readonly WatchField[];
  /** By the server's clock, with parts of a ms; null where it does not say. */
  readonly utcMs: number | null;
  readonly receivedMs: number;
  /** Without it: all of a state, as the server saved it. */
  readonly trust?: Trust;
};

/** Of the server: its clock minus ours, as far as it is known. */
export type Clocked = {
  readonly skew: { readonly ms: number; readonly plusMinusMs: number } | null;
  /** Our clock's moment of one of theirs. */
  oursOf(utcMs: number, receivedMs: number): number;
  /** Likewise of what was made before that clock was set ahead; null: it was not. */
  beforeSet(utcMs: number, receivedMs: number): number | null;
};

export type DatedHooks = {
  /** In the order of time. */
  readonly told: readonly Told[];
  /** The newest by the server's clock, as it is now. */
  readonly hookMs: number | null;
  /** The one that was the newest before, by our clock; null where its time orders nothing any more. */
  readonly beforeMs: number | null;
  /** False: of one of them nobody knows when it was made. */
  readonly isDated: boolean;
};

/** Hooks come as they are made: one that is older than the last by so much was made by a clock that was set back. */
const SET_BACK_MS = 60_000;
/** So sure is what was measured of a clock before it was set. */
const BEFORE_SET_MS = 1_000;

/** @param newest of the hooks before them, by the server's clock */
export function dateHooks(hooks: readonly Hook[], newest: number | null, { skew, oursOf, beforeSet }: Clocked): DatedHooks {
  const sureMs = skew?.plusMinusMs ?? Number.POSITIVE_INFINITY;
  const oursNow = (utcMs: number): number => utcMs - (skew?.ms ?? 0);
  // Ahead of when others came after it: told by a clock that was set back since.
  const isAhead = (utcMs: number, receivedMs: number): boolean => oursNow(utcMs) > receivedMs + sureMs;
  const told: Told[] = [];
  let [hookMs, isDated] = [newest, true];
  const dated = hooks.map((hook) => {
    const { utcMs, receivedMs } = hook;
    if (utcMs === null) return { hook, ms: receivedMs, isBeforeSet: false };
    return { hook, ms: oursOf(utcMs, receivedMs), isBeforeSet: beforeSet(utcMs, receivedMs) !== null };
  });
  for (const { hook, ms: oursMs, isBeforeSet } of inOrder(dated)) {
    const { has, unmeant, utcMs, receivedMs } = hook;
    if (hookMs !== null && isAhead(hookMs, receivedMs)) hookMs = null;
    // The clock was set back, and nobody knows yet by how much: the time of the last hook orders nothing.
    const wasSetBack = utcMs !== null && !isBeforeSet && (hookMs ?? utcMs) - utcMs >= SET_BACK_MS;
    if (utcMs === null || wasSetBack) isDated = false;
    if (wasSetBack) hookMs = null;
    const ms = Math.max(wasSetBack ? receivedMs : oursMs, told.at(-1)?.ms ?? Number.NEGATIVE_INFINITY);
    const isOld = isBeforeSet || (utcMs !== null && isAhead(utcMs, receivedMs));
    const isNewest = utcMs !== null && !wasSetBack && !isOld && utcMs >= (hookMs ?? utcMs);
    const sure = isBeforeSet ? Math.max(sureMs, BEFORE_SET_MS) : sureMs;
    told.push({ has, unmeant, ms, sureMs: sure, isNewest, ...(utcMs === null || isOld || wasSetBack ? {} : { utcMs }) });
    if (utcMs !== null && !isOld) hookMs = Math.max(hookMs ?? utcMs, utcMs);
  }
  const receivedMs = Math.max(...hooks.map((hook) => hook.receivedMs));
  const isKnown = newest !== null && hookMs !== null && hookMs >= newest && !isAhead(newest, receivedMs);
  return { told, hookMs, beforeMs: isKnown ? Math.min(oursNow(newest), receivedMs) : null, isDated };
}

type Dated = { readonly hook: Hook; readonly ms: number; readonly isBeforeSet: boolean };

/** As they were made, where all of them say when; but what came after a clock was set back was made after what came before. */
function inOrder(hooks: readonly Dated[]): readonly Dated[] {
  if (hooks.some(({ hook }) => hook.utcMs === null)) return hooks;
  const between: Dated[][] = [];
  let newest = Number.NEGATIVE_INFINITY;
  for (const one of hooks) {
    const utcMs = one.hook.utcMs ?? 0;
    const last = between.at(-1);
    const wasSetBack = !one.isBeforeSet && newest - utcMs >= SET_BACK_MS;
    if (last === undefined || wasSetBack) between.push([one]);
    else last.push(one);
    newest = wasSetBack ? utcMs : Math.max(newest, utcMs);
  }
  return between.flatMap((some) => [...some].sort((a, b) => a.ms - b.ms || (a.hook.utcMs ?? 0) - (b.hook.utcMs ?? 0)));
}
