// Pure: what came of asking a player: done, not done, or not to be told. Never decided on one reading, which may be wrong for 20 s (facts/jellyfin.md §12).
import { type Ask, exceeds } from './follow-streams.ts';

const LEAST_READINGS = 3;
/** A transcode begins within 2.0 to 5.6 s; before this an answer is of what was before. */
const EARLIEST_MS = 3_000;
const LATEST_MS = 30_000;
/** Back in direct play its transcode may be remembered for 20 s more. */
const LATEST_LIFT_MS = 50_000;
/** Less than this above what it took is no lift. */
const GAIN = 1.1;

export type AskOutcome = 'waiting' | 'done' | 'refused' | 'unknown';

/** @param now steady ms */
export function judgeAsk(ask: Ask, now: number): AskOutcome {
  const late = now - ask.at >= (ask.kind === 'lift' ? LATEST_LIFT_MS : LATEST_MS);
  const readings = ask.readings.filter(({ at }) => at - ask.at >= EARLIEST_MS);
  const newest = readings.slice(-LEAST_READINGS);
  if (newest.length < LEAST_READINGS) return late ? 'unknown' : 'waiting';
  // A player that was cut off says nothing, and its list entry stands.
  const speaks = (newest.at(-1)?.checkInAt ?? 0) > ask.utcAt;
  if (speaks && newest.every(({ rateBps }) => rateBps !== null && fits(ask, rateBps))) return 'done';
  if (!late) return 'waiting';
  return speaks ? 'refused' : 'unknown';
}

const fits = ({ kind, limitBps, rateBps: before }: Ask, rateBps: number): boolean =>
  kind === 'lift' ? rateBps >= before * GAIN : !exceeds(rateBps, limitBps);
