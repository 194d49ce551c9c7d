// Pure: a router that falls silent, and one that speaks again: told once for each silence, and not each time for one that comes and goes.
import type { BandwidthEvent } from '../bandwidth-event.ts';
import { momentOf, spanOf } from './event-words.ts';

/** Of this moment. `silentMs` null: no router was ever heard of. */
export type RouterNow = {
  readonly router: string;
  readonly wan: string;
  readonly silentMs: number | null;
  /** Steady ms. */
  readonly now: number;
  readonly utcNow: number;
};

/** Steady ms, but for `sinceUtc`. */
export type RouterMemory = {
  /** Told as silent, and nothing of its return. */
  readonly told: { readonly router: string; readonly wan: string; readonly sinceUtc: number } | null;
  readonly toldAt: number;
  /** It speaks since; null while it does not. */
  readonly speaksSince: number | null;
};

export const ROUTER_WELL: RouterMemory = { told: null, toldAt: Number.NEGATIVE_INFINITY, speaksSince: null };

/** A sample comes each second. A restart of the agent takes less than this. */
const STALE_MS = 30_000;
/** A line that flaps is not back with its first sample. */
const SPEAKS_WITHIN_MS = 5_000;
const BACK_AFTER_MS = 10_000;
/** At most one alarm in this time. */
const APART_MS = 15 * 60_000;

export function watchRouter(
  { router, wan, silentMs, now, utcNow }: RouterNow,
  before: RouterMemory,
): { readonly event: BandwidthEvent | null; readonly memory: RouterMemory } {
  if (silentMs === null) return { event: null, memory: before };
  const speaksSince = silentMs <= SPEAKS_WITHIN_MS ? (before.speaksSince ?? now) : null;
  const memory = { ...before, speaksSince };
  if (before.told === null) {
    if (silentMs < STALE_MS || now - before.toldAt < APART_MS) return { event: null, memory };
    const sinceUtc = utcNow - silentMs;
    return {
      event: {
        type: 'router_stale',
        severity: 'warning',
        text: `Router "${router}" has been silent since ${momentOf(sinceUtc)}. Its last word fades, and after a minute of silence the safe plan follows.`,
        details: { router, wan, since: new Date(sinceUtc).toISOString() },
      },
      memory: { told: { router, wan, sinceUtc }, toldAt: now, speaksSince },
    };
  }
  if (speaksSince === null || now - speaksSince < BACK_AFTER_MS) return { event: null, memory };
  return { event: backEvent(before.told, router, utcNow - (now - speaksSince)), memory: { ...memory, told: null } };
}

/** @param router that speaks since `spokeUtc`: after a change to another WAN perhaps another one */
function backEvent(
  { router: silent, wan, sinceUtc }: NonNullable<RouterMemory['told']>,
  router: string,
  spokeUtc: number,
): BandwidthEvent {
  const silentForMs = Math.max(0, spokeUtc - sinceUtc);
  const text =
    router === silent
      ? `Router "${router}" speaks again, after a silence of ${spanOf(silentForMs)}.`
      : `Router "${router}" speaks, in place of "${silent}", which fell silent ${spanOf(silentForMs)} before.`;
  const details = { router: silent, wan, speaks: router, since: new Date(sinceUtc).toISOString() };
  return { type: 'router_back', severity: 'info', text, details: { ...details, silent_s: Math.round(silentForMs / 1_000) } };
}
