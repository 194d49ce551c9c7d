// When to ask a media server for its sessions again, and when to try its socket again. Milliseconds. Pure.
import type { FailureKind } from './server-failure.ts';

/** What the timing hangs on. */
export type PollSituation = {
  /** The socket tells what happens, as far as we know. */
  readonly pushed: boolean;
  /** How the last request went. */
  readonly outcome: 'ok' | FailureKind;
  /** How long no request has gone well. */
  readonly silentForMs: number;
  /** As configured; undefined for the defaults. */
  readonly intervalMs: number | undefined;
  /** The operator wants a plain poller. */
  readonly fixed: boolean;
  /** How long a refused key rests: an administrator may have made it valid again. */
  readonly refusedMs: number;
};

const SAFETY_MS = 60_000;
/** So that a start is seen within 6 s while the socket is down. */
const QUICK_MS = 5000;
/** A restart takes 4 to 12 s (12.0.0): nobody is given up before a minute. */
const PATIENCE_MS = 60_000;
const LONGEST_MS = 30_000;

/** Time from one poll to the next. */
export const pollInterval = (now: PollSituation): number => {
  if (now.outcome === 'refused') return now.refusedMs;
  if (now.fixed) return now.intervalMs ?? QUICK_MS;
  const safety = now.intervalMs ?? SAFETY_MS;
  if (now.outcome === 'ok' && now.pushed) return safety;
  const quick = Math.min(QUICK_MS, safety);
  if (now.outcome === 'ok' || now.outcome === 'starting' || now.silentForMs < PATIENCE_MS) return quick;
  return Math.max(quick, Math.min(LONGEST_MS, now.silentForMs / 6));
};

/** The next moment of a fixed rhythm: what was missed is left out, and nothing drifts. */
export const nextTick = (last: number, intervalMs: number, now: number): number => {
  const next = last + intervalMs;
  return next > now ? next : last + Math.ceil((now - last + 1) / intervalMs) * intervalMs;
};

/** Wait before the n-th retry of the socket in a row; the first one is at once. `chance` is in [0, 1). */
export const socketBackoff = (retry: number, chance: number): number =>
  retry <= 1 ? 0 : Math.min(15_000, 1000 * 2 ** (retry - 2)) * (0.5 + chance);
