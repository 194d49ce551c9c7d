// Pure: what an answer of a sink means for the message that was sent.

export type Outcome =
  | { readonly kind: 'delivered' }
  /** Tried again; `afterMs` is what the sink asked for, null where it asked for nothing. */
  | { readonly kind: 'later'; readonly problem: string; readonly afterMs: number | null }
  /** Wrong key, wrong address: it does not get better by itself. */
  | { readonly kind: 'refused'; readonly problem: string }
  /** This message will never be taken; others may be. */
  | { readonly kind: 'unfit'; readonly problem: string };

/** RFC 9110: what a client may try again later. 425 is RFC 8470's. */
const LATER: readonly number[] = [408, 425, 429];
/** Of the others below 500 these say that the message is the fault. */
const UNFIT: readonly number[] = [400, 406, 409, 411, 413, 415, 422, 431];
const MOST_WAIT_MS = 3_600_000;

const REASONS: Readonly<Record<number, string>> = {
  401: 'it does not know us: wrong key or password',
  403: 'it does not allow it: wrong key, or no right to publish there',
  404: 'nothing is at that address',
  405: 'nothing that takes messages is at that address',
  410: 'what was at that address is gone',
  413: 'the message is too large for it',
  429: 'it is asked too often',
  503: 'it is not ready',
};

/** @param retryAfter the header as it came. @param now UTC ms. @param said the sink's own words, where they are known to be harmless. */
export function outcomeOf(status: number, retryAfter: string | null, now: number, said: string | null = null): Outcome {
  if (status >= 200 && status < 300) return { kind: 'delivered' };
  const problem = `HTTP ${status}${said === null ? (REASONS[status] === undefined ? '' : `, ${REASONS[status]}`) : `, ${said}`}`;
  if (status >= 300 && status < 400)
    return { kind: 'refused', problem: `HTTP ${status}, it sends us elsewhere: write the address that it leads to` };
  if (LATER.includes(status) || status >= 500 || status < 200)
    return { kind: 'later', problem, afterMs: waitOf(retryAfter, now) };
  return { kind: UNFIT.includes(status) ? 'unfit' : 'refused', problem };
}

/** RFC 9110 §10.2.3: seconds, or a date. At most an hour is believed. */
function waitOf(retryAfter: string | null, now: number): number | null {
  if (retryAfter === null) return null;
  const text = retryAfter.trim();
  // Date.parse alone takes "-5" for a year.
  const ms = /^\d+$/.test(text) ? Number(text) * 1_000 : /^[A-Z][a-z]+, /.test(text) ? Date.parse(text) - now : Number.NaN;
  return Number.isFinite(ms) ? Math.min(MOST_WAIT_MS, Math.max(0, ms)) : null;
}

const FIRST_MS = 2_000;
const MOST_BACK_OFF_MS = 5 * 60_000;
const REFUSED_MS = 15 * 60_000;

/** How long a sink rests after its `failures`-th failure in a row. `chance` is in [0, 1). */
export function restOf(outcome: Outcome, failures: number, chance: number): number {
  if (outcome.kind === 'refused') return Math.min(MOST_WAIT_MS, REFUSED_MS * failures);
  if (outcome.kind !== 'later') return 0;
  const backOff = Math.min(MOST_BACK_OFF_MS, FIRST_MS * 2 ** Math.min(20, failures - 1)) * (0.75 + chance / 2);
  return Math.max(outcome.afterMs ?? 0, backOff);
}
